namespace NativeChain;

public static partial class F
{
    /// <summary>The inverse of a matrix.</summary>
    /// <param name="a">(n, n); floating point. float16 and bfloat16 compute in float32.</param>
    /// <returns>(n, n).</returns>
    /// <exception cref="InvalidTypeException"><paramref name="a"/> is not floating point, or no square matrix.</exception>
    /// <exception cref="LinAlgException">It is singular.</exception>
    public static Variable Inv(Variable a) => new Inv("Inv", 2).ApplySingle(a);

    /// <summary>The inverse of each matrix of a batch.</summary>
    /// <param name="a">(m, n, n); floating point. float16 and bfloat16 compute in float32.</param>
    /// <returns>(m, n, n).</returns>
    /// <exception cref="InvalidTypeException"><paramref name="a"/> is not floating point, or no batch of square matrices.</exception>
    /// <exception cref="LinAlgException">One of them is singular; the message names it.</exception>
    public static Variable BatchInv(Variable a) => new Inv("BatchInv", 3).ApplySingle(a);
}

/// <summary>The node of <see cref="F.Inv"/> and <see cref="F.BatchInv"/>.</summary>
internal sealed class Inv(string label, int ndim) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainOutputs(0);
        return [NDArray.Linalg.Inv(inputs[0])];
    }

    // gx = -y^T gy y^T.
    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable y = GetRetainedOutput(0);
        return [-F.MatMul(F.MatMul(y, gradOutputs[0]!, transa: true), y, transb: true)];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => CheckSquare(label, inputs[0], ndim);

    internal static void CheckSquare(string label, NDArray a, int ndim)
    {
        TypeCheck.Floating(label, "a", a);
        TypeCheck.NDim(label, "a", a, ndim);
        TypeCheck.Extent(label, "a", a, -1, a.Shape[-2]);
    }
}
