namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The logarithm of the sum of exponentials along axes.</summary>
    /// <remarks>y = max x + log(sum(exp(x - max x))).</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axes to sum over; all by default.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks an axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice, or there is no element to sum.</exception>
    public static Variable LogSumExp(Variable x, Axes axis = default) => new LogSumExp(axis).ApplySingle(x);
}

/// <summary>The node of <see cref="F.LogSumExp"/>.</summary>
internal sealed class LogSumExp(Axes axis) : FunctionNode
{
    private static readonly Elementwise s_shiftedExp = Elementwise.Of((x, m) => Exp(x - m));
    private static readonly Elementwise s_logShiftedBack = Elementwise.Of((s, m) => Log(s) + m);
    private static readonly Elementwise s_gradient =
        Elementwise.Of((x, y, gy) => gy * Exp(x - y), name: "LogSumExpGrad");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        RetainOutputs(0);
        NDArray x = inputs[0];
        NDArray m = x.Max(axis, keepDims: true);
        NDArray sum = s_shiftedExp.Reduce(Reduction.Sum, axis, keepDims: true, x, m);
        NDArray y = s_logShiftedBack.Compute(sum, m);
        return [y.Reshape(Axes.Reduce(x.Shape, axis.Mask(x.NDim, Label), keepDims: false))];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable x = GetRetainedInput(0);
        Shape kept = Axes.Reduce(x.Shape, axis.Mask(x.NDim, Label), keepDims: true);
        return [s_gradient.Apply(x, F.Reshape(GetRetainedOutput(0), kept), F.Reshape(gradOutputs[0]!, kept))];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("LogSumExp", "x", inputs[0]);
        TypeCheck.Axes("LogSumExp", "x", inputs[0], axis);
    }
}
