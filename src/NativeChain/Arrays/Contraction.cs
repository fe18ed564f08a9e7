namespace NativeChain;

/// <summary>Sums of products over named axes: each operand has one label for each axis, and axes of one label have one extent.</summary>
internal static class Contraction
{
    /// <summary>The sum over all labels that the result lacks of the product of the operands.</summary>
    /// <param name="operands">One or more, of one dtype, each with its labels; none twice in one operand.</param>
    /// <param name="output">Labels of the result; each is in some operand.</param>
    /// <param name="function">The name in messages.</param>
    /// <returns>A view of the operand where there is but one and nothing is summed.</returns>
    /// <remarks>Pairs are contracted first that leave the least behind, each by one matrix product, by one product of elements, or by one reduction of it.</remarks>
    /// <exception cref="ArgumentException">An intermediate result of more than 8 axes.</exception>
    internal static NDArray Of(List<(NDArray Array, int[] Labels)> operands, int[] output, string function)
    {
        List<(NDArray Array, int[] Labels)> left = [.. operands];
        while (left.Count > 1)
        {
            (int i, int j) = Cheapest(left, output);
            (NDArray Array, int[] Labels) a = left[i];
            (NDArray Array, int[] Labels) b = left[j];
            left.RemoveAt(j);
            left.RemoveAt(i);
            int[] kept = left.Count == 0 ? output : Kept(a.Labels, b.Labels, left, output);
            left.Add((Pair(a, b, kept, function), kept));
        }

        (NDArray x, int[] labels) = SumOthers(left[0], output);
        return x.Transpose(Array.ConvertAll(output, label => Array.IndexOf(labels, label)));
    }

    /// <summary>The contraction of two operands, with the axes of the result in the order of its labels.</summary>
    private static NDArray Pair(
        (NDArray Array, int[] Labels) a, (NDArray Array, int[] Labels) b, int[] kept, string function)
    {
        if (kept.Length > Shape.MaxNDim)
        {
            throw new ArgumentException($"{function}: an intermediate result of {kept.Length} axes; {Shape.MaxNDim} are possible.", "operands");
        }

        // What one operand alone has, and nobody needs, is summed before anything is multiplied.
        a = SumOthers(a, [.. kept, .. b.Labels]);
        b = SumOthers(b, [.. kept, .. a.Labels]);
        int[] shared = [.. a.Labels.Where(b.Labels.Contains)];
        int[] summed = [.. shared.Where(label => !kept.Contains(label))];
        int[] batch = [.. kept.Where(shared.Contains)];
        int[] rows = [.. kept.Where(label => a.Labels.Contains(label) && !shared.Contains(label))];
        int[] columns = [.. kept.Where(label => b.Labels.Contains(label) && !shared.Contains(label))];
        if (summed.Length == 0)
        {
            return Aligned(a, kept) * Aligned(b, kept);
        }

        if (rows.Length == 0 && columns.Length == 0 && kept.Length + summed.Length <= Shape.MaxNDim)
        {
            int[] all = [.. kept, .. summed];
            int[] last = [.. Enumerable.Range(kept.Length, summed.Length)];
            return Ops.Multiply.Reduce(Reduction.Sum, last, keepDims: false, Aligned(a, all), Aligned(b, all)).AsType(a.Array.DType, copy: false);
        }

        // (batch, rows, summed) . (batch, summed, columns)
        NDArray product = NDArray.MatMul(Grouped(a, batch, rows, summed), Grouped(b, batch, summed, columns));
        int[] order = [.. batch, .. rows, .. columns];
        int[] extents = Array.ConvertAll(order, label => Extent(a.Labels.Contains(label) ? a : b, label));
        return product.Reshape(extents).Transpose(Array.ConvertAll(kept, label => Array.IndexOf(order, label)));
    }

    /// <summary>The operand without the axes of labels that are not wanted.</summary>
    private static (NDArray Array, int[] Labels) SumOthers((NDArray Array, int[] Labels) x, int[] wanted)
    {
        int[] others = [.. Enumerable.Range(0, x.Labels.Length).Where(i => !wanted.Contains(x.Labels[i]))];
        return others.Length == 0
            ? x
            : (x.Array.Sum(others).AsType(x.Array.DType, copy: false), [.. x.Labels.Where(wanted.Contains)]);
    }

    /// <summary>A view with one axis for each label, in their order; of extent 1 where the operand lacks it.</summary>
    private static NDArray Aligned((NDArray Array, int[] Labels) x, int[] labels)
    {
        int[] own = [.. labels.Where(x.Labels.Contains)];
        NDArray view = x.Array.Transpose(Array.ConvertAll(own, label => Array.IndexOf(x.Labels, label)));
        return view.Reshape(Array.ConvertAll(labels, label => x.Labels.Contains(label) ? Extent(x, label) : 1));
    }

    /// <summary>(batch axes, one axis for some labels, one for others): a view where strides allow it.</summary>
    private static NDArray Grouped((NDArray Array, int[] Labels) x, int[] batch, int[] first, int[] second)
    {
        NDArray view = Aligned(x, [.. batch, .. first, .. second]);
        return view.Reshape([.. batch.Select(label => Extent(x, label)), Size(first), Size(second)]);

        int Size(int[] labels) => labels.Aggregate(1, (size, label) => checked(size * Extent(x, label)));
    }

    private static int Extent((NDArray Array, int[] Labels) x, int label) => x.Array.Shape[Array.IndexOf(x.Labels, label)];

    /// <summary>The labels of a pair that the result or another operand needs.</summary>
    private static int[] Kept(int[] a, int[] b, List<(NDArray Array, int[] Labels)> others, int[] output) =>
        [.. a.Union(b).Where(label => output.Contains(label) || others.Exists(other => other.Labels.Contains(label)))];

    /// <summary>The pair whose contraction has the fewest elements, less those that it replaces.</summary>
    private static (int First, int Second) Cheapest(List<(NDArray Array, int[] Labels)> operands, int[] output)
    {
        (int, int) best = (0, 1);
        double least = double.PositiveInfinity;
        for (int i = 0; operands.Count > 2 && i < operands.Count; i++)
        {
            for (int j = i + 1; j < operands.Count; j++)
            {
                (NDArray Array, int[] Labels) a = operands[i];
                (NDArray Array, int[] Labels) b = operands[j];
                List<(NDArray Array, int[] Labels)> others = [.. operands.Where((_, k) => k != i && k != j)];
                double size = 1;
                foreach (int label in Kept(a.Labels, b.Labels, others, output))
                {
                    size *= Extent(a.Labels.Contains(label) ? a : b, label);
                }

                double growth = size - a.Array.Size - b.Array.Size;
                if (growth < least)
                {
                    (best, least) = ((i, j), growth);
                }
            }
        }

        return best;
    }
}
