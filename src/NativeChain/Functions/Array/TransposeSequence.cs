namespace NativeChain;

public static partial class F
{
    /// <summary>Sequences of different lengths as time steps: the first elements of all, the second ones of all that have one, and so on.</summary>
    /// <remarks>Applied twice it gives back sequences none of which is empty.</remarks>
    /// <param name="xs">Arrays of one dtype and shape but for the first axis, the longest first; any dtype.</param>
    /// <returns>As many arrays as the longest sequence has elements; step i has one element of each sequence longer than i.</returns>
    /// <exception cref="InvalidTypeException">A dtype or shape differs, or a sequence is longer than the one before it.</exception>
    public static Variable[] TransposeSequence(IReadOnlyList<Variable> xs)
    {
        ArgumentNullException.ThrowIfNull(xs);
        if (xs.Count == 0)
        {
            return [];
        }

        Variable[] arrays = Several(xs, "TransposeSequence");
        TypeCheck.MinNDim("TransposeSequence", "xs[0]", arrays[0].RawArray!, 1);
        int length = arrays[0].Shape[0];
        return length == 0 ? [] : new TransposeSequence(length).Apply(arrays);
    }
}

/// <summary>The node of <see cref="F.TransposeSequence"/>, with as many steps as asked for; the last may be empty.</summary>
internal sealed class TransposeSequence(int length) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        // All steps behind each other: element p of sequence i is row starts[p] + i.
        var counts = new int[length];
        foreach (NDArray x in inputs)
        {
            for (int p = 0; p < x.Shape[0]; p++)
            {
                counts[p]++;
            }
        }

        var starts = new long[length];
        for (int p = 1; p < length; p++)
        {
            starts[p] = starts[p - 1] + counts[p - 1];
        }

        Span<int> extents = stackalloc int[Shape.MaxNDim];
        inputs[0].Shape.Span.CopyTo(extents);
        extents[0] = checked((int)starts[^1] + counts[^1]);
        NDArray steps = NDArray.Allocate(new Shape(extents[..inputs[0].NDim]), inputs[0].DType, inputs[0].Device);
        NDArray rows = NDArray.FromSpan<long>(starts).To(steps.Device);
        for (int i = 0; i < inputs.Length; i++)
        {
            int n = inputs[i].Shape[0];
            if (n > 0)
            {
                Kernels.Scatter(inputs[i], [rows[..n]], [0], steps[i..]);
            }
        }

        var ys = new NDArray[length];
        for (int p = 0; p < length; p++)
        {
            ys[p] = SplitAxis.Part(steps, 0, (int)starts[p], (int)starts[p] + counts[p]);
        }

        return ys;
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        new TransposeSequence(Inputs.Length).Apply(SplitAxis.WithZeros(gradOutputs, Outputs));

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        Sequences.Check("TransposeSequence", inputs);
        for (int i = 1; i < inputs.Length; i++)
        {
            int before = inputs[i - 1].Shape[0];
            if (inputs[i].Shape[0] > before)
            {
                TypeCheck.Throw("TransposeSequence", $"xs[{i}]", $"at most {before} elements, as the sequence before it", $"shape {inputs[i].Shape}");
            }
        }
    }
}

/// <summary>What functions of several sequences check.</summary>
internal static class Sequences
{
    /// <summary>Refuses arrays without axes, and arrays whose dtype or shape, but for the first axis, is not the first one's.</summary>
    internal static void Check(string function, ReadOnlySpan<NDArray> xs)
    {
        NDArray first = xs[0];
        for (int i = 0; i < xs.Length; i++)
        {
            NDArray x = xs[i];
            if (x.NDim == 0 || x.DType != first.DType || x.NDim != first.NDim || !x.Shape.Span[1..].SequenceEqual(first.Shape.Span[1..]))
            {
                string argument = $"xs[{i}]";
                TypeCheck.MinNDim(function, argument, x, 1);
                TypeCheck.SameDType(function, argument, x, first.DType);
                TypeCheck.Throw(function, argument, $"the shape {first.Shape} of xs[0] but for the first axis", $"shape {x.Shape}");
            }
        }
    }
}
