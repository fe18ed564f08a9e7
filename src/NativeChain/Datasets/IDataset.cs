namespace NativeChain;

/// <summary>A list of examples, each of one array or more.</summary>
public interface IDataset
{
    /// <summary>Number of examples.</summary>
    int Count { get; }

    /// <summary>One example.</summary>
    /// <param name="index">Its index.</param>
    NDArray[] this[int index] { get; }

    /// <summary>A minibatch: the arrays of some examples, stacked.</summary>
    /// <param name="indices">Indices of the examples: (N), int64, on the CPU.</param>
    Batch GetBatch(NDArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        NDArray[][] examples = Array.ConvertAll(indices.ToArray<long>(), i => this[checked((int)i)]);
        if (examples.Length == 0)
        {
            return new Batch();
        }
        NDArray[] arrays = new NDArray[examples[0].Length];
        for (int k = 0; k < arrays.Length; k++)
        {
            arrays[k] = NDArray.Stack(Array.ConvertAll(examples, example => example[k]), axis: 0);
        }
        return new Batch(arrays);
    }
}
