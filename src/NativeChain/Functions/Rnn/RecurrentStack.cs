namespace NativeChain;

/// <summary>What the n-step functions have in common: layers of one kind of unit, in one or both directions of time, over packed sequences.</summary>
/// <param name="gates">How many matrices there are for a layer's input, and as many for its own output.</param>
/// <param name="states">How many states a unit has.</param>
/// <param name="joinsBiases">Whether the two biases of a gate act as their sum.</param>
/// <param name="newLayer">Makes a layer in one direction.</param>
internal sealed class RecurrentStack(int gates, int states, bool joinsBiases, Func<string, TimeSteps, bool, RecurrentLayer> newLayer)
{
    private static readonly RecurrentStack s_tanh = new(1, 1, true, (label, steps, reverse) => new RNNLayer(label, steps, reverse, relu: false));
    private static readonly RecurrentStack s_relu = new(1, 1, true, (label, steps, reverse) => new RNNLayer(label, steps, reverse, relu: true));

    public static RecurrentStack LSTM { get; } = new(4, 2, true, (label, steps, reverse) => new LSTMLayer(label, steps, reverse));

    public static RecurrentStack GRU { get; } = new(3, 1, false, (label, steps, reverse) => new GRULayer(label, steps, reverse));

    /// <summary>The stack of simple units.</summary>
    /// <exception cref="ArgumentException">No such activation.</exception>
    public static RecurrentStack RNN(string function, string activation) => activation switch
    {
        "tanh" => s_tanh,
        "relu" => s_relu,
        _ => throw new ArgumentException($"{function}: activation is 'tanh' or 'relu', not '{activation}'.", nameof(activation)),
    };

    /// <summary>Applies the stack to steps that lie apart.</summary>
    /// <param name="function">The name in messages.</param>
    /// <param name="nLayers">The number of layers, S.</param>
    /// <param name="directions">1, or 2 for both.</param>
    /// <param name="dropoutRatio">Of outputs between layers.</param>
    /// <param name="initial">The initial states, (S directions, B, N) each; null for zeros.</param>
    /// <param name="ws">The matrices of each layer and direction.</param>
    /// <param name="bs">The biases of each layer and direction.</param>
    /// <param name="xs">(B_t, I) each.</param>
    public (Variable[] States, Variable[] Ys) Run(
        string function,
        int nLayers,
        int directions,
        double dropoutRatio,
        ReadOnlySpan<Variable?> initial,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        IReadOnlyList<Variable> xs)
    {
        ArgumentNullException.ThrowIfNull(xs);
        if (xs.Count == 0)
        {
            throw new ArgumentException($"{function}: there are no steps.", nameof(xs));
        }

        var sizes = new int[xs.Count];
        for (int t = 0; t < sizes.Length; t++)
        {
            NDArray x = Data(function, $"xs[{t}]", xs[t]);
            TypeCheck.NDim(function, $"xs[{t}]", x, 2);
            TypeCheck.Extent(function, $"xs[{t}]", x, 1, xs[0].Shape[1]);
            TypeCheck.SameDType(function, $"xs[{t}]", x, xs[0].DType);
            sizes[t] = x.Shape[0];
            if (t > 0 && sizes[t] > sizes[t - 1])
            {
                TypeCheck.Throw(function, $"xs[{t}]", $"no more than {sizes[t - 1]} rows, those of the step before", $"shape {x.Shape}");
            }
        }

        var steps = new TimeSteps(sizes);
        TypeCheck.Floating(function, "xs[0]", xs[0].RawArray!);
        Check(function, nLayers, directions, xs[0].RawArray!, initial, ws, bs, sizes[0]);
        Variable packed = xs.Count == 1 ? xs[0] : F.Concat(xs, 0);
        int batch = sizes[0];
        foreach (Variable? state in initial)
        {
            batch = state?.Shape[1] ?? batch;
        }

        (Variable[] final, Variable y) = Apply(function, nLayers, directions, dropoutRatio, initial, ws, bs, packed, steps, batch);
        return (final, steps.Count == 1 ? [y] : F.SplitAxis(y, steps.Starts, 0));
    }

