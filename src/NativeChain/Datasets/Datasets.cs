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
    /// NATIVECHAIN_DATA names, or `mnist` in it; else from the cache (`NativeChain/mnist` in the user's local application data), into which
    /// it is downloaded, from either of two mirrors, if it is not there. What is downloaded is checked by its SHA-256.
    /// </remarks>
    /// <param name="withLabel">Whether labels come with the images.</param>
    /// <param name="ndim">Number of axes of an image: 1 for (784), 2 for (28, 28), 3 for (1, 28, 28).</param>
    /// <param name="scale">What a white pixel is; a black one is 0.</param>
    /// <param name="dtype">Dtype of the images; null for the configuration's.</param>
    /// <param name="labelDType">Dtype of the labels.</param>
    /// <param name="folder">Folder of the files; null looks as said above.</param>
    /// <param name="rgbFormat">Whether an image of three axes is grey in three channels, (3, 28, 28), instead of one.</param>
    /// <returns>Examples (image, label), or (image), to train and to test on.</returns>
    /// <exception cref="DatasetNotFoundException">The files are nowhere to be found. The message names all that was tried.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or another than it should be. The message names it.</exception>
    public static (TupleDataset Train, TupleDataset Test) GetMnist(
        bool withLabel = true,
        int ndim = 1,
        double scale = 1.0,
        DType? dtype = null,
        DType labelDType = DType.Int32,
        string? folder = null,
        bool rgbFormat = false) =>
        GetIdx(DatasetFiles.Mnist, withLabel, ndim, scale, dtype, labelDType, folder, rgbFormat);

    /// <summary>Fashion-MNIST: 60,000 images of articles of clothing to train on and 10,000 to test on, in the form of MNIST.</summary>
    /// <remarks>
    /// Read from idx files, gzipped or not: from <paramref name="folder"/>, else from `fashion-mnist` in the folder that the environment
    /// variable NATIVECHAIN_DATA names (its files have the names of MNIST's); else from the cache (`NativeChain/fashion-mnist` in the user's
    /// local application data), into which it is downloaded, from either of two mirrors, if it is not there. What is downloaded is
    /// checked by its SHA-256. Xiao, Rasul and Vollgraf, 2017.
    /// </remarks>
    /// <param name="withLabel">Whether labels come with the images.</param>
    /// <param name="ndim">Number of axes of an image: 1 for (784), 2 for (28, 28), 3 for (1, 28, 28).</param>
    /// <param name="scale">What a white pixel is; a black one is 0.</param>
    /// <param name="dtype">Dtype of the images; null for the configuration's.</param>
    /// <param name="labelDType">Dtype of the labels.</param>
    /// <param name="folder">Folder of the files; null looks as said above.</param>
    /// <param name="rgbFormat">Whether an image of three axes is grey in three channels, (3, 28, 28), instead of one.</param>
    /// <returns>Examples (image, label), or (image), to train and to test on.</returns>
    /// <exception cref="DatasetNotFoundException">The files are nowhere to be found. The message names all that was tried.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or another than it should be. The message names it.</exception>
    public static (TupleDataset Train, TupleDataset Test) GetFashionMnist(
        bool withLabel = true,
        int ndim = 1,
        double scale = 1.0,
        DType? dtype = null,
        DType labelDType = DType.Int32,
        string? folder = null,
        bool rgbFormat = false) =>
        GetIdx(DatasetFiles.FashionMnist, withLabel, ndim, scale, dtype, labelDType, folder, rgbFormat);

    /// <summary>Names of Fashion-MNIST's ten classes, in the order of the labels.</summary>
    public static IReadOnlyList<string> GetFashionMnistLabels() =>
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    private static (TupleDataset Train, TupleDataset Test) GetIdx(
        DatasetFiles source, bool withLabel, int ndim, double scale, DType? dtype, DType labelDType, string? folder, bool rgbFormat)
    {
        CheckNDim(ndim);
        string[] files = source.Find(folder);
        return (Load(files[0], files[1]), Load(files[2], files[3]));

        TupleDataset Load(string imageFile, string labelFile)
        {
            (int[] extents, byte[] pixels) = IdxFile.Read(imageFile, ndim: 3);
            if (extents[1] != 28 || extents[2] != 28)
            {
                throw new InvalidDataException($"{imageFile}: holds images of {extents[1]} x {extents[2]} pixels, not 28 x 28");
            }
            NDArray images = ToImages(pixels, extents[0], ndim, scale, dtype);
            if (rgbFormat && ndim == 3)
            {
                images = images.BroadcastTo((extents[0], 3, 28, 28)).Copy();
            }
            if (!withLabel)
            {
                return new TupleDataset(images);
            }
            (int[] count, byte[] labels) = IdxFile.Read(labelFile, ndim: 1);
            if (count[0] != extents[0])
            {
                throw new InvalidDataException($"{labelFile}: holds {count[0]} labels, but {imageFile} {extents[0]} images");
            }
            int bad = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(Classes - 1));
            if (bad >= 0)
            {
                throw new InvalidDataException($"{labelFile}: label {bad} is {labels[bad]}, but there are {Classes} classes");
            }
            return new TupleDataset(images, ToLabels(labels, labelDType));
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
        return ToImages(pixels, shape, scale, dtype);
    }

    private static NDArray ToImages(byte[] pixels, Shape shape, double scale, DType? dtype) =>
        NDArray.FromSpan<byte>(pixels, shape).AsType(dtype ?? Config.DType) * (scale / 255.0);

    private static NDArray ToLabels(byte[] labels, DType dtype) =>
        NDArray.FromSpan<byte>(labels, new Shape(labels.Length)).AsType(dtype);
}
