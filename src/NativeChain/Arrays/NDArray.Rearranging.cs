namespace NativeChain;

// Elements moved, repeated, surrounded: new arrays.
public sealed partial class NDArray
{
    /// <summary>The array repeated along its axes: a copy.</summary>
    /// <param name="reps">How often along each axis; the shorter of reps and shape is filled up with ones in front.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    /// <exception cref="ArgumentException">More than 8 axes.</exception>
    public NDArray Tile(params int[] reps)
    {
        Guard.NotNull(reps);
        int ndim = Math.Max(NDim, reps.Length);
        Span<int> extents = stackalloc int[Math.Max(ndim, Shape.MaxNDim)];
        for (int i = 0; i < ndim; i++)
        {
            int rep = i < ndim - reps.Length ? 1 : reps[i - (ndim - reps.Length)];
            ArgumentOutOfRangeException.ThrowIfNegative(rep, nameof(reps));
            int extent = i < ndim - NDim ? 1 : _shape[i - (ndim - NDim)];
            extents[i] = Extent((long)rep * extent, "NDArray.Tile", nameof(reps));
        }

        NDArray y = Allocate(new Shape(extents[..ndim]), _dtype, Device);
        TileInto(y, 0);
        return y;
    }

    /// <summary>The array repeated along its axes: a copy. As <see cref="Tile(int[])"/>.</summary>
    /// <inheritdoc cref="Tile(int[])"/>
    public static NDArray Tile(NDArray x, params int[] reps) => Guard.NotNull(x).Tile(reps);

    /// <summary>Each element repeated, the repetitions next to each other.</summary>
    /// <param name="repeats">How often.</param>
    /// <param name="axis">The axis; where null, the array is seen as one axis in C order.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number, or no such axis.</exception>
    public NDArray Repeat(int repeats, int? axis = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(repeats);
        (NDArray x, int along) = AlongOne(axis, "NDArray.Repeat");
        Span<int> extents = stackalloc int[x.NDim];
        x._shape.Span.CopyTo(extents);
        extents[along] = Extent((long)extents[along] * repeats, "NDArray.Repeat", nameof(repeats));
        NDArray y = Allocate(new Shape(extents), _dtype, Storage.Pool);
        int outer = (int)new Shape(extents[..along]).Size;
        int inner = (int)new Shape(extents[(along + 1)..]).Size;
        Kernels.Copy(x.Reshape((outer, x._shape[along], 1, inner)), y.Reshape((outer, x._shape[along], repeats, inner)));
        return y;
    }

    /// <summary>Each element repeated by its own number of times, the repetitions next to each other.</summary>
    /// <param name="repeats">How often each: one number for each position along the axis, or one for all. int32 or int64.</param>
    /// <param name="axis">The axis; where null, the array is seen as one axis in C order.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number, or no such axis.</exception>
    /// <exception cref="ArgumentException">Not as many numbers as positions, or another dtype.</exception>
    public NDArray Repeat(NDArray repeats, int? axis = null)
    {
        Guard.NotNull(repeats);
        (NDArray x, int along) = AlongOne(axis, "NDArray.Repeat");
        int n = x._shape[along];
        if (!repeats._dtype.IsInteger() || repeats.NDim > 1 || (repeats.Size != 1 && repeats.Size != n))
        {
            throw new ArgumentException(
                $"NDArray.Repeat: repeats of shape {repeats._shape} and dtype {repeats._dtype.Name()} for {n} positions.", nameof(repeats));
        }

        if (repeats.Size > 0 && (long)repeats.Min() < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(repeats), "NDArray.Repeat: a negative number");
        }

