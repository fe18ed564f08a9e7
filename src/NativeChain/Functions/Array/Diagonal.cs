namespace NativeChain;

public static partial class F
{
    /// <summary>The elements whose positions along two axes differ by a number, as the last axis; a view.</summary>
    /// <param name="x">An array of any dtype with these axes.</param>
    /// <param name="offset">The position along the second axis less that along the first: 0 the main diagonal, above it positive.</param>
    /// <param name="axis1">The first axis; negative counts from the end.</param>
    /// <param name="axis2">The second axis.</param>
    /// <returns>The axes of <paramref name="x"/> without these two, then the diagonal.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks such an axis.</exception>
    /// <exception cref="ArgumentException">One axis is named twice.</exception>
    public static Variable Diagonal(Variable x, int offset = 0, int axis1 = 0, int axis2 = 1) =>
        new Diagonal(offset, axis1, axis2).ApplySingle(x);
}

/// <summary>The node of <see cref="F.Diagonal"/>.</summary>
internal sealed class Diagonal(int offset, int axis1, int axis2) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Diagonal(offset, axis1, axis2)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new DiagonalGrad(Inputs[0].Shape, offset, axis1, axis2).ApplySingle(gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Axis("Diagonal", "x", inputs[0], axis1);
        TypeCheck.Axis("Diagonal", "x", inputs[0], axis2);
    }
}

/// <summary>gx of gy: zeros with gy on the diagonal.</summary>
internal sealed class DiagonalGrad(Shape shape, int offset, int axis1, int axis2) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray gx = NDArray.Zeros(shape, inputs[0].DType, inputs[0].Device);
        Kernels.Copy(inputs[0], gx.Diagonal(offset, axis1, axis2));
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [F.Diagonal(gradOutputs[0]!, offset, axis1, axis2)];
}
