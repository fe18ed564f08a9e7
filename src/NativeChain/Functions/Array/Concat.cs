namespace NativeChain;

public static partial class F
{
    /// <summary>Arrays joined along an axis.</summary>
    /// <param name="xs">Arrays of one dtype, whose shapes differ along that axis at most.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ArgumentException"><paramref name="xs"/> is empty.</exception>
    /// <exception cref="InvalidTypeException">A dtype or shape does not fit, or there is no such axis.</exception>
    public static Variable Concat(IReadOnlyList<Variable> xs, int axis = 1) =>
        new Concat(axis).ApplySingle(Several(xs, "Concat"));
}

/// <summary>The node of <see cref="F.Concat"/>.</summary>
internal sealed class Concat(int axis, string label = "Concat") : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray first = inputs[0];
        int at = axis < 0 ? axis + first.NDim : axis;
        int[] extents = first.Shape.ToArray();
        extents[at] = 0;
        foreach (NDArray x in inputs)
        {
            extents[at] += x.Shape[at];
        }
        NDArray y = NDArray.Allocate(extents, first.DType, first.Device);
        if (at == 0 && NDArray.Joined(inputs) is NDArray joined)
        {
            using (joined)
            {
                Kernels.Copy(joined, y);
            }
            return [y];
        }
        int start = 0;
        foreach (NDArray x in inputs)
        {
            int stop = start + x.Shape[at];
            Kernels.Copy(x, SplitAxis.Part(y, at, start, stop));
            start = stop;
        }
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        ReadOnlySpan<VariableNode> inputs = Inputs;
        if (inputs.Length == 1)
        {
            return [gradOutputs[0]];
        }
        var starts = new int[inputs.Length - 1];
        for (int i = 0, start = 0; i < starts.Length; i++)
        {
            start += inputs[i].Shape[axis];
            starts[i] = start;
        }
        return F.SplitAxis(gradOutputs[0]!, starts, axis);
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        NDArray first = inputs[0];
        int at = TypeCheck.Axis(label, "xs[0]", first, axis);
        for (int i = 1; i < inputs.Length; i++)
        {
            string argument = $"xs[{i}]";
            TypeCheck.SameDType(label, argument, inputs[i], first.DType);
            TypeCheck.NDim(label, argument, inputs[i], first.NDim);
            for (int d = 0; d < first.NDim; d++)
            {
                if (d != at)
                {
                    TypeCheck.Extent(label, argument, inputs[i], d, first.Shape[d]);
                }
            }
        }
    }
}
