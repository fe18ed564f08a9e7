namespace NativeChain;

public static partial class F
{
    /// <summary>Arrays joined along a new axis.</summary>
    /// <param name="xs">Arrays of one dtype and one shape.</param>
    /// <param name="axis">The place of the new axis in the result; negative counts from the end.</param>
    /// <exception cref="ArgumentException"><paramref name="xs"/> is empty, or its arrays have 8 axes already.</exception>
    /// <exception cref="InvalidTypeException">A dtype or shape differs, or the result has no such axis.</exception>
    public static Variable Stack(IReadOnlyList<Variable> xs, int axis = 0) =>
        new Stack(axis).ApplySingle(Several(xs, "Stack"));
}

/// <summary>The node of <see cref="F.Stack"/>.</summary>
internal sealed class Stack(int axis) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [NDArray.Stack(inputs, axis)];

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        F.Separate(gradOutputs[0]!, axis);

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        NDArray first = inputs[0];
        TypeCheck.NewAxis("Stack", "xs[0]", first, axis);
        for (int i = 1; i < inputs.Length; i++)
        {
            if (inputs[i].DType != first.DType || inputs[i].Shape != first.Shape)
            {
                TypeCheck.SameDType("Stack", $"xs[{i}]", inputs[i], first.DType);
                TypeCheck.SameShape("Stack", $"xs[{i}]", inputs[i], first.Shape);
            }
        }
    }
}
