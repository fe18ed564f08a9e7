namespace NativeChain;

public static partial class F
{
    /// <summary>The array on a device; the same array where it lies there. The gradient comes back to the device of <paramref name="x"/>.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="dst">The device of the result.</param>
    public static Variable Copy(Variable x, Device dst) => new Copy(dst).ApplySingle(x);
}

/// <summary>The node of <see cref="F.Copy"/>.</summary>
internal sealed class Copy(Device dst) : FunctionNode
{
    private Device _source;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        _source = inputs[0].Device;
        return [inputs[0].To(dst)];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [F.Copy(gradOutputs[0]!, _source)];
}
