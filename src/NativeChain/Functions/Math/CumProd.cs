namespace NativeChain;

public static partial class F
{
    /// <summary>The running product along an axis. Its gradient divides by nothing: zeros among the elements are no exception.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axis; negative counts from the end. None: over the elements in C order, in one axis.</param>
    /// <returns>An array of the shape of <paramref name="x"/>; (size,) where no axis is given.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks the axis.</exception>
    public static Variable CumProd(Variable x, int? axis = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return axis is int along ? new CumProd(along).ApplySingle(x) : new CumProd(0).ApplySingle(Flatten(x));
    }
}

/// <summary>The node of <see cref="F.CumProd"/>.</summary>
internal sealed class CumProd(int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        RetainOutputs(0);
        NDArray y = Scratch.Like(inputs[0]);
        Kernels.Scan(Reduction.Prod, inputs[0], axis < 0 ? axis + y.NDim : axis, y);
        return [y];
    }

    // gx[i] = y[i - 1] z[i], where z[i] = gy[i] + x[i + 1] z[i + 1]: what the products from i on make of gy, less x[i] itself.
    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable x = GetRetainedInput(0);
        Variable gy = gradOutputs[0]!;
        int along = axis < 0 ? axis + x.NDim : axis;
        if (x.Shape[along] <= 1)
        {
            return [gy];
        }
        Variable z = new LinearScan(along, reverse: true).ApplySingle(LinearScan.AllButFirst(x, along), gy);
        Variable before = LinearScan.AllButLast(GetRetainedOutput(0), along);
        int[] one = x.Shape.ToArray();
        one[along] = 1;
        return [F.Concat([NDArray.Ones(one, x.DType, x.Device), before], along) * z];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("CumProd", "x", inputs[0]);
        TypeCheck.Axis("CumProd", "x", inputs[0], axis);
    }
}
