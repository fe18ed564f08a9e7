namespace NativeChain;

/// <summary>
/// An index with arrays in it, resolved for one shape as NumPy does: a basic view of the array, index arrays along some axes of that view, and
/// the place that their broadcast shape I takes in the result. I stands where the arrays do if they follow each other, else first.
/// </summary>
internal sealed class AdvancedIndex
{
    private readonly List<IndexExpr> _basic = [];
    private readonly List<IndexExpr> _indices = [];
    private readonly List<int> _axes = [];
    private readonly Shape _broadcast;
    private readonly int _place;

    /// <exception cref="ArgumentException">Too many parts, two ellipses, a mask of another shape, or arrays that do not broadcast.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An integer outside its axis.</exception>
    public AdvancedIndex(Shape shape, ReadOnlySpan<IndexExpr> index)
    {
        int whole = shape.NDim - CountAxes(shape, index);
        int axis = 0;
        bool ended = false;
        bool separated = false;
        foreach (IndexExpr part in index)
        {
            if (part.Kind is IndexKind.Array or IndexKind.Integer)
            {
                separated |= ended;
                axis += AddArrays(shape, axis, part);
                continue;
            }

            // Even an ellipsis of no axes parts the arrays before it from those behind.
            ended |= _indices.Count > 0;
            if (part.Kind == IndexKind.Ellipsis)
            {
                AddWhole(whole);
                axis += whole;
                whole = 0;
            }
            else
            {
                _basic.Add(part);
                axis += part.Kind == IndexKind.NewAxis ? 0 : 1;
            }
        }
        AddWhole(shape.NDim - axis);
        _place = separated ? 0 : _axes[0];
        foreach (IndexExpr part in _indices)
        {
            if (!Shape.TryBroadcast(_broadcast, part.Array!.Shape, out Shape broadcast))
            {
                throw new ArgumentException($"NDArray: index arrays of shapes {_broadcast} and {part.Array!.Shape} do not broadcast.", nameof(index));
            }
            _broadcast = broadcast;
        }
    }

