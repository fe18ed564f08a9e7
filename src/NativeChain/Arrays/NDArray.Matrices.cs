namespace NativeChain;

// Diagonals and triangles.
public sealed partial class NDArray
{
    /// <summary>A matrix with these elements on a diagonal and zeros elsewhere; of a matrix, its diagonal: a view.</summary>
    /// <param name="x">One axis, or two.</param>
    /// <param name="k">The diagonal: 0 the main one, above it positive.</param>
    /// <exception cref="ArgumentException">Another number of axes.</exception>
    public static NDArray Diag(NDArray x, int k = 0)
    {
        Guard.NotNull(x);
        switch (x.NDim)
        {
            case 1:
                int n = Extent(x._shape[0] + Math.Abs((long)k), "NDArray.Diag", nameof(k));
                NDArray y = Zeros((n, n), x._dtype, x.Device);
                Kernels.Copy(x, y.Diagonal(k));
                return y;
            case 2:
                return x.Diagonal(k);
            default:
                throw new ArgumentException($"NDArray.Diag: an array of shape {x._shape}; one axis or two are needed.", nameof(x));
        }
    }

    /// <summary>Sum of the elements of a diagonal. bool and integers give int64; floating point keeps its dtype.</summary>
    /// <param name="offset">The diagonal: 0 the main one, above it positive.</param>
    /// <param name="axis1">The first axis of the matrices.</param>
    /// <param name="axis2">The second.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    /// <exception cref="ArgumentException">One axis twice.</exception>
    public NDArray Trace(int offset = 0, int axis1 = 0, int axis2 = 1) => Diagonal(offset, axis1, axis2).Sum(-1);

    /// <summary>As <see cref="Trace(int, int, int)"/>.</summary>
    /// <inheritdoc cref="Trace(int, int, int)"/>
    public static NDArray Trace(NDArray x, int offset = 0, int axis1 = 0, int axis2 = 1) => Guard.NotNull(x).Trace(offset, axis1, axis2);

    /// <summary>Ones on a diagonal and below it, zeros above. Returns: (n, m).</summary>
    /// <param name="n">Rows.</param>
    /// <param name="m">Columns; n where null.</param>
    /// <param name="k">The diagonal: 0 the main one, above it positive.</param>
    /// <param name="dtype">The default dtype where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of rows or columns.</exception>
    public static NDArray Tri(int n, int? m = null, int k = 0, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        int columns = m ?? n;
        ArgumentOutOfRangeException.ThrowIfNegative(columns, nameof(m));
        return Triangle(n, columns, k, Device.Cpu).AsType(dtype ?? DefaultDType, copy: false);
    }

    /// <summary>The matrices of the last two axes with zeros above a diagonal.</summary>
    /// <param name="x">Two axes or more.</param>
    /// <param name="k">The diagonal: 0 the main one, above it positive.</param>
    /// <exception cref="ArgumentException">Fewer axes.</exception>
    public static NDArray Tril(NDArray x, int k = 0)
    {
        WithAxes(x, 2, nameof(Tril));
        return Ops.Where.Compute(Triangle(x._shape[-2], x._shape[-1], k, x.Device), x, 0);
    }

    /// <summary>The matrices of the last two axes with zeros below a diagonal.</summary>
    /// <param name="x">Two axes or more.</param>
    /// <param name="k">The diagonal: 0 the main one, above it positive.</param>
    /// <exception cref="ArgumentException">Fewer axes.</exception>
    public static NDArray Triu(NDArray x, int k = 0)
    {
        WithAxes(x, 2, nameof(Triu));
        return Ops.Where.Compute(~Triangle(x._shape[-2], x._shape[-1], k - 1, x.Device), x, 0);
    }

    // (n, m) bool: whether column <= row + k.
    private static NDArray Triangle(int n, int m, int k, Device device) =>
        Arange(m).To(device) <= Arange(k, (long)n + k).To(device).Reshape((n, 1));
}