    /// <summary>Applies the stack, whose arguments <see cref="Check"/> has seen, to packed steps x: (rows of the steps, I). States that are not given have as many rows as the batch.</summary>
    public (Variable[] States, Variable Y) Apply(
        string function,
        int nLayers,
        int directions,
        double dropoutRatio,
        ReadOnlySpan<Variable?> initial,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        Variable x,
        TimeSteps steps,
        int batch)
    {
        int n = ws[0][0].Shape[0];
        var starts = new Variable[states][];
        var ends = new Variable[states][];
        for (int k = 0; k < states; k++)
        {
            starts[k] = Initial(initial[k], nLayers * directions, batch, n, x);
            ends[k] = new Variable[nLayers * directions];
        }

        for (int layer = 0; layer < nLayers; layer++)
        {
            var halves = new Variable[directions];
            for (int direction = 0; direction < directions; direction++)
            {
                int at = (layer * directions) + direction;
                Variable input = layer == 0 ? x : F.Dropout(x, dropoutRatio);
                Variable[] outputs = newLayer(function, steps, direction == 1).Run([input, .. Array.ConvertAll(starts, s => s[at]), .. Weights(ws[at], bs[at])]);
                halves[direction] = outputs[0];
                for (int k = 0; k < states; k++)
                {
                    ends[k][at] = F.Reshape(outputs[1 + k], [1, outputs[1 + k].Shape[0], n]);
                }
            }

            x = directions == 1 ? halves[0] : F.Concat(halves, 1);
        }

        return (Array.ConvertAll(ends, end => end.Length == 1 ? end[0] : F.Concat(end, 0)), x);
    }

    /// <summary>Refuses states and weights that do not fit each other or the input.</summary>
    public void Check(
        string function,
        int nLayers,
        int directions,
        NDArray x,
        ReadOnlySpan<Variable?> initial,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nLayers, 1);
        ArgumentNullException.ThrowIfNull(ws);
        ArgumentNullException.ThrowIfNull(bs);
        CheckCount(function, nameof(ws), ws.Count, nLayers * directions);
        CheckCount(function, nameof(bs), bs.Count, nLayers * directions);
        int n = -1;
        for (int at = 0; at < ws.Count; at++)
        {
            CheckCount(function, $"ws[{at}]", ws[at]?.Count ?? 0, 2 * gates);
            CheckCount(function, $"bs[{at}]", bs[at]?.Count ?? 0, 2 * gates);
            for (int j = 0; j < 2 * gates; j++)
            {
                NDArray W = Data(function, $"ws[{at}][{j}]", ws[at]![j]);
                NDArray b = Data(function, $"bs[{at}][{j}]", bs[at]![j]);
                TypeCheck.NDim(function, $"ws[{at}][{j}]", W, 2);
                n = n < 0 ? W.Shape[0] : n;
                int width = j >= gates ? n : at < directions ? x.Shape[1] : directions * n;
                TypeCheck.SameDType(function, $"ws[{at}][{j}]", W, x.DType);
                TypeCheck.SameDType(function, $"bs[{at}][{j}]", b, x.DType);
                TypeCheck.SameShape(function, $"ws[{at}][{j}]", W, [n, width]);
                TypeCheck.SameShape(function, $"bs[{at}][{j}]", b, [n]);
            }
        }

        for (int k = 0; k < states; k++)
        {
            if (initial[k] is Variable state)
            {
                string name = k == 0 ? "hx" : "cx";
                NDArray array = Data(function, name, state);
                TypeCheck.SameDType(function, name, array, x.DType);
                TypeCheck.NDim(function, name, array, 3);
                int batch = k == 0 || initial[0] is null ? array.Shape[1] : initial[0]!.Shape[1];
                TypeCheck.SameShape(function, name, array, [nLayers * directions, batch, n]);
                if (batch < rows)
                {
                    TypeCheck.Throw(function, name, $"at least {rows} sequences", $"shape {array.Shape}");
                }
            }
        }
    }

    private Variable[] Weights(IReadOnlyList<Variable> ws, IReadOnlyList<Variable> bs)
    {
        Variable input = Join(ws, 0);
        Variable recurrent = Join(ws, gates);
        Variable inputBias = Join(bs, 0);
        Variable recurrentBias = Join(bs, gates);
        return joinsBiases ? [input, recurrent, inputBias + recurrentBias] : [input, recurrent, inputBias, recurrentBias];
    }

    private Variable Join(IReadOnlyList<Variable> parts, int first) =>
        gates == 1 ? parts[first] : F.Concat([.. parts.Skip(first).Take(gates)], 0);

    private static Variable[] Initial(Variable? given, int layers, int batch, int n, Variable x)
    {
        if (given is null)
        {
            Variable zeros = NDArray.Zeros([batch, n], x.DType, x.Device);
            var all = new Variable[layers];
            Array.Fill(all, zeros);
            return all;
        }

        Variable[] parts = layers == 1 ? [given] : F.SplitAxis(given, layers, 0);
        return Array.ConvertAll(parts, part => F.Reshape(part, [part.Shape[1], n]));
    }

    private static NDArray Data(string function, string name, Variable? x)
    {
        if (x is null)
        {
            throw new ArgumentNullException(name, $"{function}: {name} is null.");
        }

        return x.RawArray ?? throw new ArgumentException($"{function}: {name} is a variable without data; initialize it first.", name);
    }

    private static void CheckCount(string function, string name, int count, int expected)
    {
        if (count != expected)
        {
            throw new ArgumentException($"{function}: {name} has {count} elements, not {expected}.", name);
        }
    }
}
