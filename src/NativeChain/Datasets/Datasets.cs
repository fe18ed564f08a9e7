namespace NativeChain;

/// <summary>Data sets to learn from.</summary>
public static partial class Datasets
{
    /// <summary>The environment variable that names the folder of data sets.</summary>
    public const string DataVariable = "NATIVECHAIN_DATA";

    private const int Classes = 10;

    /// <summary>MNIST: 60,000 images of handwritten digits to train on and 10,000 to test on.</summary>
    /// <remarks>
    /// Read from idx files, gzipped or not: from <paramref name="folder"/>, else from the folder that the environment variable
    /// NATIVECHAIN_DATA names; else from the cache (`NativeChain/mnist` in the user's local application data), into which it is
    /// downloaded, from either of two mirrors, if it is not there. What is downloaded is checked by its SHA-256.
    /// </remarks>
    /// <param name="withLabel">Whether labels come with the images.</param>
    /// <param name="ndim">Number of axes of an image: 1 for (784), 2 for (28, 28), 3 for (1, 28, 28).</param>
    /// <param name="scale">What a white pixel is; a black one is 0.</param>
    /// <param name="dtype">Dtype of the images; null for the configuration's.</param>
    /// <param name="labelDType">Dtype of the labels.</param>
    /// <param name="folder">Folder of the files; null looks as said above.</param>
    /// <returns>Examples (image, label), or (image), to train and to test on.</returns>
    /// <exception cref="DatasetNotFoundException">The files are nowhere to be found. The message names all that was tried.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or another than it should be. The message names it.</exception>
    public static (TupleDataset Train, TupleDataset Test) GetMnist(
        bool withLabel = true,
        int ndim = 1,
        double scale = 1.0,
        DType? dtype = null,
        DType labelDType = DType.Int32,
        string? folder = null)
    {
        CheckNDim(ndim);
        string[] files = MnistFiles.Find(folder, MnistFiles.CacheFolder, MnistFiles.Mirrors);
        return (Load(files[0], files[1]), Load(files[2], files[3]));

        TupleDataset Load(string imageFile, string labelFile)
        {
            (int[] extents, byte[] pixels) = IdxFile.Read(imageFile, ndim: 3);
            if (extents[1] != 28 || extents[2] != 28)
            {
                throw new InvalidDataException($"{imageFile}: holds images of {extents[1]} x {extents[2]} pixels, not 28 x 28");
            }
            if (!withLabel)
            {
                return new TupleDataset(ToImages(pixels, extents[0], ndim, scale, dtype));
            }
            (int[] count, byte[] labels) = IdxFile.Read(labelFile, ndim: 1);
            if (count[0] != extents[0])
            {
                throw new InvalidDataException($"{labelFile}: holds {count[0]} labels, but {imageFile} {extents[0]} images");
            }
            int bad = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(Classes - 1));
            if (bad >= 0)
            {
                throw new InvalidDataException($"{labelFile}: label {bad} is {labels[bad]}, which is no digit");
            }
            return new TupleDataset(ToImages(pixels, extents[0], ndim, scale, dtype), ToLabels(labels, labelDType));
        }
    }

    private static void CheckNDim(int ndim)
    {
        if (ndim is < 1 or > 3)
        {
            throw new ArgumentOutOfRangeException(nameof(ndim), ndim, "must be 1, 2 or 3");
        }
    }

    /// <summary>Bytes to (count, 784), (count, 28, 28) or (count, 1, 28, 28), divided by 255 and scaled.</summary>
    private static NDArray ToImages(byte[] pixels, int count, int ndim, double scale, DType? dtype)
    {
        Shape shape = ndim switch
        {
            1 => new Shape(count, 784),
            2 => new Shape(count, 28, 28),
            _ => new Shape(count, 1, 28, 28),
        };
        return NDArray.FromSpan<byte>(pixels, shape).AsType(dtype ?? Config.DType) * (scale / 255.0);
    }

    private static NDArray ToLabels(byte[] labels, DType dtype) =>
        NDArray.FromSpan<byte>(labels, new Shape(labels.Length)).AsType(dtype);
}
