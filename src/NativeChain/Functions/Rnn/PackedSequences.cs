namespace NativeChain;

/// <summary>Sequences of any lengths in any order, and the way to and from their packed steps.</summary>
internal sealed class PackedSequences
{
    private readonly int[] _lengths;

    // The sequences by falling length; null where they already are.
    private readonly int[]? _order;

    // For each row of the packed steps, its row among the sequences one after the other; and back.
    private readonly int[] _rows;
    private readonly int[] _places;

    private PackedSequences(int[] lengths)
    {
        _lengths = lengths;
        int[] order = [.. Enumerable.Range(0, lengths.Length).OrderByDescending(i => lengths[i])];
        bool sorted = order.AsSpan().SequenceEqual([.. Enumerable.Range(0, lengths.Length)]);
        _order = sorted ? null : order;
        var first = new int[lengths.Length];
        for (int i = 1; i < first.Length; i++)
        {
            first[i] = checked(first[i - 1] + lengths[i - 1]);
        }

        int longest = lengths[order[0]];
        var sizes = new int[longest];
        _rows = new int[checked(first[^1] + lengths[^1])];
        int row = 0;
        for (int t = 0; t < longest; t++)
        {
            int size = 0;
            for (; size < order.Length && lengths[order[size]] > t; size++)
            {
                _rows[row++] = first[order[size]] + t;
            }

            sizes[t] = size;
        }

        _places = PermuteRows.Invert(_rows);
        Steps = new TimeSteps(sizes);
    }

    public TimeSteps Steps { get; }

    /// <summary>Checks sequences, and finds how they are packed.</summary>
    /// <exception cref="ArgumentNullException">The list or a sequence is null.</exception>
    /// <exception cref="ArgumentException">There are no sequences, or all are empty.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static PackedSequences Of(string function, IReadOnlyList<Variable> xs, int width)
    {
        ArgumentNullException.ThrowIfNull(xs);
        if (xs.Count == 0)
        {
            throw new ArgumentException($"{function}: there are no sequences.", nameof(xs));
        }

        var lengths = new int[xs.Count];
        int longest = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            NDArray x = (xs[i] ?? throw new ArgumentNullException($"xs[{i}]", $"{function}: xs[{i}] is null.")).RawArray
                ?? throw new ArgumentException($"{function}: xs[{i}] is a variable without data; initialize it first.", $"xs[{i}]");
            TypeCheck.NDim(function, $"xs[{i}]", x, 2);
            TypeCheck.Extent(function, $"xs[{i}]", x, 1, width);
            TypeCheck.Floating(function, $"xs[{i}]", x);
            TypeCheck.SameDType(function, $"xs[{i}]", x, xs[0].DType);
            lengths[i] = x.Shape[0];
            longest = Math.Max(longest, lengths[i]);
        }

        if (longest == 0)
        {
            throw new ArgumentException($"{function}: all sequences are empty.", nameof(xs));
        }

        return new PackedSequences(lengths);
    }

    /// <summary>The steps of all sequences, packed: (S, I).</summary>
    public Variable Pack(IReadOnlyList<Variable> xs) => new PackNode(this).ApplySingle([.. xs]);

    /// <summary>The packed steps as sequences again: views of one array.</summary>
    public Variable[] Unpack(Variable y) => new UnpackNode(this).Apply(y);

    /// <summary>A state (layers, B, N) with the sequences by falling length.</summary>
    public Variable Sort(Variable state) => Reorder(state, _order);

    /// <summary>A state with the sequences as they came.</summary>
    public Variable Restore(Variable state) => Reorder(state, _order is null ? null : PermuteRows.Invert(_order));

    private static Variable Reorder(Variable state, int[]? order)
    {
        if (order is null)
        {
            return state;
        }

        (int layers, int batch, int n) = (state.Shape[0], state.Shape[1], state.Shape[2]);
        var rows = new int[layers * batch];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = (i / batch * batch) + order[i % batch];
        }

        Variable flat = F.Reshape(state, [layers * batch, n]);
        return F.Reshape(new PermuteRows(rows, PermuteRows.Invert(rows)).ApplySingle(flat), state.Shape);
    }

    private NDArray PackArrays(ReadOnlySpan<NDArray> xs)
    {
        NDArray first = xs[0];
        int width = first.Shape[1];
        NDArray packed = NDArray.AllocateScratch([Steps.Rows, width], first.DType, first.Device);
        using NDArray? together = NDArray.Joined(xs);
        if (Steps.AreAll(xs.Length))
        {
            // Of equal lengths: sequence i is column i of (T, B, I).
            using NDArray steps = packed.Reshape([Steps.Count, xs.Length, width]);
            if (together is not null)
            {
                using NDArray sequences = together.Reshape([xs.Length, Steps.Count, width]);
                using NDArray turned = sequences.SwapAxes(0, 1);
                Kernels.Copy(turned, steps);
                return Scratch.Mark(packed);
            }

            for (int i = 0; i < xs.Length; i++)
            {
                using NDArray column = steps[.., i];
                Kernels.Copy(xs[i], column);
            }

            return Scratch.Mark(packed);
        }

        if (together is not null)
        {
            PermuteRows.Gather(together, _rows, packed);
            return packed;
        }

        using NDArray joined = NDArray.Allocate(packed.Shape, first.DType, first.Device);
        int start = 0;
        foreach (NDArray x in xs)
        {
            using NDArray part = joined[start..(start + x.Shape[0])];
            Kernels.Copy(x, part);
            start += x.Shape[0];
        }

        PermuteRows.Gather(joined, _rows, packed);
        return packed;
    }

    private NDArray[] UnpackArray(NDArray y)
    {
        NDArray joined = NDArray.Allocate(y.Shape, y.DType, y.Device);
        if (Steps.AreAll(_lengths.Length))
        {
            bool scratch = y.IsScratch;
            using NDArray steps = y.Reshape([Steps.Count, _lengths.Length, y.Shape[1]]);
            using NDArray columns = steps.SwapAxes(0, 1);
            using NDArray sequences = joined.Reshape(columns.Shape);
            Kernels.Copy(columns, sequences);
            y.IsScratch = scratch; // its views are gone
        }
        else
        {
            PermuteRows.Gather(y, _places, joined);
        }

        var parts = new NDArray[_lengths.Length];
        int start = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = joined[start..(start + _lengths[i])];
            start += _lengths[i];
        }

        return parts;
    }

    /// <summary>Sequences to packed steps; its gradient is the way back.</summary>
    private sealed class PackNode(PackedSequences sequences) : FunctionNode
    {
        public override string Label => "Pack";

        internal override bool ReleasesGradients => true;

        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [sequences.PackArrays(inputs)];

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
            new UnpackNode(sequences).Apply(gradOutputs[0]!);
    }

    /// <summary>Packed steps to sequences; its gradient is the way back.</summary>
    private sealed class UnpackNode(PackedSequences sequences) : FunctionNode
    {
        public override string Label => "Unpack";

        internal override bool ReleasesGradients => true;

        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => sequences.UnpackArray(inputs[0]);

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
        {
            Variable? given = null;
            foreach (Variable? gy in gradOutputs)
            {
                given ??= gy;
            }

            var gradients = new Variable[gradOutputs.Length];
            for (int i = 0; i < gradients.Length; i++)
            {
                gradients[i] = gradOutputs[i] ?? NDArray.Zeros(Outputs[i].Shape, given!.DType, given.Device);
            }

            return [new PackNode(sequences).ApplySingle(gradients)];
        }
    }
}
