namespace NativeChain;

public static partial class F
{
    /// <summary>Einstein's sum: <c>Einsum("ij,jk->ik", a, b)</c> sums the products of elements over every letter that the result lacks.</summary>
    /// <param name="subscripts">
    /// For each operand a letter for each axis, separated by commas; "..." stands for further axes, the same ones in all operands that have it. A letter twice in
    /// one operand takes its diagonal. Without "->" the result has the letters that occur once, in the order of the alphabet, capitals first, behind the further axes.
    /// </param>
    /// <param name="operands">One or more, floating point. Axes of one letter have one extent: nothing is broadcast.</param>
    /// <returns>An array of the dtype to which those of the operands promote.</returns>
    /// <exception cref="ArgumentException">Malformed subscripts, or not as many operands as they name.</exception>
    /// <exception cref="InvalidTypeException">An operand is not floating point, or has not the axes and extents that the subscripts name.</exception>
    public static Variable Einsum(string subscripts, params Variable[] operands)
    {
        ArgumentNullException.ThrowIfNull(subscripts);
        Variable[] xs = Several(operands, "Einsum");
        NDArray[] arrays = System.Array.ConvertAll(xs, x => x.RawArray!);
        string[] parts = subscripts.Split("->")[0].Split(',');
        for (int k = 0; k < arrays.Length; k++)
        {
            string argument = $"operands[{k}]";
            TypeCheck.Floating("Einsum", argument, arrays[k]);
            if (parts.Length == arrays.Length)
            {
                int letters = parts[k].Count(char.IsAsciiLetter);
                if (parts[k].Contains("...", StringComparison.Ordinal))
                {
                    TypeCheck.MinNDim("Einsum", argument, arrays[k], letters);
                }
                else
                {
                    TypeCheck.NDim("Einsum", argument, arrays[k], letters);
                }
            }
        }

        var parsed = new EinsumSubscripts(subscripts, arrays);
        var extents = new Dictionary<int, int>();
        int? further = null;
        for (int k = 0; k < arrays.Length; k++)
        {
            CheckExtents(parsed.Inputs[k], arrays[k], $"operands[{k}]", extents);
            if (parts[k].Contains("...", StringComparison.Ordinal))
            {
                int count = parsed.Inputs[k].Count(label => label >= EinsumSubscripts.EllipsisLabel);
                if (count != (further ??= count))
                {
                    TypeCheck.Throw("Einsum", $"operands[{k}]", $"{further} axes at the ellipsis", $"shape {arrays[k].Shape}");
                }
            }
        }

        return new Einsum(parsed.Inputs, parsed.Output, System.Array.ConvertAll(parsed.Output, label => extents[label]), null, "Einsum").ApplySingle(xs);
    }

    private static void CheckExtents(int[] labels, NDArray x, string argument, Dictionary<int, int> extents)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            if (!extents.TryAdd(labels[i], x.Shape[i]) && extents[labels[i]] != x.Shape[i])
            {
                TypeCheck.Extent("Einsum", argument, x, i, extents[labels[i]]);
            }
        }
    }
}

/// <summary>
/// The node of <see cref="F.Einsum"/> and <see cref="F.TensorDot(Variable, Variable, int)"/>: labels name the axes. One twice in an operand takes its diagonal, one twice in
/// the result fills it; the result is repeated along a label that no operand has. So its gradients are of the same kind: one label list and the gradient change places.
/// </summary>
internal sealed class Einsum(int[][] inputs, int[] output, Shape shape, DType? dtype, string label) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> xs)
    {
        var all = new int[xs.Length];
        DType compute = xs[0].DType;
        for (int k = 0; k < all.Length; k++)
        {
            all[k] = k;
            compute = DTypes.Promote(compute, xs[k].DType);
        }

        RetainInputs(all);
        var operands = new List<(NDArray Array, int[] Labels)>();
        for (int k = 0; k < all.Length; k++)
        {
            operands.Add(EinsumSubscripts.Diagonal(xs[k].AsType(compute, copy: false), inputs[k], k));
        }

        int[] present = [.. output.Distinct().Where(l => inputs.Any(i => i.Contains(l)))];
        if (present.Length == output.Length)
        {
            return [Contraction.Of(operands, output, label).AsType(dtype ?? compute, copy: false)];
        }

        bool sparse = output.Distinct().Count() < output.Length;
        NDArray y = NDArray.Allocate(shape, dtype ?? compute, xs[0].Device);
        if (sparse)
        {
            y.Fill(0);
        }

        (NDArray target, int[] labels) = EinsumSubscripts.Diagonal(y, output, 0);
        NDArray sums = Contraction.Of(operands, [.. labels.Where(present.Contains)], label);
        Kernels.Copy(sums.Reshape(System.Array.ConvertAll(labels, l => present.Contains(l) ? target.Shape[System.Array.IndexOf(labels, l)] : 1)), target);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable[] xs = GetRetainedInputs();
        var grads = new Variable?[targetInputs.Length];
        for (int i = 0; i < grads.Length; i++)
        {
            int target = targetInputs[i];
            Variable x = xs[target];
            var operands = (Variable[])xs.Clone();
            operands[target] = gradOutputs[0]!;
            var labels = (int[][])inputs.Clone();
            labels[target] = output;
            grads[i] = new Einsum(labels, inputs[target], x.Shape, x.DType, label).ApplySingle(operands);
        }

        return grads;
    }
}
