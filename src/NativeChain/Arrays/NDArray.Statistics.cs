namespace NativeChain;

// Moments and counts. Each is one reduction, or two, with no array between.
public sealed partial class NDArray
{
    private static readonly Elementwise s_zeroIfNaN = Elementwise.Of(x => Expr.Select(Expr.IsNaN(x), 0, x));

    private static readonly Elementwise s_isNumber = Elementwise.Of(x => Expr.Not(Expr.IsNaN(x)));

    private static readonly Elementwise s_squaredDeviation = Elementwise.Of((x, mean) => Expr.Square(x - mean));

    /// <summary>Variance over axes: the mean squared deviation from the mean; NaN of no elements. bool and integers give float64; floating point keeps its dtype.</summary>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="ddof">What is taken off the number of elements before dividing by it: 1 for the unbiased estimate.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Var(Axes axis = default, double ddof = 0, bool keepDims = false)
    {
        NDArray variance = WideVariance(axis, ddof, keepDims, "NDArray.Var");
        return variance.AsType(_dtype.IsFloating() ? _dtype : DType.Float64, copy: false);
    }

    /// <summary>As <see cref="Var(Axes, double, bool)"/>.</summary>
    /// <inheritdoc cref="Var(Axes, double, bool)"/>
    public static NDArray Var(NDArray x, Axes axis = default, double ddof = 0, bool keepDims = false) =>
        Guard.NotNull(x).Var(axis, ddof, keepDims);

    /// <summary>Standard deviation over axes: the square root of the variance; NaN of no elements. bool and integers give float64; floating point keeps its dtype.</summary>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="ddof">What is taken off the number of elements before dividing by it: 1 for the unbiased estimate.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Std(Axes axis = default, double ddof = 0, bool keepDims = false)
    {
        NDArray deviation = Sqrt(WideVariance(axis, ddof, keepDims, "NDArray.Std"));
        return deviation.AsType(_dtype.IsFloating() ? _dtype : DType.Float64, copy: false);
    }

    /// <summary>As <see cref="Std(Axes, double, bool)"/>.</summary>
    /// <inheritdoc cref="Std(Axes, double, bool)"/>
    public static NDArray Std(NDArray x, Axes axis = default, double ddof = 0, bool keepDims = false) =>
        Guard.NotNull(x).Std(axis, ddof, keepDims);

    /// <summary>Mean over axes, each element counted by its weight; the mean where there are none.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="weights">Of the array's shape, or of one axis, for the one axis that is averaged over.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">Weights of another shape, or whose sum is 0.</exception>
    public static NDArray Average(NDArray x, Axes axis = default, NDArray? weights = null, bool keepDims = false)
    {
        Guard.NotNull(x);
        if (weights is null)
        {
            return x.Mean(axis, keepDims);
        }

        NDArray w = weights;
        if (weights._shape != x._shape)
        {
            int along = axis.Count == 1 ? Shape.NormalizeAxis(axis.ToArray()[0], x.NDim, "NDArray.Average", nameof(axis)) : -1;
            if (along < 0 || weights.NDim != 1 || weights._shape[0] != x._shape[along])
            {
                throw new ArgumentException(
                    $"NDArray.Average: weights of shape {weights._shape} for axis {axis} of shape {x._shape}.", nameof(weights));
            }

            w = weights.Reshape(AxisShape(x.NDim, along)).BroadcastTo(x._shape);
        }

        DType dtype = DTypes.Promote(x._dtype, weights._dtype);
        w = w.AsType(x._dtype.IsFloating() ? dtype : DType.Float64, copy: false);
        NDArray total = w.Sum(axis, keepDims);
        return (bool)NotEqual(total, 0.0).All()
            ? Ops.Multiply.Reduce(Reduction.Sum, axis, keepDims, x, w) / total
            : throw new ArgumentException("NDArray.Average: the weights sum to 0.", nameof(weights));
    }

    /// <summary>The greatest element less the least, over axes; NaN if any is NaN.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">A bool array, or no elements to choose from.</exception>
    public static NDArray Ptp(NDArray x, Axes axis = default, bool keepDims = false) =>
        Guard.NotNull(x).Max(axis, keepDims) - x.Min(axis, keepDims);

    /// <summary>How many elements over axes are not 0. Result: int64.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray CountNonzero(NDArray x, Axes axis = default, bool keepDims = false) =>
        Ops.NotEqual.Reduce(Reduction.Sum, axis, keepDims, Guard.NotNull(x), 0);

