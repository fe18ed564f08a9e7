namespace NativeChain;

public static partial class F
{
    /// <summary>The product of the elements along axes. Its gradient divides by nothing: zeros among the elements are no exception.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axes to multiply over; all by default.</param>
    /// <param name="keepDims">Whether these axes stay, with extent 1.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks an axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice.</exception>
    public static Variable Prod(Variable x, Axes axis = default, bool keepDims = false) =>
        new Prod(axis, keepDims).ApplySingle(x);
}

/// <summary>The node of <see cref="F.Prod"/>.</summary>
internal sealed class Prod(Axes axis, bool keepDims) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        return [inputs[0].Prod(axis, keepDims)];
    }

    // The gradient at an element is gy times the product of those before it and of those after it.
    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable x = GetRetainedInput(0);
        uint mask = axis.Mask(x.NDim, Label);
        Variable gy = F.Reshape(gradOutputs[0]!, Axes.Reduce(x.Shape, mask, keepDims: true));
        if (x.Size == 0 || mask == 0)
        {
            return [F.BroadcastTo(gy, x.Shape)];
        }

        // (n, kept...), n the number of factors of each product.
        int[] order = [.. Enumerable.Range(0, x.NDim).OrderBy(i => (mask & (1u << i)) == 0)];
        Variable moved = F.Transpose(x, order);
        Shape kept = Axes.Reduce(x.Shape, mask, keepDims: false);
        int n = checked((int)(x.Size / kept.Size));
        Variable factors = F.Reshape(moved, [n, .. kept.Span]);
        Variable others = Before(factors) * F.Flip(Before(F.Flip(factors, 0)), 0);

        int[] back = new int[order.Length];
        for (int i = 0; i < back.Length; i++)
        {
            back[order[i]] = i;
        }

        return [F.Transpose(F.Reshape(others, moved.Shape), back) * gy];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("Prod", "x", inputs[0]);
        TypeCheck.Axes("Prod", "x", inputs[0], axis);
    }

    /// <summary>The products of all factors before each along axis 0.</summary>
    private static Variable Before(Variable x)
    {
        NDArray ones = NDArray.Ones([1, .. x.Shape.Span[1..]], x.DType, x.Device);
        return x.Shape[0] == 1 ? ones : F.Concat([ones, F.CumProd(LinearScan.AllButLast(x, 0), 0)], 0);
    }
}
