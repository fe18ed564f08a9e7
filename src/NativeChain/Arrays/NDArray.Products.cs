namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>Matrix product of the last two axes, leading axes broadcast, as NumPy's matmul. (..., M, K) and (..., K, N) give (..., M, N); an array of one axis is a row on the left and a column on the right, and that axis is dropped.</summary>
    /// <param name="a">The left factor, at least one axis.</param>
    /// <param name="b">The right factor, at least one axis.</param>
    /// <exception cref="ArgumentException">A 0-d factor, extents that do not fit, or different devices.</exception>
    public static NDArray MatMul(NDArray a, NDArray b)
    {
        const string Function = "NDArray.MatMul";
        Guard.NotNull(a);
        Guard.NotNull(b);
        CheckDevices(a, b, Function);
        if (a.NDim == 0 || b.NDim == 0)
        {
            throw new ArgumentException(
                $"{Function}: shapes {a._shape} and {b._shape}; both factors need an axis.", a.NDim == 0 ? nameof(a) : nameof(b));
        }

        DType dtype = DTypes.Promote(a._dtype, b._dtype);
        if (dtype == DType.Bool)
        {
            // Some pair is true where their number is not 0.
            return MatMul(a.AsType(DType.Int64), b).AsType(DType.Bool);
        }

        NDArray left = a.NDim == 1 ? a.ExpandDims(0) : a;
        NDArray right = b.NDim == 1 ? b.ExpandDims(1) : b;
        bool fits = left._shape[-1] == right._shape[-2];
        Shape lead = default;
        if (!fits || !Shape.TryBroadcast(new Shape(left._shape.Span[..^2]), new Shape(right._shape.Span[..^2]), out lead))
        {
            throw new ArgumentException($"{Function}: shapes {a._shape} and {b._shape} do not fit.", nameof(b));
        }

        Span<int> extents = stackalloc int[Shape.MaxNDim];
        lead.Span.CopyTo(extents);
        int ndim = lead.NDim + 2;
        extents[ndim - 2] = left._shape[-2];
        extents[ndim - 1] = right._shape[-1];
        NDArray y = Allocate(new Shape(extents[..ndim]), dtype, a.Storage.Pool);
        Kernels.MatMul(left.AsType(dtype, copy: false), right.AsType(dtype, copy: false), y);
        if (a.NDim > 1 && b.NDim > 1)
        {
            return y;
        }

        int n = lead.NDim;
        if (a.NDim > 1)
        {
            extents[n++] = left._shape[-2];
        }
        else if (b.NDim > 1)
        {
            extents[n++] = right._shape[-1];
        }

        return y.WithShapeInPlace(new Shape(extents[..n]));
    }

    /// <summary>NumPy's dot: the inner product of two arrays of one axis, the matrix product of two matrices, the product with a 0-d array; else the sum over the last axis of a and the last but one of b (the last, if b has one).</summary>
    /// <param name="b">The right factor.</param>
    /// <exception cref="ArgumentException">Extents that do not fit, more than 8 axes in the result, or different devices.</exception>
    public NDArray Dot(NDArray b)
    {
        const string Function = "NDArray.Dot";
        Guard.NotNull(b);
        CheckDevices(this, b, Function);
        if (NDim == 0 || b.NDim == 0)
        {
            return this * b;
        }

        int axis = Math.Max(b.NDim - 2, 0);
        if (_shape[-1] != b._shape[axis])
        {
            throw new ArgumentException(
                $"{Function}: shapes {_shape} and {b._shape} do not fit: {_shape[-1]} and {b._shape[axis]}.", nameof(b));
        }

        if (b.NDim <= 2)
        {
            return MatMul(this, b);
        }

        // (A..., K) . (K, B... N), then back to (A..., B..., N).
        int inner = _shape[-1];
        int[] order = new int[b.NDim];
        order[0] = axis;
        for (int i = 0, k = 1; i < b.NDim; i++)
        {
            if (i != axis)
            {
                order[k++] = i;
            }
        }

        Span<int> extents = stackalloc int[NDim + b.NDim - 2];
        _shape.Span[..^1].CopyTo(extents);
        b._shape.Span[..axis].CopyTo(extents[(NDim - 1)..]);
        extents[^1] = b._shape[-1];
        var shape = new Shape(extents);
        int rows = (int)(inner == 0 ? new Shape(_shape.Span[..^1]).Size : Size / inner);
        int columns = (int)new Shape(extents[(NDim - 1)..]).Size;
        NDArray left = Reshape(new Shape(rows, inner));
        NDArray right = b.Transpose(order).Reshape(new Shape(inner, columns));
        return MatMul(left, right).WithShapeInPlace(in shape);
    }

    /// <summary>NumPy's dot of two arrays; see <see cref="Dot(NDArray)"/>.</summary>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor.</param>
    /// <exception cref="ArgumentException">Extents that do not fit, more than 8 axes in the result, or different devices.</exception>
    public static NDArray Dot(NDArray a, NDArray b) => Guard.NotNull(a).Dot(b);

    private static void CheckDevices(NDArray a, NDArray b, string function)
    {
        if (a.Storage.Pool != b.Storage.Pool)
        {
            throw new ArgumentException($"{function}: a lies on {a.Device}, b on {b.Device}.", nameof(b));
        }
    }
}
