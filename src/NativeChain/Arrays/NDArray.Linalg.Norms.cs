namespace NativeChain;

// What is made of decompositions and reductions.
public sealed partial class NDArray
{
    public static partial class Linalg
    {
        private static readonly Elementwise s_powerOfAbsolute = Elementwise.Of((x, p) => Expr.Pow(Expr.Abs(x), p));
        private static readonly Elementwise s_reciprocalAbove =
            Elementwise.Of((s, least) => Expr.Select(s > least, Expr.Reciprocal(s), 0));

        /// <summary>A norm of vectors or matrices.</summary>
        /// <remarks>
        /// Vectors: the p-norm, (sum |x|^p)^(1/p); the greatest and the least |x| for infinity and -infinity, the number of elements that are not 0 for 0.
        /// Matrices: "fro" the square root of the sum of squares, "nuc" the sum of the singular values, 2 and -2 the greatest and the least of those, 1 and -1
        /// the greatest and the least sum of |x| in a column, infinity and -infinity in a row.
        /// </remarks>
        /// <param name="x">The array.</param>
        /// <param name="ord">The order. None: the square root of the sum of squares.</param>
        /// <param name="axis">One axis, that of vectors, or two, those of matrices. By default the whole array: one vector or one matrix, or of any shape where there is no order.</param>
        /// <param name="keepDims">Where true, those axes stay with extent 1.</param>
        /// <exception cref="LinAlgException">A matrix whose singular values are needed holds a NaN or an infinity.</exception>
        /// <exception cref="ArgumentException">An order that vectors or matrices do not have, another number of axes, or the greatest or least of no elements.</exception>
        /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
        public static NDArray Norm(NDArray x, NormOrder ord = default, Axes axis = default, bool keepDims = false)
        {
            const string Function = "NDArray.Linalg.Norm";
            Guard.NotNull(x, nameof(x), Function);
            uint mask = axis.Mask(x.NDim, Function);
            int count = axis.IsAll ? x.NDim : axis.Count;
            NDArray a = Computed(x);
            NDArray y;
            if (ord.IsDefault && (axis.IsAll || count is 1 or 2))
            {
                y = Root(a, axis, keepDims);
            }
            else if (count == 1)
            {
                y = OfVectors(a, ord, axis, keepDims);
            }
            else if (count == 2)
            {
                int[] axes = axis.IsAll ? [0, 1] : axis.ToArray();
                y = OfMatrices(
                    a,
                    ord,
                    Shape.NormalizeAxis(axes[0], x.NDim, Function, nameof(axis)),
                    Shape.NormalizeAxis(axes[1], x.NDim, Function, nameof(axis)));
                y = y.Reshape(Axes.Reduce(in x._shape, mask, keepDims));
            }
            else
            {
                throw new ArgumentException(
                    $"{Function}: order {ord} over {count} axes of an array of shape {x._shape}; one axis or two are needed.", nameof(axis));
            }

            return Rounded(y, x);
        }

        /// <summary>The Moore-Penrose inverse, by singular values.</summary>
        /// <param name="x">(..., m, n).</param>
        /// <param name="rcond">Singular values up to this times the greatest count as 0.</param>
        /// <returns>(..., n, m).</returns>
        /// <exception cref="LinAlgException">A matrix holds a NaN or an infinity, or does not converge.</exception>
        /// <exception cref="ArgumentException">Fewer than two axes.</exception>
        public static NDArray Pinv(NDArray x, double rcond = 1e-15)
        {
            using ConfigScope exact = Config.Using(matmulPrecision: MatmulPrecision.Float32);
            NDArray a = Matrices(x, nameof(Pinv));
            if (a.Size == 0)
            {
                return Zeros(Append(Batch(a), a._shape[-1], a._shape[-2]), DTypes.PromoteFloating(x._dtype), x.Device);
            }

            (NDArray u, NDArray s, NDArray vh) = SVD(a, fullMatrices: false);
            NDArray inverse = s_reciprocalAbove.Compute(s, s.Max(-1, keepDims: true) * rcond);
            return Rounded(MatMul(vh.SwapAxes(-2, -1) * inverse.ExpandDims(-2), u.SwapAxes(-2, -1)), x);
        }

