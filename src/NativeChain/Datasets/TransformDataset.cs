namespace NativeChain;

/// <summary>A data set whose examples a function makes of another's, each time that they are read.</summary>
/// <remarks>
/// The arrays that the function gets may be views of the data set's: it must not write into them. A <see cref="MultithreadIterator"/> calls
/// it from several threads at once.
/// </remarks>
public sealed class TransformDataset : IDataset
{
    private readonly IDataset _dataset;
    private readonly Func<NDArray[], NDArray[]> _transform;
    private readonly string[]? _names;

    /// <summary>Creates a data set.</summary>
    /// <param name="dataset">The other data set.</param>
    /// <param name="transform">From the arrays of its example to those of this one's.</param>
    /// <param name="names">Names of the arrays; null for those of the other.</param>
    public TransformDataset(IDataset dataset, Func<NDArray[], NDArray[]> transform, IEnumerable<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(transform);
        _dataset = dataset;
        _transform = transform;
        _names = names?.ToArray() ?? dataset.Names?.ToArray();
    }

    /// <inheritdoc/>
    public int Count => _dataset.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string>? Names => _names;

    /// <inheritdoc/>
    public NDArray[] this[int index] => _transform(_dataset[index]);
}
