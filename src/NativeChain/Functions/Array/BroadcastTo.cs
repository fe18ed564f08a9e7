namespace NativeChain;

public static partial class F
{
    /// <summary>The array repeated along new axes and along axes of extent 1; a view.</summary>
    /// <param name="x">An array of any dtype.</param>
    /// <param name="shape">The shape of the result.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> does not broadcast to that shape.</exception>
    public static Variable BroadcastTo(Variable x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Shape == shape ? x : new BroadcastTo(shape).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.BroadcastTo"/>.</summary>
internal sealed class BroadcastTo(Shape shape) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].BroadcastTo(shape)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [F.SumTo(gradOutputs[0]!, Inputs[0].Shape)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        if (!Shape.TryBroadcast(inputs[0].Shape, shape, out Shape result) || result != shape)
        {
            TypeCheck.Throw("BroadcastTo", "x", $"a shape that broadcasts to {shape}", $"shape {inputs[0].Shape}");
        }
    }
}
