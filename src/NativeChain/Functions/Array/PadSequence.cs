namespace NativeChain;

public static partial class F
{
    /// <summary>Sequences of different lengths in one array, filled up behind their ends.</summary>
    /// <param name="xs">Arrays of one dtype and shape but for the first axis; any dtype.</param>
    /// <param name="length">The length of all in the result; null for that of the longest.</param>
    /// <param name="padding">What the places behind the ends are filled with; cast to the dtype.</param>
    /// <returns>(number of sequences, length, ...).</returns>
    /// <exception cref="ArgumentException"><paramref name="xs"/> is empty.</exception>
    /// <exception cref="InvalidTypeException">A dtype or shape differs, or a sequence is longer than <paramref name="length"/>.</exception>
    public static Variable PadSequence(IReadOnlyList<Variable> xs, int? length = null, double padding = 0) =>
        new PadSequence(length, padding).ApplySingle(Several(xs, "PadSequence"));
}

/// <summary>The node of <see cref="F.PadSequence"/>.</summary>
internal sealed class PadSequence(int? length, double padding) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray first = inputs[0];
        int longest = length ?? 0;
        foreach (NDArray x in inputs)
        {
            longest = Math.Max(longest, x.Shape[0]);
        }

        NDArray y = NDArray.Allocate([inputs.Length, longest, .. first.Shape.Span[1..]], first.DType, first.Device);
        for (int i = 0; i < inputs.Length; i++)
        {
            int end = inputs[i].Shape[0];
            Kernels.Copy(inputs[i], y[i, ..end]);
            if (end < longest)
            {
                Kernels.Fill(padding, y[i, end..]);
            }
        }

        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        var lengths = new int[Inputs.Length];
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = Inputs[i].Shape[0];
        }

        return new PadSequenceGrad(lengths).Apply(gradOutputs[0]!);
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        Sequences.Check("PadSequence", inputs);
        for (int i = 0; length is int longest && i < inputs.Length; i++)
        {
            if (inputs[i].Shape[0] > longest)
            {
                TypeCheck.Throw("PadSequence", $"xs[{i}]", $"at most {longest} elements", $"shape {inputs[i].Shape}");
            }
        }
    }
}

/// <summary>The gradients of the sequences, views of gy: (number of sequences, length, ...).</summary>
internal sealed class PadSequenceGrad(int[] lengths) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        var gxs = new NDArray[lengths.Length];
        for (int i = 0; i < gxs.Length; i++)
        {
            gxs[i] = inputs[0][i, ..lengths[i]];
        }

        return gxs;
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new PadSequence(Inputs[0].Shape[1], 0).ApplySingle(SplitAxis.WithZeros(gradOutputs, Outputs))];
}
