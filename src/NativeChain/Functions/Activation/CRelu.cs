namespace NativeChain;

public static partial class F
{
    /// <summary>The concatenated rectified linear unit: the positive parts of the elements, then those of their negatives, along an axis.</summary>
    /// <remarks>
    /// The gradient at 0 is 0. See W. Shang, K. Sohn, D. Almeida, H. Lee: Understanding and Improving Convolutional Neural Networks via Concatenated
    /// Rectified Linear Units, https://arxiv.org/abs/1603.05201.
    /// </remarks>
    /// <param name="x">An array of any shape with that axis; floating point.</param>
    /// <param name="axis">The axis that becomes twice as long; negative counts from the end.</param>
    /// <returns>An array of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks the axis.</exception>
    public static Variable CRelu(Variable x, int axis = 1) => new CRelu(axis).ApplySingle(x);
}

/// <summary>The node of <see cref="F.CRelu"/>.</summary>
internal sealed class CRelu(int axis) : FunctionNode
{
    private static readonly Elementwise s_parts =
        Elementwise.OfMany(1, x => [Expr.Maximum(x[0], 0), Expr.Maximum(-x[0], 0)], "CRelu");

    // x only says where the gradients go.
    private static readonly Elementwise s_gradient = Elementwise.Of(
        (x, former, latter) => Expr.Select(x > 0, former, 0) - Expr.Select(x < 0, latter, 0), "CReluGrad");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        NDArray x = inputs[0];
        int along = axis < 0 ? axis + x.NDim : axis;
        int[] shape = [.. x.Shape];
        shape[along] *= 2;
        NDArray y = NDArray.Empty(shape, x.DType, x.Device);
        s_parts.ComputeInto([y[Half(x, along, first: true)], y[Half(x, along, first: false)]], x);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        NDArray x = GetRetainedInput(0).Array;
        int along = axis < 0 ? axis + x.NDim : axis;
        Variable gy = gradOutputs[0]!;
        return [s_gradient.Apply(x, F.GetItem(gy, Half(x, along, first: true)), F.GetItem(gy, Half(x, along, first: false)))];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("CRelu", "x", inputs[0]);
        TypeCheck.Axis("CRelu", "x", inputs[0], axis);
    }

    private static IndexExpr[] Half(NDArray x, int along, bool first)
    {
        int n = x.Shape[along];
        var index = new IndexExpr[along + 1];
        Array.Fill(index, new Slice(null, null, null));
        index[along] = first ? new Slice(0, n, null) : new Slice(n, 2 * n, null);
        return index;
    }
}
