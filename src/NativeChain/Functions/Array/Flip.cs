namespace NativeChain;

public static partial class F
{
    /// <summary>The elements in reverse order along an axis; a view.</summary>
    /// <param name="x">An array of any dtype with that axis.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks the axis.</exception>
    public static Variable Flip(Variable x, int axis) => new Flip(axis, "Flip").ApplySingle(x);

    /// <summary>Columns in reverse order, the first axis as it is; a view.</summary>
    /// <param name="a">At least two axes; floating point.</param>
    /// <exception cref="InvalidTypeException"><paramref name="a"/> is not floating point, or lacks the axis.</exception>
    public static Variable FlipLR(Variable a) => FlipFloating(a, 1, "FlipLR");

    /// <summary>Rows in reverse order; a view.</summary>
    /// <param name="a">At least one axis; floating point.</param>
    /// <exception cref="InvalidTypeException"><paramref name="a"/> is not floating point, or has no axis.</exception>
    public static Variable FlipUD(Variable a) => FlipFloating(a, 0, "FlipUD");

    private static Variable FlipFloating(Variable a, int axis, string function)
    {
        ArgumentNullException.ThrowIfNull(a);
        if (Config.TypeCheck)
        {
            TypeCheck.Floating(function, "a", a.RawArray!);
            TypeCheck.MinNDim(function, "a", a.RawArray!, axis + 1);
        }

        return new Flip(axis, function).ApplySingle(a);
    }
}

/// <summary>The node of <see cref="F.Flip"/>.</summary>
internal sealed class Flip(int axis, string label) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [NDArray.Flip(inputs[0], axis)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new Flip(axis, label).ApplySingle(gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => TypeCheck.Axis(label, "x", inputs[0], axis);
}
