namespace NativeChain;

public static partial class F
{
    /// <summary>The bilinear form of two inputs, with linear terms if asked for.</summary>
    /// <remarks>y[i, l] = sum_jk e1[i, j] e2[i, k] W[j, k, l], and with V1, V2 and b: + sum_j e1[i, j] V1[j, l] + sum_k e2[i, k] V2[k, l] + b[l].</remarks>
    /// <param name="e1">The left input, (N, J) or (N, ...) with J elements each; floating point.</param>
    /// <param name="e2">The right input, (N, K) or (N, ...) with K elements each. All arrays are of one dtype.</param>
    /// <param name="W">Weights, (J, K, L).</param>
    /// <param name="V1">Weights of the left input, (J, L); null with V2 and b for none.</param>
    /// <param name="V2">Weights of the right input, (K, L).</param>
    /// <param name="b">Biases, (L,).</param>
    /// <returns>(N, L).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">One or two of V1, V2 and b are missing.</exception>
    public static Variable Bilinear(Variable e1, Variable e2, Variable W, Variable? V1 = null, Variable? V2 = null, Variable? b = null)
    {
        ArgumentNullException.ThrowIfNull(e1);
        ArgumentNullException.ThrowIfNull(e2);
        ArgumentNullException.ThrowIfNull(W);
        bool linear = V1 is not null && V2 is not null && b is not null;
        if (!linear && (V1 is not null || V2 is not null || b is not null))
        {
            throw new ArgumentException("Bilinear: V1, V2 and b are given together, or none of them.", V1 is null ? nameof(V1) : V2 is null ? nameof(V2) : nameof(b));
        }

        Variable left = Rows("e1", e1);
        Variable right = Rows("e2", e2);
        (int j, int k) = (left.Shape[1], right.Shape[1]);
        if (Config.TypeCheck)
        {
            DType dtype = left.DType;
            TypeCheck.SameDType("Bilinear", "e2", right.RawArray!, dtype);
            TypeCheck.Extent("Bilinear", "e2", right.RawArray!, 0, left.Shape[0]);
            TypeCheck.SameDType("Bilinear", "W", W.RawArray!, dtype);
            TypeCheck.NDim("Bilinear", "W", W.RawArray!, 3);
            int l = W.Shape[2];
            TypeCheck.SameShape("Bilinear", "W", W.RawArray!, (j, k, l));
            if (linear)
            {
                TypeCheck.SameDType("Bilinear", "V1", V1!.RawArray!, dtype);
                TypeCheck.SameShape("Bilinear", "V1", V1.RawArray!, (j, l));
                TypeCheck.SameDType("Bilinear", "V2", V2!.RawArray!, dtype);
                TypeCheck.SameShape("Bilinear", "V2", V2.RawArray!, (k, l));
                TypeCheck.SameDType("Bilinear", "b", b!.RawArray!, dtype);
                TypeCheck.SameShape("Bilinear", "b", b.RawArray!, l);
            }
        }

        // (N, J, K) as one matrix of N rows: a single product.
        Variable pairs = Reshape(ExpandDims(left, 2) * ExpandDims(right, 1), (left.Shape[0], checked(j * k)));
        Variable y = MatMul(pairs, Reshape(W, (j * k, W.Shape[2])));
        return linear ? Add(y, MatMul(left, V1!), MatMul(right, V2!), b!) : y;
    }

    // (N, all that belongs to one example)
    private static Variable Rows(string argument, Variable x)
    {
        TypeCheck.Floating("Bilinear", argument, x.RawArray!);
        TypeCheck.MinNDim("Bilinear", argument, x.RawArray!, 2);
        return Reshape(x, (x.Shape[0], checked((int)new Shape(x.Shape.Span[1..]).Size)));
    }
}
