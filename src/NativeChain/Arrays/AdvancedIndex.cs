namespace NativeChain;

/// <summary>
/// An index with arrays in it, resolved for one shape as NumPy does: a basic view of the array, index arrays along some axes of that view, and
/// the place that their broadcast shape I takes in the result. I stands where the arrays do if they follow each other, else first.
/// </summary>
internal sealed class AdvancedIndex
{
    private readonly IndexExpr[] _basic;
    private readonly NDArray[] _indices;
    private readonly int[] _axes;
    private readonly Shape _broadcast;
    private readonly int _place;

    /// <exception cref="ArgumentException">Too many parts, two ellipses, a mask of another shape, or arrays that do not broadcast.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An integer outside its axis.</exception>
    public AdvancedIndex(Shape shape, ReadOnlySpan<IndexExpr> index)
    {
        List<IndexExpr> parts = Expand(shape, index);
        _basic = new IndexExpr[parts.Count];
        var indices = new List<NDArray>();
        var axes = new List<int>();
        int axis = 0;
        int viewAxis = 0;
        int first = -1;
        int last = -1;
        for (int i = 0; i < parts.Count; i++)
        {
            IndexExpr part = parts[i];
            if (part.Kind is IndexKind.Array or IndexKind.Integer)
            {
                // An integer among arrays is an array of one index. The kernel checks arrays against the extent, so do integers here.
                NDArray array = part.Array ?? Checked(part.Value, shape, axis);
                _basic[i] = ..;
                indices.Add(array);
                axes.Add(viewAxis++);
                axis++;
                first = first < 0 ? i : first;
                last = i;
            }
            else
            {
                _basic[i] = part;
                viewAxis++;
                axis += part.Kind == IndexKind.NewAxis ? 0 : 1;
            }
        }
        _indices = [.. indices];
        _axes = [.. axes];
        _place = last - first + 1 == _axes.Length ? _axes[0] : 0;
        foreach (NDArray array in _indices)
        {
            if (!Shape.TryBroadcast(_broadcast, array.Shape, out Shape broadcast))
            {
                throw new ArgumentException($"index: arrays of shapes {_broadcast} and {array.Shape} do not broadcast.", nameof(index));
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
        NDArray view = x[_basic];
        NDArray y = NDArray.Allocate(KernelShape(view.Shape), x.DType, x.Device);
        Kernels.Gather(view, _indices, _axes, y);
        return _place == 0 ? y : y.Transpose(ToResult(y.NDim));
    }

    /// <summary>Writes a value to the elements of y that the index picks; the last of several stays.</summary>
    public void Scatter(NDArray value, NDArray y)
    {
        NDArray view = y[_basic];
        Shape shape = KernelShape(view.Shape);
        Kernels.Scatter(ToKernel(value.AsType(y.DType, copy: false), shape), _indices, _axes, view);
    }

    /// <summary>Adds x to the elements of y that the index picks, as often as it picks them.</summary>
    public void ScatterAdd(NDArray x, NDArray y)
    {
        NDArray view = y[_basic];
        Kernels.ScatterAdd(ToKernel(x, KernelShape(view.Shape)), _indices, _axes, view);
    }

    /// <summary>The parts without ellipsis, one for each axis and new axis, masks replaced by the coordinates of what they pick.</summary>
    private static List<IndexExpr> Expand(Shape shape, ReadOnlySpan<IndexExpr> index)
    {
        int used = 0;
        int ellipses = 0;
        foreach (IndexExpr part in index)
        {
            ellipses += part.Kind == IndexKind.Ellipsis ? 1 : 0;
            used += part.Kind switch
            {
                IndexKind.Integer or IndexKind.Slice => 1,
                IndexKind.Array => part.Array!.DType == DType.Bool ? part.Array.NDim : 1,
                _ => 0,
            };
        }
        if (ellipses > 1)
        {
            throw new ArgumentException("index: only one ellipsis is allowed.", nameof(index));
        }
        if (used > shape.NDim)
        {
            throw new ArgumentException($"index: {used} indices for an array of shape {shape}.", nameof(index));
        }
        var parts = new List<IndexExpr>();
        int axis = 0;
        foreach (IndexExpr part in index)
        {
            switch (part.Kind)
            {
                case IndexKind.Ellipsis:
                    AddWhole(parts, shape.NDim - used);
                    axis += shape.NDim - used;
                    break;
                case IndexKind.Array when part.Array!.DType == DType.Bool:
                    NDArray mask = part.Array;
                    if (mask.NDim == 0 || !mask.Shape.Span.SequenceEqual(shape.Span.Slice(axis, mask.NDim)))
                    {
                        throw new ArgumentException(
                            $"index: a mask of shape {mask.Shape} at axis {axis} of an array of shape {shape}.", nameof(index));
                    }
                    var coordinates = NDArray.Empty([mask.NDim, (int)mask.Sum().Item<long>()], DType.Int64, mask.Device);
                    Kernels.NonZero(mask, coordinates);
                    for (int i = 0; i < mask.NDim; i++)
                    {
                        parts.Add(coordinates[i]);
                    }
                    axis += mask.NDim;
                    break;
                default:
                    parts.Add(part);
                    axis += part.Kind == IndexKind.NewAxis ? 0 : 1;
                    break;
            }
        }
        AddWhole(parts, shape.NDim - axis);
        return parts;
    }

    private static void AddWhole(List<IndexExpr> parts, int count)
    {
        for (int i = 0; i < count; i++)
        {
            parts.Add(..);
        }
    }

    private static NDArray Checked(int value, Shape shape, int axis)
    {
        int extent = shape[axis];
        return value >= -extent && value < extent
            ? value
            : throw new ArgumentOutOfRangeException(
                "index", value, $"index: {value} is out of bounds for axis {axis} with size {extent}.");
    }

    /// <summary>I, then the axes of the view that no array indexes: how the kernels lay out what is picked.</summary>
    private Shape KernelShape(Shape view)
    {
        var extents = new List<int>(_broadcast);
        for (int i = 0; i < view.NDim; i++)
        {
            if (System.Array.IndexOf(_axes, i) < 0)
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
            return value.BroadcastTo(kernelShape);
        }
        int[] toResult = ToResult(kernelShape.NDim);
        var resultShape = new int[toResult.Length];
        var toKernel = new int[toResult.Length];
        for (int i = 0; i < toResult.Length; i++)
        {
            resultShape[i] = kernelShape[toResult[i]];
            toKernel[toResult[i]] = i;
        }
        return value.BroadcastTo(resultShape).Transpose(toKernel);
    }
}
