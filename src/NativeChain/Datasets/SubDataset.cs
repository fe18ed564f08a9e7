namespace NativeChain;

/// <summary>A part of a data set: an interval of its indices, or of a permutation of them.</summary>
public sealed class SubDataset : IDataset
{
    private readonly IDataset _dataset;
    private readonly int _start;
    private readonly long[]? _order;

    /// <summary>Creates a part.</summary>
    /// <param name="dataset">The whole.</param>
    /// <param name="start">First index.</param>
    /// <param name="finish">Index behind the last.</param>
    /// <param name="order">Example i is the whole's example order[start + i]; null for start + i.</param>
    /// <exception cref="ArgumentException">The interval, or the order, does not fit the whole.</exception>
    public SubDataset(IDataset dataset, int start, int finish, IReadOnlyList<long>? order = null)
        : this(dataset, (start, finish), CheckOrder(dataset, order))
    {
    }

    /// <summary>Takes an order that has been checked, and does not copy it: all parts of a split share one.</summary>
    internal SubDataset(IDataset dataset, (int Start, int Finish) part, long[]? order)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (part.Start < 0 || part.Finish < part.Start || part.Finish > dataset.Count)
        {
            throw new ArgumentException(
                $"SubDataset: {part.Start}..{part.Finish} is no part of a data set of {dataset.Count} examples", nameof(part));
        }
        _dataset = dataset;
        _start = part.Start;
        _order = order;
        Count = part.Finish - part.Start;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Names => _dataset.Names;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public NDArray[] this[int index] => _dataset[checked((int)Map(index))];

    /// <summary>A minibatch, read as the whole reads it.</summary>
    /// <param name="indices">Indices of the examples: (N), int64, on the CPU.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Batch GetBatch(NDArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return _dataset.GetBatch(NDArray.FromSpan<long>(Array.ConvertAll(indices.ToArray<long>(), Map)));
    }

    /// <summary>A copy of an order for a data set.</summary>
    internal static long[]? CheckOrder(IDataset dataset, IReadOnlyList<long>? order)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (order is null)
        {
            return null;
        }
        if (order.Count != dataset.Count)
        {
            throw new ArgumentException($"an order of {order.Count} indices does not fit a data set of {dataset.Count} examples", nameof(order));
        }
        foreach (long index in order)
        {
            if (index < 0 || index >= dataset.Count)
            {
                throw new ArgumentException($"the order holds {index}, but the data set has {dataset.Count} examples", nameof(order));
            }
        }
        return [.. order];
    }

    private long Map(long index)
    {
        if (index < 0 || index >= Count)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"the data set has {Count} examples");
        }
        return _order is null ? _start + index : _order[_start + index];
    }
}
