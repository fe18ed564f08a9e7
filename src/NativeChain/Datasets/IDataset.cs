namespace NativeChain;

/// <summary>A list of examples, each of one array or more.</summary>
public interface IDataset
{
    /// <summary>Number of examples.</summary>
    int Count { get; }

    /// <summary>Names of the arrays of an example, as a <see cref="DictDataset"/> has them.</summary>
    /// <value>null: they have none, and are known by their order.</value>
    IReadOnlyList<string>? Names => null;

    /// <summary>One example.</summary>
    /// <param name="index">Its index.</param>
    NDArray[] this[int index] { get; }

    /// <summary>A minibatch: the arrays of some examples, stacked.</summary>
    /// <param name="indices">Indices of the examples: (N), int64, on the CPU.</param>
    Batch GetBatch(NDArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return Batch.FromExamples(Array.ConvertAll(indices.ToArray<long>(), i => this[checked((int)i)]), Names);
    }
}
