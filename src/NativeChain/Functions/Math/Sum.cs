namespace NativeChain;

public static partial class F
{
    /// <summary>The sum of the elements along axes.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axes to sum over; all by default.</param>
    /// <param name="keepDims">Whether these axes stay, with extent 1.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks an axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice.</exception>
    public static Variable Sum(Variable x, Axes axis = default, bool keepDims = false) =>
        new Sum(axis, keepDims).ApplySingle(x);
}

/// <summary>The node of <see cref="F.Sum"/>.</summary>
internal sealed class Sum(Axes axis, bool keepDims) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) =>
        [Scratch.Mark(inputs[0].Sum(axis, keepDims))];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Shape shape = Inputs[0].Shape;
        Variable gy = F.Reshape(gradOutputs[0]!, Axes.Reduce(shape, axis.Mask(shape.NDim, Label), keepDims: true));
        return [F.BroadcastTo(gy, shape)];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("Sum", "x", inputs[0]);
        TypeCheck.Axes("Sum", "x", inputs[0], axis);
    }
}
