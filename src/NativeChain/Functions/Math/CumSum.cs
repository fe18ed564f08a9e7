namespace NativeChain;

public static partial class F
{
    /// <summary>The running sum along an axis.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axis; negative counts from the end. None: over the elements in C order, in one axis.</param>
    /// <returns>An array of the shape of <paramref name="x"/>; (size,) where no axis is given.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks the axis.</exception>
    public static Variable CumSum(Variable x, int? axis = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return axis is int along ? new CumSum(along).ApplySingle(x) : new CumSum(0).ApplySingle(Flatten(x));
    }
}

/// <summary>The node of <see cref="F.CumSum"/>; reversed, the sum runs from the other end.</summary>
internal sealed class CumSum(int axis, bool reverse = false) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        int along = axis < 0 ? axis + x.NDim : axis;
        NDArray y = Scratch.Like(x);
        if (!reverse)
        {
            Kernels.Scan(Reduction.Sum, x, along, y);
            return [y];
        }
        using Scratch.Borrowed from = Scratch.Flip(x, along);
        using Scratch.Borrowed to = Scratch.Flip(y, along);
        Kernels.Scan(Reduction.Sum, from.View, along, to.View);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new CumSum(axis, !reverse).ApplySingle(gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("CumSum", "x", inputs[0]);
        TypeCheck.Axis("CumSum", "x", inputs[0], axis);
    }
}
