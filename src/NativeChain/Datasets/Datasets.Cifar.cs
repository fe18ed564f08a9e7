namespace NativeChain;

public static partial class Datasets
{
    /// <summary>CIFAR-10: 50,000 colour images of ten classes to train on and 10,000 to test on.</summary>
    /// <remarks>
    /// Read from its binary version: `cifar-10-binary.tar.gz`, or `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, by
    /// themselves or in `cifar-10-batches-bin`; in <paramref name="folder"/>, else in the folder that the environment variable
    /// NATIVECHAIN_DATA names, or `cifar-10` in it; else in the cache (`NativeChain/cifar-10` in the user's local application data), into
    /// which the archive is downloaded if it is not there. What is downloaded is checked by its SHA-256. Krizhevsky, 2009.
    /// </remarks>
    /// <param name="withLabel">Whether labels come with the images, as int32.</param>
    /// <param name="ndim">Number of axes of an image: 1 for (3072), 3 for (3, 32, 32).</param>
    /// <param name="scale">What the brightest pixel is; the darkest is 0.</param>
    /// <param name="dtype">Dtype of the images; null for the configuration's.</param>
    /// <param name="folder">Folder of the files; null looks as said above.</param>
    /// <returns>Examples (image, label), or (image), to train and to test on.</returns>
    /// <exception cref="DatasetNotFoundException">The files are nowhere to be found. The message names all that was tried.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or another than it should be. The message names it.</exception>
    public static (TupleDataset Train, TupleDataset Test) GetCifar10(
        bool withLabel = true, int ndim = 3, double scale = 1.0, DType? dtype = null, string? folder = null) =>
        GetCifar(DatasetFiles.Cifar10, CifarFile.Cifar10Parts, [10], withLabel, ndim, scale, dtype, folder);

    /// <summary>CIFAR-100: 50,000 colour images of a hundred classes to train on and 10,000 to test on.</summary>
    /// <remarks>
    /// Read from its binary version: `cifar-100-binary.tar.gz`, or `train.bin` and `test.bin`, by themselves or in `cifar-100-binary`;
    /// where <see cref="GetCifar10"/> says, with `cifar-100` for `cifar-10`. The labels are the fine ones.
    /// </remarks>
    /// <param name="withLabel">Whether labels come with the images, as int32.</param>
    /// <param name="ndim">Number of axes of an image: 1 for (3072), 3 for (3, 32, 32).</param>
    /// <param name="scale">What the brightest pixel is; the darkest is 0.</param>
    /// <param name="dtype">Dtype of the images; null for the configuration's.</param>
    /// <param name="folder">Folder of the files; null looks as said above.</param>
    /// <returns>Examples (image, label), or (image), to train and to test on.</returns>
    /// <exception cref="DatasetNotFoundException">The files are nowhere to be found. The message names all that was tried.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or another than it should be. The message names it.</exception>
    public static (TupleDataset Train, TupleDataset Test) GetCifar100(
        bool withLabel = true, int ndim = 3, double scale = 1.0, DType? dtype = null, string? folder = null) =>
        GetCifar(DatasetFiles.Cifar100, CifarFile.Cifar100Parts, [20, 100], withLabel, ndim, scale, dtype, folder);

    private static (TupleDataset Train, TupleDataset Test) GetCifar(
        DatasetFiles source, string[] parts, int[] classes, bool withLabel, int ndim, double scale, DType? dtype, string? folder)
    {
        if (ndim is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(ndim), ndim, "must be 1 or 3");
        }
        var (train, test) = CifarFile.Read(source.Find(folder), parts, classes);
        return (ToDataset(train), ToDataset(test));

        TupleDataset ToDataset((byte[] Images, byte[] Labels) data)
        {
            int count = data.Labels.Length;
            Shape shape = ndim == 1 ? new Shape(count, CifarFile.ImageBytes) : new Shape(count, 3, 32, 32);
            NDArray images = ToImages(data.Images, shape, scale, dtype);
            return withLabel ? new TupleDataset(images, ToLabels(data.Labels, DType.Int32)) : new TupleDataset(images);
        }
    }
}
