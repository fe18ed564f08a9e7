namespace NativeChain;

public static partial class F
{
    /// <summary>The Cholesky factor of a symmetric, positive definite matrix: the lower triangular y with y y^T = a.</summary>
    /// <param name="a">(n, n), of which only the lower triangle is read; floating point. float16 and bfloat16 compute in float32.</param>
    /// <returns>(n, n).</returns>
    /// <remarks>The gradient is symmetric: an element off the diagonal and its mirror image have half each.</remarks>
    /// <exception cref="InvalidTypeException"><paramref name="a"/> is not floating point, or no square matrix.</exception>
    /// <exception cref="LinAlgException">It is not positive definite.</exception>
    public static Variable Cholesky(Variable a) => new Cholesky().ApplySingle(a);
}

/// <summary>The node of <see cref="F.Cholesky"/>.</summary>
internal sealed class Cholesky : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainOutputs(0);
        return [NDArray.Linalg.Cholesky(inputs[0])];
    }

    // s = y^-T phi(y^T gy) y^-1, phi taking the lower triangle and half the diagonal; gx = (s + s^T) / 2.
    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable y = GetRetainedOutput(0);
        int n = y.Shape[0];
        NDArray phi = (NDArray.Tri(n, dtype: y.DType) - (0.5 * NDArray.Eye(n, dtype: y.DType))).To(y.Device);
        Variable inverse = F.Inv(y);
        Variable product = phi * F.MatMul(y, gradOutputs[0]!, transa: true);
        Variable s = F.MatMul(F.MatMul(inverse, product, transa: true), inverse);
        return [0.5 * (s + F.Transpose(s))];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => Inv.CheckSquare(Label, inputs[0], 2);
}
