namespace NativeChain;

// Order: ascending and stable, NaN last.
public sealed partial class NDArray
{
    /// <summary>The elements in ascending order along an axis, NaN last: a new array.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis; negative counts from the end. Where null, the array is seen as one axis in C order, and so is the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray Sort(NDArray x, int? axis = -1)
    {
        Guard.NotNull(x);
        NDArray from = axis is null ? x.Ravel() : x;
        int along = Shape.NormalizeAxis(axis ?? 0, from.NDim, "NDArray.Sort", nameof(axis));
        NDArray y = EmptyLike(from);
        Kernels.Sort(from, along, y, null);
        return y;
    }

    /// <summary>Sorts the array itself along an axis, in ascending order, NaN last.</summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">A view that repeats its elements.</exception>
    public void Sort(int axis = -1) =>
        Kernels.Sort(this, Shape.NormalizeAxis(axis, NDim, "NDArray.Sort", nameof(axis)), this, null);

    /// <summary>The positions along an axis that put the elements in ascending order, NaN last; equal elements keep their order. Result: int64.</summary>
    /// <param name="axis">The axis; negative counts from the end. Where null, the array is seen as one axis in C order, and so is the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray ArgSort(int? axis = -1)
    {
        (NDArray x, int along) = AlongOne(axis, "NDArray.ArgSort");
        NDArray y = EmptyLike(x, DType.Int64);
        Kernels.Sort(x, along, null, y);
        return y;
    }

    /// <summary>As <see cref="ArgSort(int?)"/>.</summary>
    /// <inheritdoc cref="ArgSort(int?)"/>
    public static NDArray ArgSort(NDArray x, int? axis = -1) => Guard.NotNull(x).ArgSort(axis);

    /// <summary>Where values would have to be inserted into a sorted array to keep it sorted. Result: int64, of the shape of the values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="right">Whether they go behind elements that are equal, not before them.</param>
    /// <exception cref="ArgumentException">The array has not one axis, or different devices.</exception>
    public NDArray SearchSorted(NDArray values, bool right = false)
    {
        Guard.NotNull(values);
        if (NDim != 1)
        {
            throw new ArgumentException($"NDArray.SearchSorted: an array of one axis, not of shape {_shape}.");
        }

        // Both sorted together: before each value stand as many elements of the array as a running count tells.
        int n = _shape[0];
        NDArray flat = values.Ravel();
        int count = flat._shape[0];
        int first = right ? n : 0;
        NDArray order = Concatenate(right ? [this, flat] : [flat, this]).ArgSort();
        NDArray isElement = right ? order < n : order >= count;
        NDArray at = EmptyLike(order);
        at[order] = isElement.CumSum();
        return at[first..(first + count)].Reshape(values._shape);
    }

    /// <summary>Whether each element is one of some values. Result: bool, of the array's shape.</summary>
    /// <param name="x">The array.</param>
    /// <param name="values">The values, of any shape. NaN is none of them.</param>
    /// <exception cref="ArgumentException">Different devices.</exception>
    public static NDArray IsIn(NDArray x, NDArray values)
    {
        Guard.NotNull(x);
        if (Guard.NotNull(values).Size == 0)
        {
            return Zeros(x._shape, DType.Bool, x.Device);
        }

        NDArray sorted = Sort(values, axis: null);
        return Equal(sorted.Take(Minimum(sorted.SearchSorted(x), sorted.Size - 1)), x);
    }

    /// <summary>The median over axes: the middle element in order, or the mean of the two in the middle; NaN if any is NaN, or of none. bool and integers give float64.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray Median(NDArray x, Axes axis = default, bool keepDims = false) => Quantile(x, 0.5, axis, keepDims);

    /// <summary>The q-th part in order over axes, linear between neighbours; NaN if any element is NaN, or of none. bool and integers give float64.</summary>
    /// <param name="x">The array.</param>
    /// <param name="q">From 0, the least, to 1, the greatest.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis, or <paramref name="q"/> outside [0, 1].</exception>
    public static NDArray Quantile(NDArray x, double q, Axes axis = default, bool keepDims = false)
    {
        Guard.NotNull(x);
        if (!(q is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(q), q, "NDArray.Quantile: from 0 to 1");
        }

        uint mask = axis.Mask(x.NDim, "NDArray.Quantile", nameof(axis));
        Shape kept = Axes.Reduce(in x._shape, mask, keepDims: true);
        Shape left = Axes.Reduce(in x._shape, mask, keepDims: false);
        DType dtype = x._dtype.IsFloating() ? x._dtype : DType.Float64;
        int[] order = [.. x.Order().OrderBy(i => mask >> i & 1)];
        NDArray sorted = Sort(x.Transpose(order).Reshape(Count(left, x._shape)), -1).AsType(dtype, copy: false);
        int n = sorted._shape[1];
        if (n == 0)
        {
            return Full(keepDims ? kept : left, double.NaN, dtype, x.Device);
        }

        double at = q * (n - 1);
        int below = (int)at;
        NDArray low = sorted[.., below];
        NDArray high = sorted[.., Math.Min(below + 1, n - 1)];
        NDArray last = sorted[.., n - 1];
        NDArray y = s_between.Compute(low, high, at - below, last);
        return y.AsType(dtype, copy: false).Reshape(keepDims ? kept : left);

        static Shape Count(Shape left, Shape all)
        {
            int rows = (int)left.Size;
            return (rows, rows == 0 ? 1 : (int)(all.Size / rows));
        }
    }

    // NaN stands last.
    private static readonly Elementwise s_between = Elementwise.Of(
        (low, high, t, last) => Expr.Select(Expr.IsNaN(last), last, Expr.Select(Expr.Or(Expr.Equal(t, 0), Expr.Equal(low, high)), low, low + ((high - low) * t))));
}
