namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The greatest element along axes; NaN if any is NaN. Each of several equal ones takes the whole gradient.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axes to go over; all by default.</param>
    /// <param name="keepDims">Whether these axes stay, with extent 1.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks an axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice, or there is no element to choose from.</exception>
    public static Variable Max(Variable x, Axes axis = default, bool keepDims = false) =>
        new MinMax(greatest: true, axis, keepDims).ApplySingle(x);

    /// <summary>The least element along axes; NaN if any is NaN. Each of several equal ones takes the whole gradient.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axes to go over; all by default.</param>
    /// <param name="keepDims">Whether these axes stay, with extent 1.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks an axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice, or there is no element to choose from.</exception>
    public static Variable Min(Variable x, Axes axis = default, bool keepDims = false) =>
        new MinMax(greatest: false, axis, keepDims).ApplySingle(x);
}

/// <summary>The node of <see cref="F.Max"/> and <see cref="F.Min"/>.</summary>
internal sealed class MinMax(bool greatest, Axes axis, bool keepDims) : FunctionNode
{
    private static readonly Elementwise s_whereEqual =
        Elementwise.Of((x, y, gy) => Select(Equal(x, y), gy, 0), name: "MinMaxGrad");

    public override string Label => greatest ? "Max" : "Min";

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        RetainOutputs(0);
        return [greatest ? inputs[0].Max(axis, keepDims) : inputs[0].Min(axis, keepDims)];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        // x and y only say where the gradient goes; it does not depend on them.
        NDArray x = GetRetainedInput(0).Array;
        Shape kept = Axes.Reduce(x.Shape, axis.Mask(x.NDim, Label), keepDims: true);
        NDArray y = GetRetainedOutput(0).Array.Reshape(kept);
        return [s_whereEqual.Apply(x, y, F.Reshape(gradOutputs[0]!, kept))];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating(Label, "x", inputs[0]);
        TypeCheck.Axes(Label, "x", inputs[0], axis);
    }
}
