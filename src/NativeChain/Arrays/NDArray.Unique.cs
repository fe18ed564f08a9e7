namespace NativeChain;

// The different elements, or subarrays, of an array in ascending order, by one sort.
public sealed partial class NDArray
{
    /// <summary>The different elements in ascending order.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis along which whole subarrays are compared, in lexicographical order; by default single elements are.</param>
    /// <param name="equalNaN">Whether NaN is equal to NaN; of single elements only.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray Unique(NDArray x, int? axis = null, bool equalNaN = true) =>
        new Groups(x, axis, equalNaN, needsOrder: false).Values;

    /// <summary>The different elements in ascending order, and where each stands first.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis along which whole subarrays are compared, in lexicographical order; by default single elements are.</param>
    /// <param name="equalNaN">Whether NaN is equal to NaN; of single elements only.</param>
    /// <returns>The elements, and int64 positions along the axis (in C order, where there is none).</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static (NDArray Values, NDArray Index) UniqueIndex(NDArray x, int? axis = null, bool equalNaN = true)
    {
        var groups = new Groups(x, axis, equalNaN);
        return (groups.Values, groups.Index);
    }

    /// <summary>The different elements in ascending order, and which of them each element of the array is: <c>values[inverse]</c> is the array.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis along which whole subarrays are compared, in lexicographical order; by default single elements are.</param>
    /// <param name="equalNaN">Whether NaN is equal to NaN; of single elements only.</param>
    /// <returns>The elements, and an int64 array of x's shape, or as long as the axis.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static (NDArray Values, NDArray Inverse) UniqueInverse(NDArray x, int? axis = null, bool equalNaN = true)
    {
        var groups = new Groups(x, axis, equalNaN);
        return (groups.Values, groups.Inverse);
    }

    /// <summary>The different elements in ascending order, and how often each occurs.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis along which whole subarrays are compared, in lexicographical order; by default single elements are.</param>
    /// <param name="equalNaN">Whether NaN is equal to NaN; of single elements only.</param>
    /// <returns>The elements, and their numbers, int64.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static (NDArray Values, NDArray Counts) UniqueCounts(NDArray x, int? axis = null, bool equalNaN = true)
    {
        var groups = new Groups(x, axis, equalNaN, needsOrder: false);
        return (groups.Values, groups.Counts);
    }

    /// <summary>All that <see cref="UniqueIndex"/>, <see cref="UniqueInverse"/> and <see cref="UniqueCounts"/> tell.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis along which whole subarrays are compared, in lexicographical order; by default single elements are.</param>
    /// <param name="equalNaN">Whether NaN is equal to NaN; of single elements only.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static (NDArray Values, NDArray Index, NDArray Inverse, NDArray Counts) UniqueAll(
        NDArray x, int? axis = null, bool equalNaN = true)
    {
        var groups = new Groups(x, axis, equalNaN);
        return (groups.Values, groups.Index, groups.Inverse, groups.Counts);
    }

    /// <summary>How often each of 0, 1, 2, ... occurs. Result: int64, or of the weights' dtype.</summary>
    /// <param name="x">Integers, none negative, of any shape.</param>
    /// <param name="weights">How much each occurrence counts: of x's shape; 1 by default.</param>
    /// <param name="minLength">The least length of the result, which else ends with the greatest element.</param>
    /// <exception cref="ArgumentException">Another dtype, a negative element, or weights of another shape.</exception>
    public static NDArray BinCount(NDArray x, NDArray? weights = null, int minLength = 0)
    {
        Guard.NotNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(minLength);
        if (!x._dtype.IsInteger() || (x.Size > 0 && (long)x.Min() < 0))
        {
            throw new ArgumentException("NDArray.BinCount: an array of integers from 0 up.", nameof(x));
        }

        if (weights is not null && weights._shape != x._shape)
        {
            throw new ArgumentException($"NDArray.BinCount: weights of shape {weights._shape} for an array of shape {x._shape}.", nameof(weights));
        }

        int length = Math.Max(minLength, x.Size == 0 ? 0 : Extent((long)x.Max() + 1, "NDArray.BinCount", nameof(x)));
        DType dtype = weights?._dtype ?? DType.Int64;
        NDArray y = Zeros(length, dtype, x.Device);
        if (x.Size > 0)
        {
            NDArray ones = weights ?? Ones(Shape.Scalar, dtype, x.Device);
            Kernels.ScatterAdd(ones.BroadcastTo(x._shape), [x.AsType(DType.Int64, copy: false)], [0], y);
        }

        return y;
    }

    /// <summary>The elements in order, and where a new group of equal ones begins.</summary>
    private sealed class Groups
    {
        private readonly NDArray _items;
        private readonly NDArray? _order;
        private readonly NDArray _begins;
        private readonly NDArray _starts;
        private readonly Shape _inverseShape;
        private readonly int _axis;
        private readonly Shape _valuesShape;

        internal Groups(NDArray x, int? axis, bool equalNaN, bool needsOrder = true)
        {
            Guard.NotNull(x, nameof(x), "NDArray.Unique");
            if (axis is int one)
            {
                // (number of subarrays, elements of each)
                _axis = Shape.NormalizeAxis(one, x.NDim, "NDArray.Unique", nameof(axis));
                NDArray moved = x.MoveAxis(_axis, 0);
                int count = moved._shape[0];
                NDArray rows = moved.Reshape((count, count == 0 ? 1 : (int)(x.Size / count)));
                _order = LexicographicalOrder(rows);
                NDArray sorted = rows[_order];
                _items = moved[_order];
                _begins = Begins(sorted, NotEqual);
                _inverseShape = count;
            }
            else
            {
                NDArray flat = x.Ravel();
                _order = needsOrder ? flat.ArgSort() : null;
                _items = _order is null ? Sort(flat) : flat[_order];
                _begins = Begins(_items, equalNaN ? (a, b) => s_differsOrIsNaN.Compute(a, b) : NotEqual);
                _inverseShape = x._shape;
            }

            _starts = _begins.Coordinates()[0];
            _valuesShape = _items._shape;
        }

        internal NDArray Values => _valuesShape.NDim == 1 ? _items[_starts] : _items[_starts].MoveAxis(0, _axis);

        internal NDArray Index => _order![_starts];

        internal NDArray Counts => Diff(Append(_starts, Full(1, _begins.Size, DType.Int64, _starts.Device)));

        internal NDArray Inverse
        {
            get
            {
                NDArray inverse = EmptyLike(_order!);
                inverse[_order!] = _begins.CumSum() - 1;
                return inverse.Reshape(_inverseShape);
            }
        }

        // The first begins a group, and each that differs from the one before.
        private static NDArray Begins(NDArray sorted, Func<Operand, Operand, NDArray> differs)
        {
            NDArray begins = Ones(sorted._shape[0], DType.Bool, sorted.Device);
            NDArray first = differs(sorted[1..], sorted[..^1]);
            begins[1..] = sorted.NDim == 1 ? first : first.Any(1);
            return begins;
        }

        // Stable sorts by each column, the first last.
        private static NDArray LexicographicalOrder(NDArray rows)
        {
            NDArray order = Arange(rows._shape[0]).To(rows.Device);
            for (int column = rows._shape[1] - 1; column >= 0; column--)
            {
                order = order[rows[.., column][order].ArgSort()];
            }

            return order;
        }
    }
}
