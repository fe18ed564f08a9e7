namespace NativeChain;

/// <summary>Two gradients of one variable added up, where the sum is to be differentiated again.</summary>
internal sealed class GradientSum : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray y = NDArray.EmptyLike(inputs[0]);
        Kernels.Run(FixedPrograms.Add(y.DType), inputs[0], inputs[1], y);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        targetInputs.Length == 1 ? [gradOutputs[0]] : [gradOutputs[0], gradOutputs[0]];
}