    /// <summary>Sum over axes of the elements that are not NaN. bool and integers give int64; floating point keeps its dtype.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray NanSum(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x)._dtype.IsFloating()
        ? s_zeroIfNaN.Reduce(Reduction.Sum, axis, keepDims, x)
        : x.Sum(axis, keepDims);

    /// <summary>Mean over axes of the elements that are not NaN; NaN where there are none. bool and integers give float64; floating point keeps its dtype.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray NanMean(NDArray x, Axes axis = default, bool keepDims = false)
    {
        if (!Guard.NotNull(x)._dtype.IsFloating())
        {
            return x.Mean(axis, keepDims);
        }

        NDArray wide = x._dtype is DType.Float16 or DType.BFloat16 ? x.AsType(DType.Float32) : x;
        NDArray count = s_isNumber.Reduce(Reduction.Sum, axis, keepDims, wide).AsType(wide._dtype);
        return (NanSum(wide, axis, keepDims) / count).AsType(x._dtype, copy: false);
    }

    /// <summary>How many elements lie in each of some intervals: from one edge to before the next, the last edge included.</summary>
    /// <param name="x">The elements, of any shape; those outside all intervals, and NaN, are not counted.</param>
    /// <param name="edges">The edges, one more than intervals, ascending.</param>
    /// <returns>int64, one number for each interval.</returns>
    /// <exception cref="ArgumentException">Fewer than two edges, edges that do not ascend, or different devices.</exception>
    public static NDArray Histogram(NDArray x, NDArray edges)
    {
        Guard.NotNull(x);
        if (Guard.NotNull(edges).NDim != 1 || edges.Size < 2 || !(bool)(edges[1..] >= edges[..^1]).All())
        {
            throw new ArgumentException("NDArray.Histogram: two edges or more, ascending, along one axis.", nameof(edges));
        }

        // How many elements lie before each edge, and for the last, up to it.
        NDArray sorted = Sort(x, axis: null);
        NDArray before = sorted.SearchSorted(edges);
        before[^1] = sorted.SearchSorted(edges[^1], right: true);
        return Diff(before);
    }

    /// <summary>How many elements lie in each of some intervals of equal length.</summary>
    /// <param name="x">The elements, of any shape, all finite.</param>
    /// <param name="bins">How many intervals.</param>
    /// <param name="range">Where the first begins and the last ends; the least and the greatest element by default.</param>
    /// <returns>One number for each interval, int64, and the edges, float64.</returns>
    /// <exception cref="ArgumentException">A range that is not finite and ascending.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No intervals.</exception>
    public static (NDArray Counts, NDArray Edges) Histogram(NDArray x, int bins = 10, (double Low, double High)? range = null)
    {
        Guard.NotNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        (double low, double high) = range ?? (x.Size == 0 ? (0, 1) : ((double)x.Min(), (double)x.Max()));
        if (!double.IsFinite(low) || !double.IsFinite(high) || low > high)
        {
            throw new ArgumentException($"NDArray.Histogram: [{low}, {high}] is no range.", nameof(range));
        }

        NDArray edges = low < high ? Linspace(low, high, bins + 1) : Linspace(low - 0.5, high + 0.5, bins + 1);
        edges = edges.To(x.Device);
        return (Histogram(x, edges), edges);
    }

    // In float32 of the 16-bit dtypes, in float64 of bools and integers; of floating point on the CPU in one reading.
    private NDArray WideVariance(Axes axis, double ddof, bool keepDims, string function)
    {
        uint mask = axis.Mask(NDim, function, nameof(axis));
        Shape kept = Axes.Reduce(in _shape, mask, keepDims: true);
        double count = kept.Size == 0 ? 0 : Size / kept.Size;
        DType wide = _dtype is DType.Float16 or DType.BFloat16 ? DType.Float32 : _dtype;
        if (Device.IsCpu && _dtype.IsFloating())
        {
            NDArray variance = Allocate(in kept, wide, Storage.Pool);
            using NDArray unused = Allocate(in kept, wide, Storage.Pool);
            Kernels.Normalization(this, null, null, 0, null, unused, variance);
            variance = keepDims ? variance : variance.WithShapeInPlace(Axes.Reduce(in _shape, mask, keepDims: false));
            return ddof == 0 ? variance : variance * (count / Math.Max(count - ddof, 0));
        }

        NDArray mean = wide == _dtype ? Mean(axis, keepDims: true) : Reduce(Reduction.Mean, axis, keepDims: true, wide, function);
        return s_squaredDeviation.Reduce(Reduction.Sum, axis, keepDims, this, mean) / Math.Max(count - ddof, 0);
    }
}
