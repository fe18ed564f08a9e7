using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>A part of an index: an integer, a slice, a new axis, an ellipsis, or an array of integers or truth values. <c>a[1]</c>, <c>a[.., ^1]</c>, <c>a[1..3]</c>, <c>a[new Slice(step: -1)]</c>, <c>a[IndexExpr.Ellipsis, IndexExpr.NewAxis]</c>, <c>a[[0, 2], [1, 3]]</c>, <c>a[a &gt; 0]</c>.</summary>
[CollectionBuilder(typeof(IndexExpr), nameof(Create))]
public readonly struct IndexExpr
{
    private IndexExpr(IndexKind kind, int value = 0, Slice slice = default, NDArray? array = null, bool isOnHost = false)
    {
        Kind = kind;
        Value = value;
        Slice = slice;
        Array = array;
        IsOnHost = isOnHost;
    }

    /// <summary>An axis of extent 1 in the result.</summary>
    public static IndexExpr NewAxis => new(IndexKind.NewAxis);

    /// <summary>As many whole axes as the rest of the index leaves; at most once in an index.</summary>
    public static IndexExpr Ellipsis => new(IndexKind.Ellipsis);

    internal IndexKind Kind { get; }

    internal int Value { get; }

    internal Slice Slice { get; }

    internal NDArray? Array { get; }

    /// <summary>True where the array was made of C# numbers, which go to the device of what they index.</summary>
    internal bool IsOnHost { get; }

    internal bool IsMask => Kind == IndexKind.Array && Array!.DType == DType.Bool;

    /// <summary>Elements picked along an axis: <c>a[[0, 2]]</c>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static IndexExpr Create(ReadOnlySpan<int> indices) => FromHost(NDArray.FromSpan(indices));

    /// <summary>One element along an axis, which the result lacks; negative counts from the end.</summary>
    public static implicit operator IndexExpr(int index) => new(IndexKind.Integer, index);

    /// <summary>One element along an axis, which the result lacks.</summary>
    public static implicit operator IndexExpr(Index index) => new(IndexKind.Integer, FromEnd(index));

    /// <summary>The elements of a range, cut to the axis as in NumPy; <c>..</c> is the whole axis.</summary>
    public static implicit operator IndexExpr(Range range) => new(IndexKind.Slice, slice: range);

    /// <summary>The elements of a slice, cut to the axis as in NumPy.</summary>
    public static implicit operator IndexExpr(Slice slice) => new(IndexKind.Slice, slice: slice);

    /// <summary>Elements picked along an axis by an array of int32 or int64, or along as many axes as it has by a mask of bool.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="indices"/> is of another dtype.</exception>
    public static implicit operator IndexExpr(NDArray indices) => new(IndexKind.Array, array: Checked(indices));

    /// <summary>Elements picked along an axis.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
    public static implicit operator IndexExpr(int[] indices) => FromHost(NDArray.FromArray(indices));

    /// <summary>Elements picked along an axis.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
    public static implicit operator IndexExpr(long[] indices) => FromHost(NDArray.FromArray(indices));

    /// <summary>Elements picked along an axis by truth values, one for each.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
    public static implicit operator IndexExpr(bool[] indices) => FromHost(NDArray.FromArray(indices));

    /// <summary>Elements picked along an axis; the result has both axes of the indices in its place.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
    public static implicit operator IndexExpr(int[,] indices) => FromHost(NDArray.FromArray(indices));

    /// <summary>Elements picked along an axis; the result has both axes of the indices in its place.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
    public static implicit operator IndexExpr(long[,] indices) => FromHost(NDArray.FromArray(indices));

    /// <summary>Elements picked along two axes by truth values, one for each; the result has one axis in their place.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
    public static implicit operator IndexExpr(bool[,] indices) => FromHost(NDArray.FromArray(indices));

    /// <summary>Enumerates the indices of an array of integers in C order; of anything else, nothing.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public IEnumerator<int> GetEnumerator() =>
        (Kind == IndexKind.Array && !IsMask ? Array!.AsType(DType.Int32).ToArray<int>() : []).AsEnumerable().GetEnumerator();

    /// <summary>As it is written in Python: "1", "1:3", "newaxis", "...".</summary>
    public override string ToString() => Kind switch
    {
        IndexKind.Integer => Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        IndexKind.Slice => Slice.ToString(),
        IndexKind.NewAxis => "newaxis",
        IndexKind.Array => $"array of shape {Array!.Shape}",
        _ => "...",
    };

    /// <summary>Indices that were C# numbers: they go to the device of what they index.</summary>
    internal static IndexExpr FromHost(NDArray indices) => new(IndexKind.Array, array: indices, isOnHost: true);

    private static NDArray Checked(NDArray indices) =>
        Guard.NotNull(indices, nameof(indices), nameof(IndexExpr)).DType is DType.Int32 or DType.Int64 or DType.Bool
            ? indices
            : throw new ArgumentException($"IndexExpr: indices are int32, int64 or bool, not {indices.DType.Name()}.", nameof(indices));

    // ^0 lies behind the last element: out of bounds as an element, which int.MaxValue is on every axis.
    private static int FromEnd(Index index) => !index.IsFromEnd ? index.Value : index.Value == 0 ? int.MaxValue : -index.Value;
}

internal enum IndexKind
{
    Slice,
    Integer,
    NewAxis,
    Ellipsis,
    Array,
}

/// <summary>Start, stop and step of a slice, each optional: Python's <c>start:stop:step</c>. Negative positions count from the end.</summary>
public readonly struct Slice
{
    private readonly int _stepLessOne;

    /// <summary>A slice.</summary>
    /// <param name="start">The first element; where null, the first (step above 0) or the last.</param>
    /// <param name="stop">The element before which it ends; where null, it ends with the axis.</param>
    /// <param name="step">The step; 1 where null. May be negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is 0.</exception>
    public Slice(int? start = null, int? stop = null, int? step = null)
    {
        if (step == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(step), "Slice: a step of 0");
        }

        Start = start;
        Stop = stop;
        _stepLessOne = (step ?? 1) - 1;
    }

    /// <summary>The first element, or null.</summary>
    public int? Start { get; }

    /// <summary>The element before which it ends, or null.</summary>
    public int? Stop { get; }

    /// <summary>The step.</summary>
    /// <value>1 by default.</value>
    public int Step => _stepLessOne + 1;

    /// <summary>The slice from the range's start to its end.</summary>
    public static implicit operator Slice(Range range) => new(
        range.Start.IsFromEnd ? (range.Start.Value == 0 ? int.MaxValue : -range.Start.Value) : range.Start.Value,
        range.End.IsFromEnd ? (range.End.Value == 0 ? null : -range.End.Value) : range.End.Value);

    /// <summary>As it is written in Python: "1:3", "::-1".</summary>
    public override string ToString() => Step == 1 ? $"{Start}:{Stop}" : $"{Start}:{Stop}:{Step}";

    /// <summary>First element and number of elements on an axis, as Python's slice.indices counts them.</summary>
    internal (int Start, int Count) Resolve(int extent)
    {
        long step = Step;
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? extent : extent - 1L;
        long start = Start is int s ? Math.Clamp(s < 0 ? s + (long)extent : s, low, high) : (step > 0 ? low : high);
        long stop = Stop is int e ? Math.Clamp(e < 0 ? e + (long)extent : e, low, high) : (step > 0 ? high : low);
        long count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        return ((int)start, (int)Math.Max(count, 0));
    }
}
