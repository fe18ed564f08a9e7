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

        Shape.Extents extents = default;
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

        return View(new Shape(extents[..ndim]), in strides, _offset);
    }

    /// <summary>Two axes exchanged: a view.</summary>
    /// <param name="axis1">An axis; negative counts from the end.</param>
    /// <param name="axis2">Another.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray SwapAxes(int axis1, int axis2)
    {
        int first = Shape.NormalizeAxis(axis1, NDim, "NDArray.SwapAxes", nameof(axis1));
        int second = Shape.NormalizeAxis(axis2, NDim, "NDArray.SwapAxes", nameof(axis2));
        int[] order = Order();
        (order[first], order[second]) = (second, first);
        return Transpose(order);
    }

    /// <summary>One axis moved to another place, the others in their order: a view.</summary>
    /// <param name="source">The axis; negative counts from the end.</param>
    /// <param name="destination">Its place in the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray MoveAxis(int source, int destination)
    {
        int from = Shape.NormalizeAxis(source, NDim, "NDArray.MoveAxis", nameof(source));
        int to = Shape.NormalizeAxis(destination, NDim, "NDArray.MoveAxis", nameof(destination));
        List<int> order = [.. Order()];
        order.RemoveAt(from);
        order.Insert(to, from);
        return Transpose([.. order]);
    }

    /// <summary>The elements in reverse order along axes: a view.</summary>
    /// <param name="x">The array.</param>
    /// <param name="axis">The axes; all by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">An axis named twice.</exception>
    public static NDArray Flip(NDArray x, Axes axis = default)
    {
        Guard.NotNull(x);
        uint mask = axis.Mask(x.NDim, "NDArray.Flip", nameof(axis));
        Strides strides = x._strides;
        long offset = x._offset;
        for (int i = 0; i < x.NDim; i++)
        {
            if ((mask & (1u << i)) != 0)
            {
                offset += Math.Max(x._shape[i] - 1, 0) * strides[i];
                strides[i] = -strides[i];
            }
        }

        return x.View(in x._shape, in strides, x.Size == 0 ? x._offset : offset);
    }

    /// <summary>The array turned by quarters in the plane of two axes, from the first towards the second: a view.</summary>
    /// <param name="x">Two axes or more.</param>
    /// <param name="k">How many quarter turns; negative ones turn back.</param>
    /// <param name="axis1">The first axis of the plane.</param>
    /// <param name="axis2">The second.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">One axis twice.</exception>
    public static NDArray Rot90(NDArray x, int k = 1, int axis1 = 0, int axis2 = 1)
    {
        Guard.NotNull(x);
        Axes plane = (axis1, axis2);
        plane.Mask(x.NDim, "NDArray.Rot90", nameof(axis2));
        return (k & 3) switch
        {
            0 => x.View(in x._shape, in x._strides, x._offset),
            1 => Flip(x, axis2).SwapAxes(axis1, axis2),
            2 => Flip(x, plane),
            _ => Flip(x.SwapAxes(axis1, axis2), axis2),
        };
    }

    /// <summary>The elements whose positions along two axes differ by a number, as the last axis: a view.</summary>
    /// <param name="offset">The position along the second less that along the first: 0 the main diagonal, above it positive.</param>
    /// <param name="axis1">The first axis.</param>
    /// <param name="axis2">The second.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">One axis twice.</exception>
    public NDArray Diagonal(int offset = 0, int axis1 = 0, int axis2 = 1)
    {
        int rows = Shape.NormalizeAxis(axis1, NDim, "NDArray.Diagonal", nameof(axis1));
        int columns = Shape.NormalizeAxis(axis2, NDim, "NDArray.Diagonal", nameof(axis2));
        if (rows == columns)
        {
            throw new ArgumentException($"NDArray.Diagonal: axis {rows} twice.", nameof(axis2));
        }

        long row = Math.Max(-(long)offset, 0);
        long column = Math.Max(offset, 0);
        int count = (int)Math.Max(Math.Min(_shape[rows] - row, _shape[columns] - column), 0);
        Span<int> extents = stackalloc int[NDim - 1];
        Strides strides = default;
        int n = 0;
        for (int i = 0; i < NDim; i++)
        {
            if (i != rows && i != columns)
            {
                extents[n] = _shape[i];
                strides[n++] = _strides[i];
            }
        }

        extents[n] = count;
        strides[n] = _strides[rows] + _strides[columns];
        var shape = new Shape(extents);
        return View(in shape, in strides, shape.Size == 0 ? _offset : _offset + (row * _strides[rows]) + (column * _strides[columns]));
    }

    /// <summary>The elements in C order along one axis: a copy.</summary>
    public NDArray Flatten() => Copy().WithShapeInPlace(new Shape(Extent(Size, "NDArray.Flatten", "shape")));

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

    private int[] Order()
    {
        var order = new int[NDim];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        return order;
    }

    /// <summary>The windows of an image (N, C, d...) as (N, C, k..., o...): a view in which they overlap. All of them must lie in the image.</summary>
    internal NDArray Windows(Spatial size, Spatial stride, Spatial dilate, Spatial positions)
    {
        int axes = positions.Count;
        Span<int> extents = stackalloc int[2 + (2 * axes)];
        Strides strides = default;
        for (int i = 0; i < 2; i++)
        {
            extents[i] = _shape[i];
            strides[i] = _strides[i];
        }

        for (int i = 0; i < axes; i++)
        {
            extents[2 + i] = size[i];
            strides[2 + i] = _strides[2 + i] * dilate[i];
            extents[2 + axes + i] = positions[i];
            strides[2 + axes + i] = _strides[2 + i] * stride[i];
        }

        return View(new Shape(extents), in strides, _offset);
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
