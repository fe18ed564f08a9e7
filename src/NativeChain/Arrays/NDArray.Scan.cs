namespace NativeChain;

// Running sums and products, and what undoes them.
public sealed partial class NDArray
{
    /// <summary>Running sums along an axis. bool and integers give int64; floating point keeps its dtype.</summary>
    /// <param name="axis">The axis; negative counts from the end. Where null, the array is seen as one axis in C order, and so is the result.</param>
    /// <param name="dtype">The dtype of the result, in which is summed, where it is to be another.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray CumSum(int? axis = null, DType? dtype = null) => Scan(Reduction.Sum, axis, dtype, "NDArray.CumSum");

    /// <summary>As <see cref="CumSum(int?, DType?)"/>.</summary>
    /// <inheritdoc cref="CumSum(int?, DType?)"/>
    public static NDArray CumSum(NDArray x, int? axis = null, DType? dtype = null) => Guard.NotNull(x).CumSum(axis, dtype);

    /// <summary>Running products along an axis. bool and integers give int64; floating point keeps its dtype.</summary>
    /// <param name="axis">The axis; negative counts from the end. Where null, the array is seen as one axis in C order, and so is the result.</param>
    /// <param name="dtype">The dtype of the result, in which is multiplied, where it is to be another.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray CumProd(int? axis = null, DType? dtype = null) => Scan(Reduction.Prod, axis, dtype, "NDArray.CumProd");

    /// <summary>As <see cref="CumProd(int?, DType?)"/>.</summary>
    /// <inheritdoc cref="CumProd(int?, DType?)"/>
    public static NDArray CumProd(NDArray x, int? axis = null, DType? dtype = null) => Guard.NotNull(x).CumProd(axis, dtype);

    /// <summary>The greatest element so far, along an axis; NaN from a NaN on: NumPy's maximum.accumulate.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis; negative counts from the end. Where null, the array is seen as one axis in C order, and so is the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray CumMax(NDArray x, int? axis = null) =>
        Guard.NotNull(x).Scan(Reduction.Max, axis, x._dtype, "NDArray.CumMax");

    /// <summary>The least element so far, along an axis; NaN from a NaN on: NumPy's minimum.accumulate.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axis; negative counts from the end. Where null, the array is seen as one axis in C order, and so is the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray CumMin(NDArray x, int? axis = null) =>
        Guard.NotNull(x).Scan(Reduction.Min, axis, x._dtype, "NDArray.CumMin");

    /// <summary>The differences of neighbours along an axis; of bools, whether they differ.</summary>
    /// <param name="x">At least one axis.</param>
    /// <param name="n">How often differences are taken.</param>
    /// <param name="axis">The axis; negative counts from the end. The result has n elements less along it, or none.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis, or a negative number.</exception>
    public static NDArray Diff(NDArray x, int n = 1, int axis = -1)
    {
        Guard.NotNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (n == 0)
        {
            return x;
        }

        int along = Shape.NormalizeAxis(axis, x.NDim, "NDArray.Diff", nameof(axis));
        NDArray y = x;
        for (; n > 0; n--)
        {
            int count = Math.Max(y._shape[along] - 1, 0);
            NDArray right = y.SliceAxis(along, y._shape[along] - count, count);
            NDArray left = y.SliceAxis(along, 0, count);
            y = y._dtype == DType.Bool ? NotEqual(right, left) : right - left;
        }

        return y;
    }

    private NDArray Scan(Reduction reduction, int? axis, DType? dtype, string function)
    {
        (NDArray x, int along) = AlongOne(axis, function);
        NDArray y = EmptyLike(x, dtype ?? (_dtype.IsFloating() ? _dtype : DType.Int64));
        Kernels.Scan(reduction, x, along, y);
        return y;
    }
}
