namespace NativeChain;

/// <summary>The subscripts of an Einstein sum, resolved for its operands: a label for each axis, equal labels of one extent.</summary>
internal sealed class EinsumSubscripts
{
    private const string Function = "NDArray.Einsum";

    // Labels of axes that an ellipsis stands for: the last has the first number.
    internal const int EllipsisLabel = 1 << 16;
    private const int Ellipsis = -1;

    private readonly int[][] _inputs;

    /// <exception cref="ArgumentException">Malformed subscripts, or operands that do not fit them.</exception>
    internal EinsumSubscripts(string subscripts, ReadOnlySpan<NDArray> operands)
    {
        Guard.NotNull(subscripts, nameof(subscripts), Function);
        string text = subscripts.Replace(" ", "", StringComparison.Ordinal);
        int arrow = text.IndexOf("->", StringComparison.Ordinal);
        string[] inputs = (arrow < 0 ? text : text[..arrow]).Split(',');
        if (inputs.Length != operands.Length)
        {
            throw new ArgumentException(
                $"{Function}: '{subscripts}' is for {inputs.Length} operands, but {operands.Length} are given.", nameof(operands));
        }

        _inputs = Array.ConvertAll(inputs, input => Parse(input, subscripts));
        int broadcast = 0;
        for (int k = 0; k < operands.Length; k++)
        {
            broadcast = Math.Max(broadcast, Expand(ref _inputs[k], operands[k], k, subscripts));
        }

        Output = arrow < 0 ? Implied(broadcast) : Parse(text[(arrow + 2)..], subscripts);
        if (arrow >= 0)
        {
            Output = ExpandOutput(Output, broadcast, subscripts);
        }
    }

    /// <summary>Labels of the axes of each operand; one twice stands for the diagonal.</summary>
    internal int[][] Inputs => _inputs;

    /// <summary>Labels of the result.</summary>
    internal int[] Output { get; }

    /// <summary>The operands with one axis for each label, broadcast to the labels' extents: views.</summary>
    internal List<(NDArray Array, int[] Labels)> Resolve(ReadOnlySpan<NDArray> operands)
    {
        var resolved = new List<(NDArray Array, int[] Labels)>();
        var extents = new Dictionary<int, int>();
        for (int k = 0; k < operands.Length; k++)
        {
            (NDArray x, int[] labels) = Diagonal(operands[k], _inputs[k], k);
            for (int i = 0; i < labels.Length; i++)
            {
                int known = extents.GetValueOrDefault(labels[i], 1);
                if (known != x.Shape[i] && known != 1 && x.Shape[i] != 1)
                {
                    throw new ArgumentException(
                        $"{Function}: operand {k} of shape {operands[k].Shape} has extent {x.Shape[i]} at '{Name(labels[i])}', another has {known}.",
                        nameof(operands));
                }

                extents[labels[i]] = known == 1 ? x.Shape[i] : known;
            }

            resolved.Add((x, labels));
        }

        return resolved.ConvertAll(x => (x.Array.BroadcastTo(Array.ConvertAll(x.Labels, label => extents[label])), x.Labels));
    }

    private static int[] Parse(string text, string subscripts)
    {
        var labels = new List<int>();
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiLetter(text[i]))
            {
                labels.Add(text[i]);
            }
            else if (text.AsSpan(i).StartsWith("...") && !labels.Contains(Ellipsis))
            {
                labels.Add(Ellipsis);
                i += 2;
            }
            else
            {
                throw new ArgumentException($"{Function}: '{text[i]}' in '{subscripts}' is neither a letter nor an ellipsis.", nameof(subscripts));
            }
        }

        return [.. labels];
    }

    // Replaces the ellipsis by labels for the axes that the letters leave; returns how many.
    private static int Expand(ref int[] labels, NDArray x, int operand, string subscripts)
    {
        int at = Array.IndexOf(labels, Ellipsis);
        int rest = x.NDim - (at < 0 ? labels.Length : labels.Length - 1);
        if (rest < 0 || (rest > 0 && at < 0))
        {
            throw new ArgumentException(
                $"{Function}: operand {operand} of shape {x.Shape} has not the axes that '{subscripts}' names.", "operands");
        }

        if (at >= 0)
        {
            labels = [.. labels[..at], .. EllipsisLabels(rest), .. labels[(at + 1)..]];
        }

        return rest;
    }

    private static IEnumerable<int> EllipsisLabels(int count) => Enumerable.Range(0, count).Select(i => EllipsisLabel + count - 1 - i);

    // Broadcast axes, then the letters that occur once, in order.
    private int[] Implied(int broadcast) =>
    [
        .. EllipsisLabels(broadcast),
        .. _inputs.SelectMany(labels => labels).Where(label => label < EllipsisLabel)
            .GroupBy(label => label).Where(group => group.Count() == 1).Select(group => group.Key).Order(),
    ];

    private int[] ExpandOutput(int[] labels, int broadcast, string subscripts)
    {
        int at = Array.IndexOf(labels, Ellipsis);
        if (broadcast > 0 && at < 0)
        {
            throw new ArgumentException(
                $"{Function}: the result of '{subscripts}' needs an ellipsis for {broadcast} broadcast axes.", nameof(subscripts));
        }

        foreach (int label in labels)
        {
            if (label != Ellipsis && (labels.Count(l => l == label) > 1 || !_inputs.Any(input => input.Contains(label))))
            {
                throw new ArgumentException(
                    $"{Function}: '{(char)label}' is in the result of '{subscripts}' twice, or in no operand.", nameof(subscripts));
            }
        }

        return at < 0 ? labels : [.. labels[..at], .. EllipsisLabels(broadcast), .. labels[(at + 1)..]];
    }

    /// <summary>The array with axes of one label replaced by their diagonal, a view.</summary>
    internal static (NDArray Array, int[] Labels) Diagonal(NDArray x, int[] labels, int operand)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            int j = Array.IndexOf(labels, labels[i], i + 1);
            if (j < 0)
            {
                continue;
            }

            if (x.Shape[i] != x.Shape[j])
            {
                throw new ArgumentException(
                    $"{Function}: operand {operand} has extents {x.Shape[i]} and {x.Shape[j]} at '{Name(labels[i])}'.", "operands");
            }

            int label = labels[i];
            x = x.Diagonal(0, i, j);
            labels = [.. labels.Where((_, k) => k != i && k != j), label];
            i = -1;
        }

        return (x, labels);
    }

    private static string Name(int label) => label >= EllipsisLabel ? "..." : ((char)label).ToString();
}
