namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>The axes in reverse order: a view.</summary>
    public NDArray T => Transpose();

    /// <summary>The elements in C order in another shape: a view where the strides allow it, else a copy.</summary>
    /// <param name="shape">As many elements as the array; one extent may be -1, which is derived.</param>
    /// <exception cref="ArgumentException">A different number of elements, or more than one negative extent.</exception>
    public NDArray Reshape(Shape shape)
    {
        Shape target = ResolveReshape(in shape);
        if (target == _shape)
        {
            return View(in _shape, in _strides, _offset);
        }

        if (_isContiguous)
        {
            return View(in target, NativeChain.Strides.Contiguous(in target), _offset);
        }

        return TryReshapeStrides(in target, out Strides strides)
            ? View(in target, in strides, _offset)
            : Copy().WithShapeInPlace(in target);
    }

    /// <summary>The elements in C order along one axis: a view where the strides allow it, else a copy.</summary>
    public NDArray Ravel() => Reshape(new Shape(-1));

    /// <summary>The axes in another order: a view.</summary>
    /// <param name="axes">For each axis of the result, the axis of the array; reversed where none are given.</param>
    /// <exception cref="ArgumentException">Not each axis once.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Transpose(params int[] axes)
    {
        Guard.NotNull(axes);
        int ndim = NDim;
        if (axes.Length != 0 && axes.Length != ndim)
        {
            throw new ArgumentException($"NDArray.Transpose: {axes.Length} axes for an array of shape {_shape}.", nameof(axes));
        }

        Span<int> extents = stackalloc int[ndim];
        Strides strides = default;
        uint seen = 0;
        for (int i = 0; i < ndim; i++)
        {
            int axis = axes.Length == 0
                ? ndim - 1 - i
                : Shape.NormalizeAxis(axes[i], ndim, "NDArray.Transpose", nameof(axes));
            if ((seen & (1u << axis)) != 0)
            {
                throw new ArgumentException($"NDArray.Transpose: axis {axis} is named twice.", nameof(axes));
            }

            seen |= 1u << axis;
            extents[i] = _shape[axis];
            strides[i] = _strides[axis];
        }

        return View(new Shape(extents), in strides, _offset);
    }

    /// <summary>The array repeated to a larger shape: a view whose repeated axes have stride 0.</summary>
    /// <param name="shape">A shape to which NumPy broadcasts the array's.</param>
    /// <exception cref="ArgumentException">The array's shape does not broadcast to it.</exception>
    public NDArray BroadcastTo(Shape shape)
    {
        int lead = shape.NDim - NDim;
        bool fits = lead >= 0 && shape.TryGetSize(out _);
        Strides strides = default;
        for (int i = 0; fits && i < NDim; i++)
        {
            bool same = _shape[i] == shape[lead + i];
            fits = same || _shape[i] == 1;
            strides[lead + i] = same ? _strides[i] : 0;
        }

        return fits
            ? View(in shape, in strides, _offset)
            : throw new ArgumentException($"NDArray.BroadcastTo: shape {_shape} does not broadcast to {shape}.", nameof(shape));
    }

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

    /// <summary>A new axis of extent 1: a view.</summary>
    /// <param name="axis">Where it stands in the result; negative counts from its end.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">The array has 8 axes already.</exception>
    public NDArray ExpandDims(int axis)
    {
        int at = Shape.NormalizeAxis(axis, NDim + 1, "NDArray.ExpandDims", nameof(axis));
        Span<int> extents = stackalloc int[NDim + 1];
        Strides strides = default;
        for (int i = 0, j = 0; i < extents.Length; i++)
        {
            extents[i] = i == at ? 1 : _shape[j];
            if (i < Shape.MaxNDim)
            {
                strides[i] = i == at ? 0 : _strides[j];
            }

            j += i == at ? 0 : 1;
        }

        return View(new Shape(extents), in strides, _offset);
    }

    /// <summary>The array without axes of extent 1: a view.</summary>
    /// <param name="axis">Axes to drop; by default every axis of extent 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">An axis of another extent, or one named twice.</exception>
    public NDArray Squeeze(Axes axis = default)
    {
        uint mask = axis.Mask(NDim, "NDArray.Squeeze", nameof(axis));
        Span<int> extents = stackalloc int[NDim];
        Strides strides = default;
        int n = 0;
        for (int i = 0; i < NDim; i++)
        {
            bool named = (mask & (1u << i)) != 0;
            if (named && _shape[i] == 1)
            {
                continue;
            }

            if (named && !axis.IsAll)
            {
                throw new ArgumentException($"NDArray.Squeeze: axis {i} of shape {_shape} has not extent 1.", nameof(axis));
            }

            extents[n] = _shape[i];
            strides[n++] = _strides[i];
        }

        return View(new Shape(extents[..n]), in strides, _offset);
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

    private Shape ResolveReshape(in Shape shape)
    {
        long known = 1;
        bool fits = true;
        int derived = -1;
        for (int i = 0; i < shape.NDim; i++)
        {
            if (shape[i] >= 0)
            {
                fits &= Math.BigMul(known, shape[i], out known) == 0 && known >= 0;
            }
            else if (shape[i] == -1 && derived < 0)
            {
                derived = i;
            }
            else
            {
                throw new ArgumentException($"NDArray.Reshape: {shape} is no shape; one extent may be -1.", nameof(shape));
            }
        }

        fits &= derived < 0 ? known == Size : known > 0 && Size % known == 0 && Size / known <= int.MaxValue;
        if (!fits)
        {
            throw new ArgumentException($"NDArray.Reshape: an array of shape {_shape} has not the elements of shape {shape}.", nameof(shape));
        }

        if (derived < 0)
        {
            return shape;
        }

        Span<int> extents = stackalloc int[shape.NDim];
        shape.Span.CopyTo(extents);
        extents[derived] = (int)(Size / known);
        return new Shape(extents);
    }

    // Groups axes of both shapes that hold the same elements; within a group the old axes must step as one.
    private bool TryReshapeStrides(in Shape target, out Strides strides)
    {
        if (Size == 0)
        {
            strides = NativeChain.Strides.Contiguous(in target);
            return true;
        }

        strides = default;
        Span<long> extents = stackalloc long[Shape.MaxNDim];
        Span<long> steps = stackalloc long[Shape.MaxNDim];
        int ndim = 0;
        for (int i = 0; i < NDim; i++)
        {
            if (_shape[i] != 1)
            {
                extents[ndim] = _shape[i];
                steps[ndim++] = _strides[i];
            }
        }

        int from = 0;
        int to = 0;
        while (from < ndim && to < target.NDim)
        {
            int fromEnd = from + 1;
            int toEnd = to + 1;
            long old = extents[from];
            long now = target[to];
            while (old != now)
            {
                if (old < now)
                {
                    old *= extents[fromEnd++];
                }
                else
                {
                    now *= target[toEnd++];
                }
            }

            for (int i = from; i < fromEnd - 1; i++)
            {
                if (steps[i] != steps[i + 1] * extents[i + 1])
                {
                    return false;
                }
            }

            long step = steps[fromEnd - 1];
            for (int i = toEnd - 1; i >= to; i--)
            {
                strides[i] = step;
                step *= target[i];
            }

            from = fromEnd;
            to = toEnd;
        }

        for (; to < target.NDim; to++)
        {
            strides[to] = 1;
        }

        return true;
    }
}
