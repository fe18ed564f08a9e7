using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

// Dense linear algebra on batches: the last two axes are the matrix (the last one the vector), the axes before it the batch, the same
// for all arrays of a call. float32 or float64, one dtype a call. What a matrix without a result leaves in the outputs is undefined.
public static unsafe partial class Kernels
{
    /// <summary>y = the determinant of each matrix.</summary>
    /// <param name="x">(..., n, n), float32 or float64.</param>
    /// <param name="y">(...).</param>
    public static void Det(NDArray x, NDArray y) =>
        OfTwo(&Native.nc_det, x, nameof(x), y, nameof(y), nameof(Det));

    /// <summary>The sign of each determinant, and the logarithm of its absolute value: 0 and -infinity of a singular matrix.</summary>
    /// <param name="x">(..., n, n), float32 or float64.</param>
    /// <param name="sign">(...).</param>
    /// <param name="logAbs">(...).</param>
    public static void SlogDet(NDArray x, NDArray sign, NDArray logAbs) =>
        OfThree(&Native.nc_slogdet, x, nameof(x), sign, nameof(sign), logAbs, nameof(logAbs), nameof(SlogDet));

    /// <summary>y = the inverse of each matrix.</summary>
    /// <param name="x">(..., n, n), float32 or float64.</param>
    /// <param name="y">(..., n, n); may be x.</param>
    /// <exception cref="LinAlgException">A matrix is singular.</exception>
    public static void Inv(NDArray x, NDArray y) =>
        OfTwo(&Native.nc_inv, x, nameof(x), y, nameof(y), nameof(Inv));

    /// <summary>y with a y = b, matrix by matrix.</summary>
    /// <param name="a">(..., n, n), float32 or float64.</param>
    /// <param name="b">(..., n, k).</param>
    /// <param name="y">(..., n, k); may be b.</param>
    /// <exception cref="LinAlgException">A matrix of a is singular.</exception>
    public static void Solve(NDArray a, NDArray b, NDArray y) =>
        OfThree(&Native.nc_solve, a, nameof(a), b, nameof(b), y, nameof(y), nameof(Solve));

    /// <summary>The lower triangular y with y y^T = x, matrix by matrix. Only x's lower triangles are read.</summary>
    /// <param name="x">(..., n, n), float32 or float64.</param>
    /// <param name="y">(..., n, n), zeros above the diagonal; may be x.</param>
    /// <exception cref="LinAlgException">A matrix is not positive definite.</exception>
    public static void Cholesky(NDArray x, NDArray y) =>
        OfTwo(&Native.nc_cholesky, x, nameof(x), y, nameof(y), nameof(Cholesky));

    /// <summary>x = q r, q with orthonormal columns, r upper triangular.</summary>
    /// <param name="x">(..., m, n), float32 or float64.</param>
    /// <param name="q">(..., m, k), k being min(m, n), or m.</param>
    /// <param name="r">(..., k, n).</param>
    public static void QR(NDArray x, NDArray q, NDArray r) =>
        OfThree(&Native.nc_qr, x, nameof(x), q, nameof(q), r, nameof(r), nameof(QR));

    /// <summary>x = u diag(s) vh, u and vh with orthonormal columns and rows, s descending.</summary>
    /// <param name="x">(..., m, n), float32 or float64.</param>
    /// <param name="u">(..., m, k), k being min(m, n), or m; null for the values alone.</param>
    /// <param name="s">(..., min(m, n)).</param>
    /// <param name="vh">(..., l, n), l being min(m, n), or n where u has m columns; null where u is.</param>
    /// <exception cref="LinAlgException">A NaN or an infinity in x, or no convergence.</exception>
    [SkipLocalsInit]
    public static void SVD(NDArray x, NDArray? u, NDArray s, NDArray? vh)
    {
        nc_tensor* t = stackalloc nc_tensor[4];
        MemoryPool pool = Describe(x, nameof(x), nameof(SVD), &t[0]);
        Describe(s, nameof(s), nameof(SVD), &t[2], pool);
        nc_tensor* left = DescribeOptional(u, nameof(u), nameof(SVD), &t[1], pool);
        nc_tensor* right = DescribeOptional(vh, nameof(vh), nameof(SVD), &t[3], pool);
        Status.Check(Native.nc_svd(Context(pool), &t[0], left, &t[2], right));
        GC.KeepAlive(x);
        GC.KeepAlive(u);
        GC.KeepAlive(s);
        GC.KeepAlive(vh);
    }

    /// <summary>Eigenvalues of symmetric matrices, ascending, and orthonormal eigenvectors. Only x's lower triangles are read.</summary>
    /// <param name="x">(..., n, n), float32 or float64.</param>
    /// <param name="w">(..., n).</param>
    /// <param name="v">(..., n, n), the vectors in its columns; null for the values alone.</param>
    /// <exception cref="LinAlgException">A NaN or an infinity in x, or no convergence.</exception>
    [SkipLocalsInit]
    public static void Eigh(NDArray x, NDArray w, NDArray? v)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(x, nameof(x), nameof(Eigh), &t[0]);
        Describe(w, nameof(w), nameof(Eigh), &t[1], pool);
        nc_tensor* vectors = DescribeOptional(v, nameof(v), nameof(Eigh), &t[2], pool);
        Status.Check(Native.nc_eigh(Context(pool), &t[0], &t[1], vectors));
        GC.KeepAlive(x);
        GC.KeepAlive(w);
        GC.KeepAlive(v);
    }

    [SkipLocalsInit]
    private static void OfTwo(
        delegate*<nc_context*, nc_tensor*, nc_tensor*, int> kernel, NDArray x, string xName, NDArray y, string yName, string function)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, xName, function, &t[0]);
        Describe(y, yName, function, &t[1], pool);
        Status.Check(kernel(Context(pool), &t[0], &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    [SkipLocalsInit]
    private static void OfThree(
        delegate*<nc_context*, nc_tensor*, nc_tensor*, nc_tensor*, int> kernel,
        NDArray x,
        string xName,
        NDArray y,
        string yName,
        NDArray z,
        string zName,
        string function)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(x, xName, function, &t[0]);
        Describe(y, yName, function, &t[1], pool);
        Describe(z, zName, function, &t[2], pool);
        Status.Check(kernel(Context(pool), &t[0], &t[1], &t[2]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(z);
    }
}