        /// <summary>The number of singular values above a tolerance.</summary>
        /// <param name="x">(..., m, n); the rank of an array with fewer axes is 0 where all elements are, else 1.</param>
        /// <param name="tol">The tolerance. None: the greatest singular value times max(m, n) times the precision of the dtype.</param>
        /// <returns>(...), int64.</returns>
        /// <exception cref="LinAlgException">A matrix holds a NaN or an infinity, or does not converge.</exception>
        public static NDArray MatrixRank(NDArray x, double? tol = null)
        {
            Guard.NotNull(x, nameof(x), "NDArray.Linalg.MatrixRank");
            if (x.NDim < 2)
            {
                return x.Any().AsType(DType.Int64);
            }

            NDArray s = SVDVals(Computed(x));
            if (s._shape[-1] == 0)
            {
                return Zeros(Batch(x), DType.Int64, x.Device);
            }

            Operand least = tol is double given ? given : s.Max(-1, keepDims: true) * (Math.Max(x._shape[-2], x._shape[-1]) * Precision(s._dtype));
            return Ops.Greater.Reduce(Reduction.Sum, -1, false, s, least);
        }

        /// <summary>A square matrix multiplied by itself; a negative power is that of the inverse, the power 0 the identity.</summary>
        /// <param name="x">(..., n, n). bools and integers keep their dtype where the power is not negative.</param>
        /// <param name="n">The power.</param>
        /// <returns>(..., n, n).</returns>
        /// <exception cref="LinAlgException">A negative power of a singular matrix.</exception>
        /// <exception cref="ArgumentException">The matrices are not square.</exception>
        public static NDArray MatrixPower(NDArray x, int n)
        {
            using ConfigScope exact = Config.Using(matmulPrecision: MatmulPrecision.Float32);
            Square(x, nameof(MatrixPower));
            if (n == 0)
            {
                return Eye(x._shape[-1], dtype: x._dtype).To(x.Device).BroadcastTo(x._shape).Copy();
            }

            // In float32 to the end where the elements have 16 bits.
            NDArray power = n < 0 ? Inv(x._dtype.IsFloating() ? Computed(x) : x) : x._dtype.IsFloating() ? Computed(x) : x;
            NDArray? y = null;
            for (long rest = Math.Abs((long)n); rest > 0; rest >>= 1)
            {
                if ((rest & 1) != 0)
                {
                    y = y is null ? power : MatMul(y, power);
                }

                if (rest > 1)
                {
                    power = MatMul(power, power);
                }
            }

            return y!.AsType(x._dtype.IsFloating() ? x._dtype : y._dtype, copy: ReferenceEquals(y, x));
        }