    public static bool IsNeededFor(ReadOnlySpan<IndexExpr> index)
    {
        foreach (IndexExpr part in index)
        {
            if (part.Kind == IndexKind.Array)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The elements of x that the index picks.</summary>
    public NDArray Gather(NDArray x)
    {
        NDArray view = View(x);
        NDArray y = NDArray.Allocate(KernelShape(view.Shape), x.DType, x.Device);
        Kernels.Gather(view, Indices(x.Device, null), Axes, y);
        return _place == 0 ? y : y.Transpose(ToResult(y.NDim));
    }

    /// <summary>Writes a value to the elements of y that the index picks; the last of several stays.</summary>
    public void Scatter(NDArray value, NDArray y)
    {
        NDArray view = View(y);
        NDArray x = ToKernel(value.AsType(y.DType, copy: false), KernelShape(view.Shape));
        Kernels.Scatter(x, Indices(y.Device, y), Axes, view);
    }

    /// <summary>Adds x to the elements of y that the index picks, as often as it picks them.</summary>
    public void ScatterAdd(NDArray x, NDArray y)
    {
        NDArray view = View(y);
        Kernels.ScatterAdd(ToKernel(x, KernelShape(view.Shape)), Indices(y.Device, y), Axes, view);
    }

    /// <summary>The mask, where its shape is that of the array's axes from one on.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static NDArray CheckedMask(NDArray mask, Shape shape, int axis)
    {
        for (int i = 0; i < mask.NDim; i++)
        {
            if (axis + i >= shape.NDim || mask.Shape[i] != shape[axis + i])
            {
                throw new ArgumentException(
                    $"NDArray: a mask of shape {mask.Shape} at axis {axis} of an array of shape {shape}.", "index");
            }
        }
        return mask;
    }

    /// <summary>The shape of what the index picks of x.</summary>
    public Shape PickedShape(NDArray x) => ResultShape(KernelShape(View(x).Shape));

    private NDArray View(NDArray x)
    {
        NDArray view = x[_basic.ToArray()];
        if (view.Size == 0)
        {
            CheckBounds(view.Shape);
        }
        return view;
    }

    // The kernels look at no index where there is nothing to pick.
    private void CheckBounds(Shape view)
    {
        for (int i = 0; i < _indices.Count; i++)
        {
            NDArray indices = _indices[i].Array!;
            int extent = view[_axes[i]];
            if (indices.Size > 0 && ((long)indices.Min() < -extent || (long)indices.Max() >= extent))
            {
                throw new ArgumentOutOfRangeException("index", $"NDArray: an index is out of bounds for an axis with size {extent}.");
            }
        }
    }

    private int[] Axes => [.. _axes];

    // C# numbers go to the device; arrays that lie in what is written are copied first.
    private NDArray[] Indices(Device device, NDArray? written) => [.. _indices.Select(part =>
        part.IsOnHost ? part.Array!.To(device)
        : written is not null && part.Array!.SharesMemoryWith(written) ? part.Array.Copy()
        : part.Array!)];

    private static int CountAxes(Shape shape, ReadOnlySpan<IndexExpr> index)
    {
        int used = 0;
        int ellipses = 0;
        foreach (IndexExpr part in index)
        {
            ellipses += part.Kind == IndexKind.Ellipsis ? 1 : 0;
            used += part.Kind is IndexKind.Ellipsis or IndexKind.NewAxis ? 0 : part.IsMask ? part.Array!.NDim : 1;
        }
        if (ellipses > 1)
        {
            throw new ArgumentException("NDArray: an index can have one ellipsis only.", nameof(index));
        }
        return used <= shape.NDim
            ? used
            : throw new ArgumentException($"NDArray: {used} indices for an array of shape {shape}.", nameof(index));
    }

    /// <summary>Adds an integer or an array; a mask becomes the coordinates of what it picks. Returns the number of axes that it indexes.</summary>
    private int AddArrays(Shape shape, int axis, IndexExpr part)
    {
        if (!part.IsMask)
        {
            // The kernel checks arrays against the extent, so do integers here.
            Add(part.Kind == IndexKind.Array ? part : Integer(part.Value, shape, axis), ..);
            return 1;
        }
        NDArray mask = CheckedMask(part.Array!, shape, axis);
        int count = (int)mask.Sum().Item<long>();
        if (mask.NDim == 0)
        {
            // One truth value: a new axis of extent 1 or 0.
            Add(IndexExpr.FromHost(NDArray.Zeros(count, DType.Int64)), IndexExpr.NewAxis);
            return 0;
        }
        var coordinates = NDArray.Empty([mask.NDim, count], DType.Int64, mask.Device);
        Kernels.NonZero(mask, coordinates);
        for (int i = 0; i < mask.NDim; i++)
        {
            Add(part.IsOnHost ? IndexExpr.FromHost(coordinates[i]) : coordinates[i], ..);
        }
        return mask.NDim;
    }

    private void Add(IndexExpr indices, IndexExpr basic)
    {
        _axes.Add(_basic.Count);
        _indices.Add(indices);
        _basic.Add(basic);
    }

    private void AddWhole(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _basic.Add(..);
        }
    }

    private static IndexExpr Integer(int value, Shape shape, int axis)
    {
        int extent = shape[axis];
        return value >= -extent && value < extent
            ? IndexExpr.FromHost(value)
            : throw new ArgumentOutOfRangeException(
                "index", value, $"NDArray: index {value} is out of bounds for axis {axis} with size {extent}.");
    }

    /// <summary>I, then the axes of the view that no array indexes: how the kernels lay out what is picked.</summary>
    private Shape KernelShape(Shape view)
    {
        var extents = new List<int>(_broadcast);
        for (int i = 0; i < view.NDim; i++)
        {
            if (!_axes.Contains(i))
            {
                extents.Add(view[i]);
            }
        }
        return extents.ToArray();
    }

    /// <summary>The order of axes that moves I from the front to its place.</summary>
    private int[] ToResult(int ndim)
    {
        var axes = new int[ndim];
        for (int i = 0; i < ndim; i++)
        {
            axes[i] = i < _place ? i + _broadcast.NDim
                : i < _place + _broadcast.NDim ? i - _place
                : i;
        }
        return axes;
    }

    /// <summary>A value in the layout of the result, broadcast and with I moved to the front.</summary>
    private NDArray ToKernel(NDArray value, Shape kernelShape)
    {
        if (_place == 0)
        {
            return value.ForAssignmentTo(kernelShape);
        }
        int[] toResult = ToResult(kernelShape.NDim);
        var toKernel = new int[toResult.Length];
        for (int i = 0; i < toResult.Length; i++)
        {
            toKernel[toResult[i]] = i;
        }
        return value.ForAssignmentTo(ResultShape(kernelShape)).Transpose(toKernel);
    }

    private Shape ResultShape(Shape kernelShape) =>
        _place == 0 ? kernelShape : Array.ConvertAll(ToResult(kernelShape.NDim), i => kernelShape[i]);
}
