namespace NativeChain;

public static partial class F
{
    /// <summary>The array in another dtype; the array itself where it has that dtype.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="typ">The dtype of the result.</param>
    public static Variable Cast(Variable x, DType typ)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.DType == typ ? x : new Cast(typ).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.Cast"/>.</summary>
internal sealed class Cast(DType typ) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].AsType(typ)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        Inputs[0].DType is DType dtype && dtype.IsFloating() ? [F.Cast(gradOutputs[0]!, dtype)] : [null];
}
