namespace NativeChain;

public static partial class Datasets
{
    /// <summary>Cuts a data set in two.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="splitAt">Number of examples in the first part.</param>
    /// <param name="order">A permutation of the indices that is cut; null for the ascending one.</param>
    /// <exception cref="ArgumentException">The position is outside of the data set, or the order does not fit it.</exception>
    public static (SubDataset First, SubDataset Second) SplitDataset(IDataset dataset, int splitAt, IReadOnlyList<long>? order = null) =>
        Split(dataset, splitAt, SubDataset.CheckOrder(dataset, order));

    /// <summary>Cuts a data set in two at random.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="firstSize">Number of examples in the first part.</param>
    /// <param name="seed">Equal seeds cut equally; null draws from <see cref="NDArray.Random"/>.</param>
    /// <exception cref="ArgumentException">The number is outside of the data set.</exception>
    public static (SubDataset First, SubDataset Second) SplitDatasetRandom(IDataset dataset, int firstSize, ulong? seed = null) =>
        Split(dataset, firstSize, Permutation(dataset, seed));

    /// <summary>Cuts a data set into n parts of equal size; what is left over belongs to none.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="n">Number of parts.</param>
    /// <param name="order">A permutation of the indices that is cut; null for the ascending one.</param>
    /// <exception cref="ArgumentException">There are less than one part, or the order does not fit.</exception>
    public static SubDataset[] SplitDatasetN(IDataset dataset, int n, IReadOnlyList<long>? order = null) =>
        SplitN(dataset, n, SubDataset.CheckOrder(dataset, order));

    /// <summary>Cuts a data set into n random parts of equal size; what is left over belongs to none.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="n">Number of parts.</param>
    /// <param name="seed">Equal seeds cut equally; null draws from <see cref="NDArray.Random"/>.</param>
    /// <exception cref="ArgumentException">There are less than one part.</exception>
    public static SubDataset[] SplitDatasetNRandom(IDataset dataset, int n, ulong? seed = null) => SplitN(dataset, n, Permutation(dataset, seed));

    /// <summary>Pairs of a training and a test set for cross validation: each example is in one of the test sets, whose sizes differ by one at most.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="nFolds">Number of pairs.</param>
    /// <param name="order">A permutation of the indices that is cut; null for the ascending one.</param>
    /// <exception cref="ArgumentException">There are less than one pair, or the order does not fit.</exception>
    public static (SubDataset Train, SubDataset Test)[] GetCrossValidationDatasets(
        IDataset dataset, int nFolds, IReadOnlyList<long>? order = null) => CrossValidation(dataset, nFolds, SubDataset.CheckOrder(dataset, order));

    /// <summary>Random pairs of a training and a test set for cross validation.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="nFolds">Number of pairs.</param>
    /// <param name="seed">Equal seeds cut equally; null draws from <see cref="NDArray.Random"/>.</param>
    /// <exception cref="ArgumentException">There are less than one pair.</exception>
    public static (SubDataset Train, SubDataset Test)[] GetCrossValidationDatasetsRandom(IDataset dataset, int nFolds, ulong? seed = null) =>
        CrossValidation(dataset, nFolds, Permutation(dataset, seed));

    private static (SubDataset First, SubDataset Second) Split(IDataset dataset, int splitAt, long[]? order)
    {
        if (splitAt < 0 || splitAt > dataset.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(splitAt), splitAt, $"the data set has {dataset.Count} examples");
        }
        return (new SubDataset(dataset, (0, splitAt), order), new SubDataset(dataset, (splitAt, dataset.Count), order));
    }

    private static SubDataset[] SplitN(IDataset dataset, int n, long[]? order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        int size = dataset.Count / n;
        return [.. Enumerable.Range(0, n).Select(i => new SubDataset(dataset, (size * i, size * (i + 1)), order))];
    }

    private static (SubDataset Train, SubDataset Test)[] CrossValidation(IDataset dataset, int nFolds, long[]? order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nFolds, 1);
        int whole = dataset.Count;
        long[] present = order ?? [.. Enumerable.Range(0, whole).Select(i => (long)i)];
        (SubDataset Train, SubDataset Test)[] splits = new (SubDataset, SubDataset)[nFolds];
        for (int i = 0; i < nFolds; i++)
        {
            // The last fold is the first test set; then its examples go to the front.
            int fold = nFolds - 1 - i;
            int testSize = (int)(((long)whole * (fold + 1) / nFolds) - ((long)whole * fold / nFolds));
            splits[i] = Split(dataset, whole - testSize, present);
            present = [.. present[^testSize..], .. present[..^testSize]];
        }
        return splits;
    }

    private static long[] Permutation(IDataset dataset, ulong? seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        RandomGenerator rng = seed is { } s ? new RandomGenerator(s) : NDArray.Random.Default;
        return rng.Permutation(dataset.Count).ToArray<long>();
    }
}
