namespace NativeChain;

public static partial class F
{
    /// <summary>The matrix product of two arrays, or of two stacks of matrices.</summary>
    /// <remarks>The last two axes are the matrices', those before them are broadcast. A 1-d array is a row on the left, a column on the right.</remarks>
    /// <param name="a">The left operand, (..., M, K); floating point.</param>
    /// <param name="b">The right operand, (..., K, N); floating point.</param>
    /// <param name="transa">Whether each matrix of <paramref name="a"/> is (K, M); says nothing for a 1-d array.</param>
    /// <param name="transb">Whether each matrix of <paramref name="b"/> is (N, K); says nothing for a 1-d array.</param>
    /// <returns>(..., M, N), without the axis of a 1-d operand; of the dtype to which those of the operands promote.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable MatMul(Variable a, Variable b, bool transa = false, bool transb = false)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.NDim > 1 && b.NDim > 1)
        {
            return new MatMul(transa, transb).ApplySingle(a, b);
        }
        NDArray left = a.RawArray!;
        NDArray right = b.RawArray!;
        NativeChain.MatMul.CheckVectors(left, right, transa, transb);
        Variable y = new MatMul(transa && left.NDim > 1, transb && right.NDim > 1).ApplySingle(
            left.NDim == 1 ? Reshape(a, [1, left.Shape[0]]) : a,
            right.NDim == 1 ? Reshape(b, [right.Shape[0], 1]) : b);

        // y: (..., M, N), where a 1-d operand has made M or N 1.
        Span<int> shape = stackalloc int[Shape.MaxNDim];
        int n = 0;
        for (int i = 0; i < y.NDim; i++)
        {
            bool added = (left.NDim == 1 && i == y.NDim - 2) || (right.NDim == 1 && i == y.NDim - 1);
            if (!added)
            {
                shape[n++] = y.Shape[i];
            }
        }
        return Reshape(y, new Shape(shape[..n]));
    }
}

/// <summary>The node of <see cref="F.MatMul"/>, of two operands with two axes or more: y = op(a) op(b), transposed if <c>transc</c>.</summary>
internal sealed class MatMul(bool transa, bool transb, bool transc = false, DType? dtype = null) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        DType promoted = DTypes.Promote(inputs[0].DType, inputs[1].DType);
        NDArray a = Operand(inputs[0], promoted, transa);
        NDArray b = Operand(inputs[1], promoted, transb);
        Shape.TryBroadcast(Batch(a), Batch(b), out Shape batch);
        (int m, int n) = (a.Shape[-2], b.Shape[-1]);
        NDArray y = NDArray.AllocateScratch(Append(batch, transc ? n : m, transc ? m : n), promoted, a.Device);
        Kernels.MatMul(a, b, transc ? SwapLast(y) : y);
        return [dtype is DType wanted && wanted != promoted ? y.AsType(wanted) : y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable a = GetRetainedInput(0);
        Variable b = GetRetainedInput(1);
        Variable gy = gradOutputs[0]!;
        var grads = new Variable?[targetInputs.Length];
        for (int i = 0; i < grads.Length; i++)
        {
            grads[i] = targetInputs[i] == 0
                ? F.SumTo(new MatMul(transc, !transb, transa, a.DType).ApplySingle(gy, b), a.Shape)
                : F.SumTo(new MatMul(!transa, transc, transb, b.DType).ApplySingle(a, gy), b.Shape);
        }
        return grads;
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        NDArray a = inputs[0];
        NDArray b = inputs[1];
        TypeCheck.Floating("MatMul", "a", a);
        TypeCheck.Floating("MatMul", "b", b);
        TypeCheck.MinNDim("MatMul", "a", a, 2);
        TypeCheck.MinNDim("MatMul", "b", b, 2);
        TypeCheck.Extent("MatMul", "b", b, transb ? -1 : -2, a.Shape[transa ? -2 : -1]);
        if (!Shape.TryBroadcast(Batch(a), Batch(b), out _))
        {
            TypeCheck.Throw("MatMul", "b", $"axes before the last two that broadcast with {Batch(a)}", $"shape {b.Shape}");
        }
    }

    /// <summary>The checks that name the shapes as the caller knows them, where one operand is 1-d.</summary>
    internal static void CheckVectors(NDArray a, NDArray b, bool transa, bool transb)
    {
        TypeCheck.MinNDim("MatMul", "a", a, 1);
        TypeCheck.MinNDim("MatMul", "b", b, 1);
        int k = a.Shape[transa && a.NDim > 1 ? -2 : -1];
        TypeCheck.Extent("MatMul", "b", b, b.NDim == 1 || transb ? -1 : -2, k);
    }

    private static NDArray Operand(NDArray x, DType dtype, bool transposed)
    {
        x = x.AsType(dtype, copy: false);
        return transposed ? SwapLast(x) : x;
    }

    private static NDArray SwapLast(NDArray x)
    {
        if (x.NDim == 2)
        {
            return x.T;
        }
        var axes = new int[x.NDim];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = i;
        }
        (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
        return x.Transpose(axes);
    }

    private static Shape Batch(NDArray x) => new(x.Shape.Span[..^2]);

    private static Shape Append(Shape batch, int m, int n)
    {
        Span<int> shape = stackalloc int[Shape.MaxNDim];
        batch.Span.CopyTo(shape);
        shape[batch.NDim] = m;
        shape[batch.NDim + 1] = n;
        return new Shape(shape[..(batch.NDim + 2)]);
    }
}
