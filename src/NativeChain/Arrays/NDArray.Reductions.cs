namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>Sum over axes. bool and integers give int64; floating point keeps its dtype.</summary>
    /// <param name="axis">The axes to sum over; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Sum(Axes axis = default, bool keepDims = false) =>
        Reduce(Reduction.Sum, axis, keepDims, _dtype.IsFloating() ? _dtype : DType.Int64, "NDArray.Sum");

    /// <summary>As <see cref="Sum(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="Sum(Axes, bool)"/>
    public static NDArray Sum(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).Sum(axis, keepDims);

    /// <summary>Product over axes. bool and integers give int64; floating point keeps its dtype.</summary>
    /// <param name="axis">The axes to multiply over; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Prod(Axes axis = default, bool keepDims = false) =>
        Reduce(Reduction.Prod, axis, keepDims, _dtype.IsFloating() ? _dtype : DType.Int64, "NDArray.Prod");

    /// <summary>As <see cref="Prod(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="Prod(Axes, bool)"/>
    public static NDArray Prod(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).Prod(axis, keepDims);

    /// <summary>Mean over axes; NaN of no elements. bool and integers give float64; floating point keeps its dtype.</summary>
    /// <param name="axis">The axes to average over; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Mean(Axes axis = default, bool keepDims = false)
    {
        if (_dtype.IsFloating())
        {
            return Reduce(Reduction.Mean, axis, keepDims, _dtype, "NDArray.Mean");
        }

        using NDArray x = AsType(DType.Float64);
        return x.Mean(axis, keepDims);
    }

    /// <summary>As <see cref="Mean(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="Mean(Axes, bool)"/>
    public static NDArray Mean(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).Mean(axis, keepDims);

    /// <summary>Greatest element over axes; NaN if any is NaN.</summary>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">There are no elements to choose from.</exception>
    public NDArray Max(Axes axis = default, bool keepDims = false) =>
        Reduce(Reduction.Max, axis, keepDims, _dtype, "NDArray.Max");

    /// <summary>As <see cref="Max(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="Max(Axes, bool)"/>
    public static NDArray Max(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).Max(axis, keepDims);

    /// <summary>Least element over axes; NaN if any is NaN.</summary>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">There are no elements to choose from.</exception>
    public NDArray Min(Axes axis = default, bool keepDims = false) =>
        Reduce(Reduction.Min, axis, keepDims, _dtype, "NDArray.Min");

    /// <summary>As <see cref="Min(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="Min(Axes, bool)"/>
    public static NDArray Min(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).Min(axis, keepDims);

    /// <summary>Index of the first greatest element, or the first NaN. Result: int64.</summary>
    /// <param name="axis">One axis; by default the array is seen as one axis in C order.</param>
    /// <param name="keepDims">Where true, the axis stays with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">Several axes, or no elements to choose from.</exception>
    public NDArray ArgMax(Axes axis = default, bool keepDims = false) =>
        ArgReduce(Reduction.ArgMax, axis, keepDims, "NDArray.ArgMax");

    /// <summary>As <see cref="ArgMax(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="ArgMax(Axes, bool)"/>
    public static NDArray ArgMax(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).ArgMax(axis, keepDims);

    /// <summary>Index of the first least element, or the first NaN. Result: int64.</summary>
    /// <param name="axis">One axis; by default the array is seen as one axis in C order.</param>
    /// <param name="keepDims">Where true, the axis stays with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">Several axes, or no elements to choose from.</exception>
    public NDArray ArgMin(Axes axis = default, bool keepDims = false) =>
        ArgReduce(Reduction.ArgMin, axis, keepDims, "NDArray.ArgMin");

    /// <summary>As <see cref="ArgMin(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="ArgMin(Axes, bool)"/>
    public static NDArray ArgMin(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).ArgMin(axis, keepDims);

    /// <summary>Whether all elements over axes are not 0; true of none. Result: bool.</summary>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray All(Axes axis = default, bool keepDims = false) => ReduceTruth(Reduction.Prod, axis, keepDims, "NDArray.All");

    /// <summary>As <see cref="All(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="All(Axes, bool)"/>
    public static NDArray All(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).All(axis, keepDims);

    /// <summary>Whether any element over axes is not 0; false of none. Result: bool.</summary>
    /// <param name="axis">The axes; all by default.</param>
    /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Any(Axes axis = default, bool keepDims = false) => ReduceTruth(Reduction.Sum, axis, keepDims, "NDArray.Any");

    /// <summary>As <see cref="Any(Axes, bool)"/>.</summary>
    /// <inheritdoc cref="Any(Axes, bool)"/>
    public static NDArray Any(NDArray x, Axes axis = default, bool keepDims = false) => Guard.NotNull(x).Any(axis, keepDims);

    private NDArray ArgReduce(Reduction op, Axes axis, bool keepDims, string function)
    {
        if (!axis.IsAll && axis.Count != 1)
        {
            throw new ArgumentException($"{function}: one axis or all, not {axis}.", nameof(axis));
        }

        return Reduce(op, axis, keepDims, DType.Int64, function);
    }

    // Truth values first: the sum of other numbers may be 0 by chance.
    private NDArray ReduceTruth(Reduction op, Axes axis, bool keepDims, string function)
    {
        using NDArray? cast = _dtype == DType.Bool ? null : AsType(DType.Bool);
        return (cast ?? this).Reduce(op, axis, keepDims, DType.Bool, function);
    }

    private NDArray Reduce(Reduction op, Axes axis, bool keepDims, DType dtype, string function)
    {
        uint mask = axis.Mask(NDim, function, nameof(axis));
        Shape kept = Axes.Reduce(in _shape, mask, keepDims: true);
        if (op >= Reduction.Min && Size == 0 && kept.Size != 0)
        {
            throw new ArgumentException($"{function}: an array of shape {_shape} has no elements to choose from.", nameof(axis));
        }

        NDArray y = Allocate(in kept, dtype, Storage.Pool);
        Kernels.Reduce(op, null, [this], [], [y]);
        return keepDims ? y : y.WithShapeInPlace(Axes.Reduce(in _shape, mask, keepDims: false));
    }
}
