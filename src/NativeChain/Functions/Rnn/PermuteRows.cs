namespace NativeChain;

/// <summary>The rows of an array in another order: y[i] = x[order[i]].</summary>
/// <param name="order">Each row once.</param>
/// <param name="inverse">Where each row goes.</param>
internal sealed class PermuteRows(int[] order, int[] inverse) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        NDArray y = NDArray.AllocateScratch(x.Shape, x.DType, x.Device);
        Gather(x, order, y);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new PermuteRows(inverse, order).ApplySingle(gradOutputs[0]!)];

    /// <summary>y[i] = x[order[i]].</summary>
    public static void Gather(NDArray x, int[] order, NDArray y)
    {
        using NDArray rows = NDArray.FromSpan<int>(order).To(x.Device);
        Kernels.Gather(x, [rows], [0], y);
    }

    /// <summary>Where an order puts each row.</summary>
    public static int[] Invert(int[] order)
    {
        var inverse = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            inverse[order[i]] = i;
        }

        return inverse;
    }
}
