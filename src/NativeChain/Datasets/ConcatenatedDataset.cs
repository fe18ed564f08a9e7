namespace NativeChain;

/// <summary>Data sets one behind the other.</summary>
public sealed class ConcatenatedDataset : IDataset
{
    private readonly IDataset[] _datasets;

    /// <summary>Creates a data set.</summary>
    /// <param name="datasets">The data sets.</param>
    public ConcatenatedDataset(params IDataset[] datasets)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        foreach (IDataset dataset in datasets)
        {
            ArgumentNullException.ThrowIfNull(dataset, nameof(datasets));
        }
        _datasets = [.. datasets];
    }

    /// <inheritdoc/>
    public int Count => _datasets.Sum(dataset => dataset.Count);

    /// <summary>Names of the first data set's arrays.</summary>
    public IReadOnlyList<string>? Names => _datasets.Length == 0 ? null : _datasets[0].Names;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public NDArray[] this[int index]
    {
        get
        {
            int i = index;
            foreach (IDataset dataset in _datasets)
            {
                if (i >= 0 && i < dataset.Count)
                {
                    return dataset[i];
                }
                i -= dataset.Count;
            }
            throw new ArgumentOutOfRangeException(nameof(index), index, $"the data set has {Count} examples");
        }
    }
}
