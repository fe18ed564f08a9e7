namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>
    /// Dense linear algebra, with numpy.linalg's names and semantics. Matrices are the last two axes; the axes before them are a batch, and the function
    /// is of each matrix by itself. float32 and float64 keep their dtype, bools and integers give float64; float16 and bfloat16 compute in
    /// float32 and are rounded once.
    /// </summary>
    /// <remarks>A matrix that has no such result is a <see cref="LinAlgException"/>, which names it by its place in the batch. Everywhere else, wrong shapes are an <see cref="ArgumentException"/>.</remarks>
    public static partial class Linalg
    {
        /// <summary>The determinant; 1 of a matrix without elements.</summary>
        /// <param name="x">(..., n, n).</param>
        /// <returns>(...).</returns>
        /// <exception cref="ArgumentException">The matrices are not square.</exception>
        public static NDArray Det(NDArray x)
        {
            NDArray a = Square(x, nameof(Det));
            NDArray y = Allocate(Batch(a), a._dtype, a.Device);
            Kernels.Det(a, y);
            return Rounded(y, x);
        }

        /// <summary>The sign of the determinant and the logarithm of its absolute value, where the determinant itself may be out of range: 0 and -infinity of a singular matrix.</summary>
        /// <param name="x">(..., n, n).</param>
        /// <returns>Both (...).</returns>
        /// <exception cref="ArgumentException">The matrices are not square.</exception>
        public static (NDArray Sign, NDArray LogAbsDet) SlogDet(NDArray x)
        {
            NDArray a = Square(x, nameof(SlogDet));
            Shape batch = Batch(a);
            NDArray sign = Allocate(batch, a._dtype, a.Device);
            NDArray log = Allocate(batch, a._dtype, a.Device);
            Kernels.SlogDet(a, sign, log);
            return (Rounded(sign, x), Rounded(log, x));
        }

        /// <summary>The inverse.</summary>
        /// <param name="x">(..., n, n).</param>
        /// <returns>(..., n, n).</returns>
        /// <exception cref="LinAlgException">A matrix is singular.</exception>
        /// <exception cref="ArgumentException">The matrices are not square.</exception>
        public static NDArray Inv(NDArray x)
        {
            NDArray a = Square(x, nameof(Inv));
            NDArray y = Allocate(a._shape, a._dtype, a.Device);
            Kernels.Inv(a, y);
            return Rounded(y, x);
        }

        /// <summary>The solution y of a y = b.</summary>
        /// <param name="a">(..., n, n).</param>
        /// <param name="b">One right-hand side for all matrices, (n,); or k of them as columns, (..., n, k).</param>
        /// <returns>(..., n), or (..., n, k) with the batches broadcast; in the dtype to which the two promote.</returns>
        /// <exception cref="LinAlgException">A matrix is singular.</exception>
        /// <exception cref="ArgumentException">The matrices are not square, or the shapes do not fit.</exception>
        public static NDArray Solve(NDArray a, NDArray b)
        {
            Square(a, nameof(Solve));
            Guard.NotNull(b, nameof(b), "NDArray.Linalg.Solve");
            CheckDevices(a, b, "NDArray.Linalg.Solve");
            NDArray columns = b.NDim == 1 ? b.ExpandDims(1) : b;
            if (b.NDim == 0 || columns._shape[-2] != a._shape[-2] || !Shape.TryBroadcast(Batch(a), Batch(columns), out Shape batch))
            {
                throw new ArgumentException($"NDArray.Linalg.Solve: shapes {a._shape} and {b._shape} do not fit.", nameof(b));
            }

            DType dtype = DTypes.PromoteFloating(DTypes.Promote(a._dtype, b._dtype));
            NDArray left = Computed(a.AsType(dtype, copy: false)).BroadcastTo(Append(batch, a._shape[-2], a._shape[-1]));
            NDArray right = Computed(columns.AsType(dtype, copy: false)).BroadcastTo(Append(batch, columns._shape[-2], columns._shape[-1]));
            NDArray y = Allocate(right._shape, right._dtype, right.Device);
            Kernels.Solve(left, right, y);
            y = y.AsType(dtype, copy: false);
            return b.NDim == 1 ? y.Squeeze(-1) : y;
        }

        /// <summary>The factor of a symmetric, positive definite matrix: the lower triangular y with y y^T = x.</summary>
        /// <param name="x">(..., n, n), of which only the lower triangle is read.</param>
        /// <param name="upper">Whether to read the upper triangle instead, and give the upper triangular y with y^T y = x.</param>
        /// <returns>(..., n, n).</returns>
        /// <exception cref="LinAlgException">A matrix is not positive definite.</exception>
        /// <exception cref="ArgumentException">The matrices are not square.</exception>
        public static NDArray Cholesky(NDArray x, bool upper = false)
        {
            NDArray a = Triangle(Square(x, nameof(Cholesky)), upper);
            NDArray y = Allocate(a._shape, a._dtype, a.Device);
            Kernels.Cholesky(a, y);
            return Rounded(Triangle(y, upper), x);
        }

        /// <summary>Orthonormal columns times an upper triangular matrix, by Householder's reflections: the diagonal of R may be negative, as LAPACK leaves it.</summary>
        /// <param name="x">(..., m, n).</param>
        /// <param name="mode">How many columns Q has.</param>
        /// <returns>Q: (..., m, k) and R: (..., k, n), where k is min(m, n), or m in <see cref="QRMode.Complete"/>.</returns>
        /// <exception cref="ArgumentException">Fewer than two axes.</exception>
        public static (NDArray Q, NDArray R) QR(NDArray x, QRMode mode = QRMode.Reduced)
        {
            NDArray a = Matrices(x, nameof(QR));
            (int m, int n) = (a._shape[-2], a._shape[-1]);
            int k = mode switch
            {
                QRMode.Reduced => Math.Min(m, n),
                QRMode.Complete => m,
                _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "NDArray.Linalg.QR: no such mode."),
            };
            Shape batch = Batch(a);
            NDArray q = Allocate(Append(batch, m, k), a._dtype, a.Device);
            NDArray r = Allocate(Append(batch, k, n), a._dtype, a.Device);
            Kernels.QR(a, q, r);
            return (Rounded(q, x), Rounded(r, x));
        }

        /// <summary>The singular value decomposition x = U diag(S) Vh.</summary>
        /// <param name="x">(..., m, n).</param>
        /// <param name="fullMatrices">Whether U and Vh are square; else they have min(m, n) columns and rows.</param>
        /// <returns>U: (..., m, m) or (..., m, k), S: (..., k) descending, Vh: (..., n, n) or (..., k, n), where k is min(m, n).</returns>
        /// <exception cref="LinAlgException">A matrix holds a NaN or an infinity, or does not converge.</exception>
        /// <exception cref="ArgumentException">Fewer than two axes.</exception>
        public static (NDArray U, NDArray S, NDArray Vh) SVD(NDArray x, bool fullMatrices = true)
        {
            NDArray a = Matrices(x, nameof(SVD));
            (int m, int n) = (a._shape[-2], a._shape[-1]);
            int k = Math.Min(m, n);
            Shape batch = Batch(a);
            NDArray u = Allocate(Append(batch, m, fullMatrices ? m : k), a._dtype, a.Device);
            NDArray s = Allocate(Append(batch, k), a._dtype, a.Device);
            NDArray vh = Allocate(Append(batch, fullMatrices ? n : k, n), a._dtype, a.Device);
            Kernels.SVD(a, u, s, vh);
            return (Rounded(u, x), Rounded(s, x), Rounded(vh, x));
        }

        /// <summary>The singular values alone, descending: NumPy's svd with compute_uv=False.</summary>
        /// <param name="x">(..., m, n).</param>
        /// <returns>(..., min(m, n)).</returns>
        /// <exception cref="LinAlgException">A matrix holds a NaN or an infinity, or does not converge.</exception>
        /// <exception cref="ArgumentException">Fewer than two axes.</exception>
        public static NDArray SVDVals(NDArray x)
        {
            NDArray a = Matrices(x, nameof(SVDVals));
            NDArray s = Allocate(Append(Batch(a), Math.Min(a._shape[-2], a._shape[-1])), a._dtype, a.Device);
            Kernels.SVD(a, null, s, null);
            return Rounded(s, x);
        }

        /// <summary>Eigenvalues and eigenvectors of a symmetric matrix.</summary>
        /// <param name="x">(..., n, n), of which only the lower triangle is read.</param>
        /// <param name="upper">Whether to read the upper triangle instead.</param>
        /// <returns>Eigenvalues: (..., n) ascending; Eigenvectors: (..., n, n), orthonormal, in the columns, in the same order.</returns>
        /// <exception cref="LinAlgException">A matrix holds a NaN or an infinity, or does not converge.</exception>
        /// <exception cref="ArgumentException">The matrices are not square.</exception>
        public static (NDArray Eigenvalues, NDArray Eigenvectors) Eigh(NDArray x, bool upper = false)
        {
            NDArray a = Triangle(Square(x, nameof(Eigh)), upper);
            NDArray w = Allocate(Append(Batch(a), a._shape[-1]), a._dtype, a.Device);
            NDArray v = Allocate(a._shape, a._dtype, a.Device);
            Kernels.Eigh(a, w, v);
            return (Rounded(w, x), Rounded(v, x));
        }

        /// <summary>Eigenvalues of a symmetric matrix, ascending.</summary>
        /// <param name="x">(..., n, n), of which only the lower triangle is read.</param>
        /// <param name="upper">Whether to read the upper triangle instead.</param>
        /// <returns>(..., n).</returns>
        /// <exception cref="LinAlgException">A matrix holds a NaN or an infinity, or does not converge.</exception>
        /// <exception cref="ArgumentException">The matrices are not square.</exception>
        public static NDArray EigValsH(NDArray x, bool upper = false)
        {
            NDArray a = Triangle(Square(x, nameof(EigValsH)), upper);
            NDArray w = Allocate(Append(Batch(a), a._shape[-1]), a._dtype, a.Device);
            Kernels.Eigh(a, w, null);
            return Rounded(w, x);
        }

        // x in the dtype that is computed in, float32 or float64.
        private static NDArray Computed(NDArray x) =>
            x.AsType(x._dtype == DType.Float32 || x._dtype.ItemSize() == 2 ? DType.Float32 : DType.Float64, copy: false);

        // A result in the dtype that it has for x: float16 and bfloat16 were not computed in their own.
        private static NDArray Rounded(NDArray y, NDArray x) => y.AsType(DTypes.PromoteFloating(x._dtype), copy: false);

        private static NDArray Matrices(NDArray x, string function) => Computed(WithAxes(x, 2, "Linalg." + function));

        private static NDArray Square(NDArray x, string function)
        {
            NDArray a = Matrices(x, function);
            return a._shape[-1] == a._shape[-2]
                ? a
                : throw new ArgumentException($"NDArray.Linalg.{function}: an array of shape {x._shape}; square matrices are needed.", nameof(x));
        }

        // Kernels read the lower triangle: that of the transpose is the upper one.
        private static NDArray Triangle(NDArray x, bool upper) => upper ? x.SwapAxes(-2, -1) : x;

        private static Shape Batch(NDArray x) => new(x._shape.Span[..^2]);

        private static Shape Append(Shape batch, params ReadOnlySpan<int> extents) => new([.. batch.Span, .. extents]);
    }
}

/// <summary>How many columns Q of <see cref="NDArray.Linalg.QR"/> has.</summary>
public enum QRMode
{
    /// <summary>min(m, n) of them.</summary>
    Reduced,

    /// <summary>m of them: Q is square.</summary>
    Complete,
}
