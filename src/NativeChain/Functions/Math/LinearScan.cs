namespace NativeChain;

/// <summary>
/// The linear recurrence y[0] = b[0], y[i] = a[i - 1] y[i - 1] + b[i] along an axis, of which a has one element less. Reversed, it begins at the
/// other end: y[i] = a[i] y[i + 1] + b[i].
/// </summary>
internal sealed class LinearScan(int axis, bool reverse) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    /// <summary>x without its first elements along an axis.</summary>
    public static Variable AllButFirst(Variable x, int axis) => Part(x, axis, 1..);

    /// <summary>x without its last elements along an axis.</summary>
    public static Variable AllButLast(Variable x, int axis) => Part(x, axis, ..^1);

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        RetainOutputs(0);
        (NDArray a, NDArray b) = (inputs[0], inputs[1]);
        NDArray y = Scratch.Like(b);
        if (!reverse)
        {
            Kernels.LinearScan(a, b, axis, y);
            return [y];
        }
        using Scratch.Borrowed factors = Scratch.Flip(a, axis);
        using Scratch.Borrowed terms = Scratch.Flip(b, axis);
        using Scratch.Borrowed to = Scratch.Flip(y, axis);
        Kernels.LinearScan(factors.View, terms.View, axis, to.View);
        return [y];
    }

    // The gradient runs through the same factors the other way; a[i] joins y[i] and y[i + 1].
    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable y = GetRetainedOutput(0);
        Variable gb = new LinearScan(axis, !reverse).ApplySingle(GetRetainedInput(0), gradOutputs[0]!);
        Variable ga = reverse
            ? AllButLast(gb, axis) * AllButFirst(y, axis)
            : AllButFirst(gb, axis) * AllButLast(y, axis);
        return [ga, gb];
    }

    private static Variable Part(Variable x, int axis, Range range)
    {
        var index = new IndexExpr[axis + 1];
        index.AsSpan(0, axis).Fill(Range.All);
        index[axis] = range;
        return F.GetItem(x, index);
    }
}
