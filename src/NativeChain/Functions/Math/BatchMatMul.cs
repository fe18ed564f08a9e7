namespace NativeChain;

public static partial class F
{
    /// <summary>The matrix products of two stacks of matrices; an array of two axes is a stack of columns.</summary>
    /// <remarks><see cref="MatMul"/> does the same, and broadcasts; as in Chainer this one remains for programs that have it, and takes float32 alone.</remarks>
    /// <param name="a">The left operands, (B, M, K), or (B, M) for columns; float32.</param>
    /// <param name="b">The right operands, (B, K, N), or (B, K) for columns; float32.</param>
    /// <param name="transa">Whether each matrix of <paramref name="a"/> is (K, M).</param>
    /// <param name="transb">Whether each matrix of <paramref name="b"/> is (N, K).</param>
    /// <returns>(B, M, N).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable BatchMatMul(Variable a, Variable b, bool transa = false, bool transb = false)
    {
        a = Stacked(a, nameof(a));
        b = Stacked(b, nameof(b));
        TypeCheck.Extent("BatchMatMul", "b", b.Array, 0, a.Shape[0]);
        return MatMul(a, b, transa, transb);

        static Variable Stacked(Variable x, string argument)
        {
            ArgumentNullException.ThrowIfNull(x, argument);
            TypeCheck.SameDType("BatchMatMul", argument, x.Array, DType.Float32);
            if (x.NDim is not (2 or 3))
            {
                TypeCheck.Throw("BatchMatMul", argument, "2 or 3 axes", $"shape {x.Shape}");
            }

            return x.NDim == 3 ? x : ExpandDims(x, 2);
        }
    }
}
