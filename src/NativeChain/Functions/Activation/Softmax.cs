namespace NativeChain;

public static partial class F
{
    /// <summary>Exponentials of <paramref name="x"/>, normalized to the sum 1 along an axis.</summary>
    /// <remarks>y = exp(x - max x) / sum(exp(x - max x)).</remarks>
    /// <param name="x">Scores, of any shape with that axis; floating point.</param>
    /// <param name="axis">The axis along which the results sum up to 1.</param>
    /// <returns>Probabilities, of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks the axis.</exception>
    public static Variable Softmax(Variable x, int axis = 1) => new Softmax(axis).ApplySingle(x);
}

/// <summary>The node of <see cref="F.Softmax"/>.</summary>
internal sealed class Softmax(int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        NDArray y = NDArray.Allocate(x.Shape, x.DType, x.Device);
        Kernels.Softmax(x, TypeCheck.Axis("Softmax", "x", x, axis), y);
        RetainOutputs(0);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new SoftmaxGrad(axis).ApplySingle(GetRetainedOutput(0), gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("Softmax", "x", inputs[0]);
        TypeCheck.Axis("Softmax", "x", inputs[0], axis);
    }
}

/// <summary>gx = y (gy - sum(gy y)) of y and gy.</summary>
internal sealed class SoftmaxGrad(int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray y = inputs[0];
        NDArray gx = Scratch.Like(y);
        Kernels.SoftmaxGrad(y, inputs[1], axis < 0 ? axis + y.NDim : axis, gx);
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable y = GetRetainedInput(0);
        Variable gy = GetRetainedInput(1);
        Variable ggx = gradOutputs[0]!;
        Variable ga = ggx - F.Sum(ggx * y, axis, keepDims: true);
        return
        [
            (ga * gy) - (ggx * F.Sum(y * gy, axis, keepDims: true)),
            ga * y,
        ];
    }
}
