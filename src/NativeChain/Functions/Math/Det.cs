namespace NativeChain;

public static partial class F
{
    /// <summary>The determinant of a matrix.</summary>
    /// <param name="a">(n, n); floating point. float16 and bfloat16 compute in float32.</param>
    /// <returns>A 0-d array.</returns>
    /// <remarks>The gradient is made of the inverse: backward from a singular matrix is a <see cref="LinAlgException"/>.</remarks>
    /// <exception cref="InvalidTypeException"><paramref name="a"/> is not floating point, or no square matrix.</exception>
    public static Variable Det(Variable a) => new Det("Det", 2).ApplySingle(a);

    /// <summary>The determinant of each matrix of a batch.</summary>
    /// <param name="a">(m, n, n); floating point. float16 and bfloat16 compute in float32.</param>
    /// <returns>(m,).</returns>
    /// <remarks>The gradient is made of the inverses: backward from a singular matrix is a <see cref="LinAlgException"/>.</remarks>
    /// <exception cref="InvalidTypeException"><paramref name="a"/> is not floating point, or no batch of square matrices.</exception>
    public static Variable BatchDet(Variable a) => new Det("BatchDet", 3).ApplySingle(a);
}

/// <summary>The node of <see cref="F.Det"/> and <see cref="F.BatchDet"/>.</summary>
internal sealed class Det(string label, int ndim) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        RetainOutputs(0);
        return [NDArray.Linalg.Det(inputs[0])];
    }

    // d det / dx = det x^-T.
    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable inverse = new Inv(label, ndim).ApplySingle(GetRetainedInput(0));
        Variable scale = GetRetainedOutput(0) * gradOutputs[0]!;
        return ndim == 2
            ? [F.Transpose(inverse) * F.BroadcastTo(scale, inverse.Shape)]
            : [F.Transpose(inverse, 0, 2, 1) * F.BroadcastTo(F.Reshape(scale, (scale.Shape[0], 1, 1)), inverse.Shape)];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => Inv.CheckSquare(label, inputs[0], ndim);
}
