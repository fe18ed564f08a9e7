namespace NativeChain;

public static partial class F
{
    /// <summary>The logarithm of <see cref="Softmax"/> along an axis, without its loss of precision.</summary>
    /// <remarks>y = x - max x - log(sum(exp(x - max x))).</remarks>
    /// <param name="x">Scores, of any shape with that axis; floating point.</param>
    /// <param name="axis">The axis along which the probabilities sum up to 1.</param>
    /// <returns>Logarithms of probabilities, of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks the axis.</exception>
    public static Variable LogSoftmax(Variable x, int axis = 1) => new LogSoftmax(axis).ApplySingle(x);
}

/// <summary>The node of <see cref="F.LogSoftmax"/>.</summary>
internal sealed class LogSoftmax(int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        NDArray y = NDArray.Allocate(x.Shape, x.DType, x.Device);
        Kernels.LogSoftmax(x, TypeCheck.Axis("LogSoftmax", "x", x, axis), y);
        RetainOutputs(0);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new LogSoftmaxGrad(axis).ApplySingle(GetRetainedOutput(0), gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("LogSoftmax", "x", inputs[0]);
        TypeCheck.Axis("LogSoftmax", "x", inputs[0], axis);
    }
}

/// <summary>gx = gy - exp(y) sum(gy) of y and gy.</summary>
internal sealed class LogSoftmaxGrad(int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray y = inputs[0];
        NDArray gx = Scratch.Like(y);
        Kernels.LogSoftmaxGrad(y, inputs[1], axis < 0 ? axis + y.NDim : axis, gx);
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable y = GetRetainedInput(0);
        Variable gy = GetRetainedInput(1);
        Variable ggx = gradOutputs[0]!;
        Variable p = F.Exp(y);
        return
        [
            -(ggx * p * F.Sum(gy, axis, keepDims: true)),
            ggx - F.Sum(ggx * p, axis, keepDims: true),
        ];
    }
}
