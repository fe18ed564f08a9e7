namespace NativeChain;

/// <summary>Arrays side by side: example i is element i of the first axis of each.</summary>
public sealed class TupleDataset : IDataset
{
    private static readonly int[] s_firstAxis = [0];
    private readonly NDArray[] _arrays;

    /// <summary>Creates a data set.</summary>
    /// <param name="arrays">The arrays, (N, ...) each; they are not copied.</param>
    /// <exception cref="ArgumentException">There is none, or their first axes differ.</exception>
    public TupleDataset(params NDArray[] arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        if (arrays.Length == 0)
        {
            throw new ArgumentException("TupleDataset: no arrays are given", nameof(arrays));
        }
        foreach (NDArray array in arrays)
        {
            ArgumentNullException.ThrowIfNull(array, nameof(arrays));
            if (array.NDim == 0 || array.Shape[0] != arrays[0].Shape[0])
            {
                throw new ArgumentException(
                    $"TupleDataset: arrays of shapes {string.Join(", ", arrays.Select(a => a.Shape.ToString()))} have no first axis in common",
                    nameof(arrays));
            }
        }
        _arrays = [.. arrays];
    }

    /// <inheritdoc/>
    public int Count => _arrays[0].Shape[0];

    /// <summary>The arrays.</summary>
    public IReadOnlyList<NDArray> Arrays => _arrays;

    /// <summary>One example: views of the arrays.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public NDArray[] this[int index]
    {
        get
        {
            if (index < 0 || index >= Count)
            {
                throw new ArgumentOutOfRangeException(nameof(index), index, $"the data set has {Count} examples");
            }
            return Array.ConvertAll(_arrays, array => array[index]);
        }
    }

    /// <summary>A minibatch: one gather for each array.</summary>
    /// <param name="indices">Indices of the examples: (N), int64, on the device of the arrays.</param>
    public Batch GetBatch(NDArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new Batch(Array.ConvertAll(_arrays, array =>
        {
            Span<int> extents = stackalloc int[array.NDim];
            for (int i = 0; i < extents.Length; i++)
            {
                extents[i] = i == 0 ? indices.Shape[0] : array.Shape[i];
            }
            NDArray y = NDArray.Empty(new Shape(extents), array.DType, array.Device);
            Kernels.Gather(array, [indices], s_firstAxis, y);
            return y;
        }));
    }
}