        // Where the repetitions of an element end, one more element is over: a running count of ends tells which is next.
        NDArray ends = repeats.To(Device).Ravel().BroadcastTo(n).CumSum();
        int total = n == 0 ? 0 : Extent(ends[^1].Item<long>(), "NDArray.Repeat", nameof(repeats));
        NDArray over = BinCount(ends, minLength: total + 1)[..total];
        return x[AtAxis(along, over.CumSum())];
    }

    /// <summary>As <see cref="Repeat(NDArray, int?)"/>.</summary>
    /// <inheritdoc cref="Repeat(NDArray, int?)"/>
    public static NDArray Repeat(NDArray x, NDArray repeats, int? axis = null) => Guard.NotNull(x).Repeat(repeats, axis);

    /// <summary>As <see cref="Repeat(int, int?)"/>.</summary>
    /// <inheritdoc cref="Repeat(int, int?)"/>
    public static NDArray Repeat(NDArray x, int repeats, int? axis = null) => Guard.NotNull(x).Repeat(repeats, axis);

    /// <summary>The elements shifted along axes; those that leave at the end come in at the beginning.</summary>
    /// <param name="x">The array.</param>
    /// <param name="shift">By how many places; negative ones shift to the beginning.</param>
    /// <param name="axis">The axes, each of which is shifted; by default the array is seen as one axis in C order.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public static NDArray Roll(NDArray x, int shift, Axes axis = default)
    {
        Guard.NotNull(x);
        if (axis.IsAll)
        {
            return Roll(x.Ravel(), [shift], [0]).WithShapeInPlace(in x._shape);
        }

        int[] axes = axis.ToArray();
        var shifts = new int[axes.Length];
        Array.Fill(shifts, shift);
        return Roll(x, shifts, axes);
    }

    /// <summary>The elements shifted along several axes, along each by its own number of places.</summary>
    /// <param name="x">The array.</param>
    /// <param name="shift">One number for each axis; negative ones shift to the beginning.</param>
    /// <param name="axis">The axes; one that is named twice is shifted twice.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">Not as many shifts as axes.</exception>
    public static NDArray Roll(NDArray x, ReadOnlySpan<int> shift, ReadOnlySpan<int> axis)
    {
        Guard.NotNull(x);
        if (shift.Length != axis.Length)
        {
            throw new ArgumentException($"NDArray.Roll: {shift.Length} shifts for {axis.Length} axes.", nameof(shift));
        }

        Span<long> total = stackalloc long[x.NDim];
        total.Clear();
        for (int i = 0; i < axis.Length; i++)
        {
            total[Shape.NormalizeAxis(axis[i], x.NDim, "NDArray.Roll", nameof(axis))] += shift[i];
        }

        NDArray y = EmptyLike(x);
        if (x.Size > 0)
        {
            RollInto(x, y, total, 0);
        }

        return y;
    }

    /// <summary>The elements at some positions: of the array in C order, or along an axis. Result: the shape of the array with that axis replaced by those of the indices.</summary>
    /// <param name="indices">int32 or int64; negative ones count from the end.</param>
    /// <param name="axis">The axis; where null, the array is seen as one axis in C order.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis, or an index outside it.</exception>
    /// <exception cref="ArgumentException">Indices of another dtype.</exception>
    public NDArray Take(NDArray indices, int? axis = null)
    {
        Guard.NotNull(indices);
        if (indices._dtype == DType.Bool)
        {
            throw new ArgumentException("NDArray.Take: indices are int32 or int64, not bool.", nameof(indices));
        }

        (NDArray x, int along) = AlongOne(axis, "NDArray.Take");
        return x[AtAxis(along, indices)];
    }

    /// <summary>For each place of the indices, the element at the index along the axis and at the place's own position along the others: what <see cref="ArgSort(int?)"/> returns picks what is sorted.</summary>
    /// <param name="indices">int32 or int64, of as many axes as the array; all but one broadcast against the array's.</param>
    /// <param name="axis">The axis; negative counts from the end. Where null, both are seen as one axis in C order.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis, or an index outside it.</exception>
    /// <exception cref="ArgumentException">Indices of another dtype, of another number of axes, or that do not broadcast.</exception>
    public NDArray TakeAlongAxis(NDArray indices, int? axis = -1)
    {
        Guard.NotNull(indices);
        (NDArray x, int along) = AlongOne(axis, "NDArray.TakeAlongAxis");
        NDArray at = axis is null ? indices.Ravel() : indices;
        if (at.NDim != x.NDim)
        {
            throw new ArgumentException(
                $"NDArray.TakeAlongAxis: indices of shape {indices._shape} for an array of shape {_shape}.", nameof(indices));
        }

        var index = new IndexExpr[x.NDim];
        for (int i = 0; i < index.Length; i++)
        {
            index[i] = i == along ? at : IndexExpr.FromHost(Arange(x._shape[i]).Reshape(AxisShape(x.NDim, i)));
        }

        return x[index];
    }

    /// <summary>The array with more elements on both sides of each axis.</summary>
    /// <param name="x">The array.</param>
    /// <param name="width">How many before and behind, on every axis.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">Their value, where they are constant; cast to the dtype.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative width.</exception>
    /// <exception cref="ArgumentException">An axis without elements to continue.</exception>
    public static NDArray Pad(NDArray x, int width, PadMode mode = PadMode.Constant, Scalar value = default) =>
        Pad(x, (width, width), mode, value);

    /// <summary>The array with more elements on both sides of each axis.</summary>
    /// <param name="x">The array.</param>
    /// <param name="width">How many before and how many behind, on every axis.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">Their value, where they are constant; cast to the dtype.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative width.</exception>
    /// <exception cref="ArgumentException">An axis without elements to continue.</exception>
    public static NDArray Pad(NDArray x, (int Before, int After) width, PadMode mode = PadMode.Constant, Scalar value = default)
    {
        Guard.NotNull(x);
        Span<(int, int)> widths = stackalloc (int, int)[x.NDim];
        widths.Fill(width);
        return Pad(x, widths, mode, value);
    }

    /// <summary>The array with more elements on both sides of each axis.</summary>
    /// <param name="x">The array.</param>
    /// <param name="widths">For each axis, how many before and how many behind.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">Their value, where they are constant; cast to the dtype.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative width, or an unknown mode.</exception>
    /// <exception cref="ArgumentException">Not one pair for each axis, or an axis without elements to continue.</exception>
    public static NDArray Pad(
        NDArray x, ReadOnlySpan<(int Before, int After)> widths, PadMode mode = PadMode.Constant, Scalar value = default)
    {
        Guard.NotNull(x);
        if (widths.Length != x.NDim)
        {
            throw new ArgumentException($"NDArray.Pad: {widths.Length} widths for an array of shape {x._shape}.", nameof(widths));
        }

        if (mode is < PadMode.Constant or > PadMode.Wrap)
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "NDArray.Pad: no such mode");
        }

        Span<int> extents = stackalloc int[x.NDim];
        for (int i = 0; i < extents.Length; i++)
        {
            (int before, int after) = widths[i];
            ArgumentOutOfRangeException.ThrowIfNegative(before, nameof(widths));
            ArgumentOutOfRangeException.ThrowIfNegative(after, nameof(widths));
            extents[i] = Extent((long)x._shape[i] + before + after, "NDArray.Pad", nameof(widths));
            if (x._shape[i] == 0 && extents[i] > 0 && mode != PadMode.Constant)
            {
                throw new ArgumentException($"NDArray.Pad: axis {i} of shape {x._shape} has no elements to continue.", nameof(mode));
            }
        }

        NDArray y = Allocate(new Shape(extents), x._dtype, x.Storage.Pool);
        NDArray center = y;
        for (int i = 0; i < extents.Length; i++)
        {
            center = center.SliceAxis(i, widths[i].Before, x._shape[i]);
        }

        Kernels.Copy(x, center);

        // Axis by axis: what is filled already spreads along the next, so that the corners fill themselves.
        for (int i = 0; i < extents.Length; i++)
        {
            NDArray room = y;
            for (int k = i + 1; k < extents.Length; k++)
            {
                room = room.SliceAxis(k, widths[k].Before, x._shape[k]);
            }

            PadAxis(room, i, widths[i].Before, x._shape[i], mode, value);
        }

        return y;
    }

    // The array, or what it is along one axis, and the axis. A 0-d array has one element along the axes 0 and -1.
    private (NDArray Array, int Axis) AlongOne(int? axis, string function) => axis is int one && (NDim > 0 || one is not (0 or -1))
        ? (this, Shape.NormalizeAxis(one, NDim, function, nameof(axis)))
        : (Ravel(), 0);

    private static IndexExpr[] AtAxis(int axis, IndexExpr part)
    {
        var index = new IndexExpr[axis + 1];
        Array.Fill(index, (IndexExpr)Range.All);
        index[axis] = part;
        return index;
    }

    // (1, ..., -1, ..., 1)
    private static Shape AxisShape(int ndim, int axis)
    {
        Span<int> extents = stackalloc int[ndim];
        extents.Fill(1);
        extents[axis] = -1;
        return new Shape(extents);
    }

    private void TileInto(NDArray y, int axis)
    {
        if (y.Size == 0)
        {
            return;
        }

        // y: (reps0, n0, reps1, n1, ...) would need twice the axes; one axis at a time needs none.
        int lead = y.NDim - NDim;
        while (axis < y.NDim && y._shape[axis] == (axis < lead ? 1 : _shape[axis - lead]))
        {
            axis++;
        }

        if (axis == y.NDim)
        {
            Kernels.Copy(this, y);
            return;
        }

        int extent = axis < lead ? 1 : _shape[axis - lead];
        Span<int> extents = stackalloc int[y.NDim];
        y._shape.Span.CopyTo(extents);
        extents[axis] = extent;
        using NDArray first = y.View(new Shape(extents), in y._strides, y._offset);
        TileInto(first, axis + 1);
        for (int start = extent; start < y._shape[axis]; start += extent)
        {
            using NDArray next = y.View(in first._shape, in y._strides, y._offset + (start * y._strides[axis]));
            Kernels.Copy(first, next);
        }
    }

    // Two pieces along each axis that is shifted.
    private static void RollInto(NDArray x, NDArray y, ReadOnlySpan<long> shifts, int axis)
    {
        int shift = 0;
        for (; axis < x.NDim; axis++)
        {
            shift = (int)(((shifts[axis] % x._shape[axis]) + x._shape[axis]) % x._shape[axis]);
            if (shift != 0)
            {
                break;
            }
        }

        if (axis == x.NDim)
        {
            Kernels.Copy(x, y);
            return;
        }

        int rest = x._shape[axis] - shift;
        RollInto(x.SliceAxis(axis, 0, rest), y.SliceAxis(axis, shift, rest), shifts, axis + 1);
        RollInto(x.SliceAxis(axis, rest, shift), y.SliceAxis(axis, 0, shift), shifts, axis + 1);
    }

    // Fills y on both sides of its elements [before, before + n) along an axis.
    private static void PadAxis(NDArray y, int axis, int before, int n, PadMode mode, Scalar value)
    {
        int extent = y._shape[axis];
        if (mode == PadMode.Constant)
        {
            Kernels.Fill(value, y.SliceAxis(axis, 0, before));
            Kernels.Fill(value, y.SliceAxis(axis, before + n, extent - before - n));
            return;
        }

        for (int at = 0; at < extent;)
        {
            if (at == before)
            {
                at += n;
                continue;
            }

            // As many places as walk through the elements in even steps of -1, 0 or 1.
            int end = at < before ? before : extent;
            int from = Source(at);
            int step = at + 1 < end ? Source(at + 1) - from : 0;
            step = step is -1 or 0 or 1 ? step : 0;
            int count = 1;
            while (at + count < end && Source(at + count) == from + (count * step))
            {
                count++;
            }

            NDArray source = y.SliceAxis(axis, before + from, count, step);
            Kernels.Copy(source, y.SliceAxis(axis, at, count));
            at += count;
        }

        int Source(int at)
        {
            int i = at - before;
            switch (mode)
            {
                case PadMode.Wrap:
                    return Modulo(i, n);
                case PadMode.Symmetric:
                    int twice = Modulo(i, 2L * n);
                    return twice < n ? twice : (2 * n) - 1 - twice;
                case PadMode.Reflect when n > 1:
                    int period = Modulo(i, 2L * (n - 1));
                    return period < n ? period : (2 * (n - 1)) - period;
                default:
                    return Math.Clamp(i, 0, n - 1);
            }
        }

        static int Modulo(long a, long b) => (int)(((a % b) + b) % b);
    }
}

/// <summary>What <see cref="NDArray.Pad(NDArray, int, PadMode, Scalar)"/> surrounds an array with. For [1, 2, 3] and a width of 2:</summary>
public enum PadMode
{
    /// <summary>A value: 0 0 [1 2 3] 0 0.</summary>
    Constant,

    /// <summary>The elements at the edges: 1 1 [1 2 3] 3 3.</summary>
    Edge,

    /// <summary>A reflection at the outermost elements: 3 2 [1 2 3] 2 1.</summary>
    Reflect,

    /// <summary>A reflection at the edges: 2 1 [1 2 3] 3 2.</summary>
    Symmetric,

    /// <summary>The other end: 2 3 [1 2 3] 1 2.</summary>
    Wrap,
}