        /// <summary>The least x in norm among those that bring a x as near to b as can be, by singular values.</summary>
        /// <param name="a">(m, n).</param>
        /// <param name="b">(m,), or k columns, (m, k).</param>
        /// <param name="rcond">Singular values up to this times the greatest count as 0. None: max(m, n) times the precision of the dtype.</param>
        /// <returns>X: (n,) or (n, k); Residuals: the sums of squares of b - a x, (1,) or (k,), without elements where the rank is below n or m is not above it; Rank, the number of singular values that count; S, the singular values.</returns>
        /// <exception cref="LinAlgException">a holds a NaN or an infinity, or does not converge.</exception>
        /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
        public static (NDArray X, NDArray Residuals, int Rank, NDArray S) Lstsq(NDArray a, NDArray b, double? rcond = null)
        {
            const string Function = "NDArray.Linalg.Lstsq";
            using ConfigScope exact = Config.Using(matmulPrecision: MatmulPrecision.Float32);
            Matrices(a, nameof(Lstsq));
            Guard.NotNull(b, nameof(b), Function);
            CheckDevices(a, b, Function);
            if (a.NDim != 2 || b.NDim is not (1 or 2) || a._shape[0] != b._shape[0])
            {
                throw new ArgumentException($"{Function}: shapes {a._shape} and {b._shape} do not fit: (m, n) and (m,) or (m, k) are needed.", nameof(b));
            }

            DType dtype = DTypes.PromoteFloating(DTypes.Promote(a._dtype, b._dtype));
            NDArray left = Computed(a.AsType(dtype, copy: false));
            NDArray right = Computed(b.AsType(dtype, copy: false));
            (int m, int n) = (a._shape[0], a._shape[1]);
            (NDArray u, NDArray s, NDArray vh) = SVD(left, fullMatrices: false);
            NDArray least = (s.Size == 0 ? Zeros(1, s._dtype, s.Device) : s.Max(keepDims: true))
                * (rcond ?? (Math.Max(m, n) * Precision(s._dtype)));
            int rank = (int)Ops.Greater.Reduce(Reduction.Sum, Axes.All, false, s, least).Item<long>();

            // x = vh^T (1/s (u^T b)), b: (m, k).
            NDArray columns = b.NDim == 1 ? right.ExpandDims(1) : right;
            NDArray inverse = s_reciprocalAbove.Compute(s, least).ExpandDims(1);
            NDArray x = MatMul(vh.T, inverse * MatMul(u.T, columns));
            NDArray residuals = rank == n && m > n
                ? Ops.Square.Reduce(Reduction.Sum, 0, false, columns - MatMul(left, x))
                : Empty(0, s._dtype, s.Device);
            return (
                (b.NDim == 1 ? x.Squeeze(1) : x).AsType(dtype, copy: false),
                residuals.AsType(dtype, copy: false),
                rank,
                s.AsType(dtype, copy: false));
        }

        private static double Precision(DType dtype) => dtype == DType.Float32 ? 1.1920928955078125e-07 : 2.220446049250313e-16;

        private static NDArray Root(NDArray x, Axes axis, bool keepDims) => Sqrt(Ops.Square.Reduce(Reduction.Sum, axis, keepDims, x));

        private static NDArray OfVectors(NDArray x, NormOrder ord, Axes axis, bool keepDims) => ord.Number switch
        {
            double.PositiveInfinity => Ops.Absolute.Reduce(Reduction.Max, axis, keepDims, x),
            double.NegativeInfinity => Ops.Absolute.Reduce(Reduction.Min, axis, keepDims, x),
            0 => Ops.NotEqual.Reduce(Reduction.Sum, axis, keepDims, x, 0).AsType(x._dtype),
            1 => Ops.Absolute.Reduce(Reduction.Sum, axis, keepDims, x),
            2 => Root(x, axis, keepDims),
            double p => Pow(s_powerOfAbsolute.Reduce(Reduction.Sum, axis, keepDims, x, p), 1 / p),
            null => throw new ArgumentException($"NDArray.Linalg.Norm: vectors have no norm of order {ord}.", nameof(ord)),
        };

        private static NDArray OfMatrices(NDArray x, NormOrder ord, int row, int column)
        {
            NDArray SingularValues() => SVDVals(x.MoveAxis(row, -1).MoveAxis(column > row ? column - 1 : column, -1));
            NDArray Sums(int over) => Ops.Absolute.Reduce(Reduction.Sum, over, true, x);
            return ord.Number switch
            {
                1 => Sums(row).Max(column),
                -1 => Sums(row).Min(column),
                2 => SingularValues().Max(-1),
                -2 => SingularValues().Min(-1),
                double.PositiveInfinity => Sums(column).Max(row),
                double.NegativeInfinity => Sums(column).Min(row),
                null when ord.IsFrobenius => Root(x, (row, column), false),
                null when ord.IsNuclear => SingularValues().Sum(-1),
                _ => throw new ArgumentException($"NDArray.Linalg.Norm: matrices have no norm of order {ord}.", nameof(ord)),
            };
        }
    }
}
