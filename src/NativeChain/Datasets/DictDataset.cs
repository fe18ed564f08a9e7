namespace NativeChain;

/// <summary>Arrays, or data sets, under names: example i has under each name what that one has at i. Minibatches have the names too.</summary>
/// <remarks><code>
/// DictDataset data = new(("x", images), ("t", labels));
/// model = new L.Classifier(predictor, labelKey: "t");
/// </code></remarks>
public sealed class DictDataset : IDataset
{
    private readonly IDataset[] _datasets;
    private readonly string[] _names;

    /// <summary>Creates a data set of arrays.</summary>
    /// <param name="arrays">The arrays, (N, ...) each, by name; they are not copied.</param>
    /// <exception cref="ArgumentException">There are none, their first axes differ, or two have one name.</exception>
    public DictDataset(params (string Name, NDArray Array)[] arrays)
        : this(Array.ConvertAll(
            arrays ?? throw new ArgumentNullException(nameof(arrays)), entry => (entry.Name, (IDataset)new TupleDataset(entry.Array))))
    {
    }

    /// <summary>Creates a data set of data sets, whose examples are single arrays.</summary>
    /// <param name="datasets">The data sets by name.</param>
    /// <exception cref="ArgumentException">There are none, their lengths differ, or two have one name.</exception>
    public DictDataset(params (string Name, IDataset Dataset)[] datasets)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        if (datasets.Length == 0)
        {
            throw new ArgumentException("DictDataset: no data sets are given", nameof(datasets));
        }
        _names = Array.ConvertAll(datasets, entry => entry.Name);
        _datasets = Array.ConvertAll(datasets, entry => entry.Dataset);
        for (int i = 0; i < datasets.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(_names[i], nameof(datasets));
            ArgumentNullException.ThrowIfNull(_datasets[i], nameof(datasets));
            if (_datasets[i].Count != _datasets[0].Count)
            {
                throw new ArgumentException(
                    $"DictDataset: {_names[i]} has {_datasets[i].Count} examples, but {_names[0]} {_datasets[0].Count}", nameof(datasets));
            }
            if (Array.IndexOf(_names, _names[i]) != i)
            {
                throw new ArgumentException($"DictDataset: {_names[i]} is given twice", nameof(datasets));
            }
        }
    }

    /// <inheritdoc/>
    public int Count => _datasets[0].Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Names => _names;

    /// <inheritdoc/>
    public NDArray[] this[int index] => [.. _datasets.Select((dataset, k) => Single(dataset[index], k))];

    /// <summary>A minibatch with names.</summary>
    /// <param name="indices">Indices of the examples: (N), int64, on the CPU.</param>
    public Batch GetBatch(NDArray indices)
    {
        Batch[] batches = Array.ConvertAll(_datasets, dataset => dataset.GetBatch(indices));
        return Array.TrueForAll(batches, batch => batch.IsStacked)
            ? new Batch([.. _names.Select((name, k) => (name, Single(batches[k], k)))])
            : Batch.FromExamples([.. Enumerable.Range(0, batches[0].Size).Select(i =>
                _names.Select((_, k) => Single(batches[k].Examples[i], k)).ToArray())], _names);
    }

    private NDArray Single(IReadOnlyList<NDArray> arrays, int k) => arrays.Count == 1
        ? arrays[0]
        : throw new InvalidOperationException($"DictDataset: an example of {_names[k]} has {arrays.Count} arrays, not one");
}
