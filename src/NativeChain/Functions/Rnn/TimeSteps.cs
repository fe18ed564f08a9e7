namespace NativeChain;

/// <summary>
/// Sequences sorted by falling length, packed step after step: those that have a step t are rows Offset(t) to Offset(t) + Size(t).
/// </summary>
internal sealed class TimeSteps
{
    private readonly int[] _sizes;
    private readonly int[] _offsets;

    /// <param name="sizes">How many sequences have each step; never more than the one before.</param>
    public TimeSteps(int[] sizes)
    {
        _sizes = sizes;
        _offsets = new int[sizes.Length];
        int rows = 0;
        for (int t = 0; t < sizes.Length; t++)
        {
            _offsets[t] = rows;
            rows = checked(rows + sizes[t]);
        }

        Rows = rows;
    }

    /// <summary>How many steps the longest sequence has.</summary>
    public int Count => _sizes.Length;

    /// <summary>The steps of all sequences together.</summary>
    public int Rows { get; }

    /// <summary>Where each step but the first begins.</summary>
    public int[] Starts => _offsets[1..];

    /// <summary>How many sequences have step t; 0 behind the last.</summary>
    public int Size(int t) => t < _sizes.Length ? _sizes[t] : 0;

    /// <summary>Where step t begins.</summary>
    public int Offset(int t) => _offsets[t];

    /// <summary>Step t of a packed array: a view.</summary>
    public NDArray At(NDArray packed, int t) => packed[_offsets[t]..(_offsets[t] + _sizes[t])];

    /// <summary>Whether a batch of this size has every step.</summary>
    public bool AreAll(int batch) => Array.TrueForAll(_sizes, size => size == batch);
}
