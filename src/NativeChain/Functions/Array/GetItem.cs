namespace NativeChain;

public static partial class F
{
    /// <summary>The elements that an index picks, as in NumPy: a view, or with index arrays a copy.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="slices">Integers, slices, ranges, new axes, an ellipsis, arrays of integers, masks. Axes without a part are taken whole.</param>
    /// <exception cref="ArgumentOutOfRangeException">An integer outside its axis.</exception>
    /// <exception cref="ArgumentException">Too many parts, two ellipses, a mask of another shape, or arrays that do not broadcast.</exception>
    public static Variable GetItem(Variable x, params IndexExpr[] slices)
    {
        ArgumentNullException.ThrowIfNull(slices);
        return new GetItem((IndexExpr[])slices.Clone()).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.GetItem"/>.</summary>
internal sealed class GetItem(IndexExpr[] slices) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0][slices]];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new GetItemGrad(slices, Inputs[0].Shape).ApplySingle(gradOutputs[0]!)];
}

/// <summary>gx of gy: zeros, to which gy is added where the index picks; an element picked twice takes both.</summary>
internal sealed class GetItemGrad(IndexExpr[] slices, Shape shape) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray gy = inputs[0];
        NDArray gx = NDArray.Zeros(shape, gy.DType, gy.Device);
        if (AdvancedIndex.IsNeededFor(slices))
        {
            new AdvancedIndex(shape, slices).ScatterAdd(gy, gx);
        }
        else
        {
            gx[slices] = gy;
        }
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new GetItem(slices).ApplySingle(gradOutputs[0]!)];
}
