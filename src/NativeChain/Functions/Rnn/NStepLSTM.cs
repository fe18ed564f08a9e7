namespace NativeChain;

public static partial class F
{
    /// <summary>Layers of LSTM, one above the other, over sequences: i, f, o = σ(W x + W' h + b + b'), c' = f c + i tanh(W₂ x + W₆ h + b₂ + b₆), h' = o tanh(c').</summary>
    /// <remarks>
    /// The weights of a layer are, in this order, those of the input gate, the forget gate, the cell input and the output gate for the layer's input, then
    /// those four for its own output at the step before. Between layers, outputs are dropped at random in training mode.
    /// </remarks>
    /// <param name="nLayers">The number of layers, S.</param>
    /// <param name="dropoutRatio">The probability that an output of a layer is dropped before the next.</param>
    /// <param name="hx">The initial outputs, (S, B, N); null for zeros.</param>
    /// <param name="cx">The initial cell states, (S, B, N); null for zeros.</param>
    /// <param name="ws">For each layer eight matrices: four (N, I), where I is the size of the layer's input, and four (N, N).</param>
    /// <param name="bs">For each layer eight vectors (N,).</param>
    /// <param name="xs">The inputs step by step: (B_t, I) of all sequences that have a step t. Sequences are sorted by falling length, so B_t never grows.</param>
    /// <returns>The outputs and the cell states after the last step of each sequence, (S, B, N), and the last layer's outputs step by step, (B_t, N).</returns>
    /// <exception cref="ArgumentNullException">A list or one of its elements is null.</exception>
    /// <exception cref="ArgumentException">There are no layers, no steps, or a wrong number of weights.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static (Variable Hy, Variable Cy, Variable[] Ys) NStepLSTM(
        int nLayers,
        double dropoutRatio,
        Variable? hx,
        Variable? cx,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = RecurrentStack.LSTM.Run(nameof(NStepLSTM), nLayers, 1, dropoutRatio, [hx, cx], ws, bs, xs);
        return (states[0], states[1], ys);
    }

    /// <summary><see cref="NStepLSTM"/> in both directions of time: every layer has a second half that runs from the end, and gives the outputs of both, side by side.</summary>
    /// <param name="nLayers">The number of layers, S.</param>
    /// <param name="dropoutRatio">The probability that an output of a layer is dropped before the next.</param>
    /// <param name="hx">The initial outputs, (2S, B, N), forward and backward of each layer in turn; null for zeros.</param>
    /// <param name="cx">The initial cell states, (2S, B, N); null for zeros.</param>
    /// <param name="ws">For each layer and direction eight matrices: four (N, I), where I is the size of the layer's input (2N from the second layer on), and four (N, N).</param>
    /// <param name="bs">For each layer and direction eight vectors (N,).</param>
    /// <param name="xs">The inputs step by step: (B_t, I) of all sequences that have a step t. Sequences are sorted by falling length, so B_t never grows.</param>
    /// <returns>The outputs and the cell states after the last step in each direction, (2S, B, N), and the last layer's outputs step by step, (B_t, 2N).</returns>
    /// <exception cref="ArgumentNullException">A list or one of its elements is null.</exception>
    /// <exception cref="ArgumentException">There are no layers, no steps, or a wrong number of weights.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static (Variable Hy, Variable Cy, Variable[] Ys) NStepBiLSTM(
        int nLayers,
        double dropoutRatio,
        Variable? hx,
        Variable? cx,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = RecurrentStack.LSTM.Run(nameof(NStepBiLSTM), nLayers, 2, dropoutRatio, [hx, cx], ws, bs, xs);
        return (states[0], states[1], ys);
    }
}

/// <summary>A layer of LSTM units. Inputs: x, h, c, the input weights, the recurrent weights, the bias; the gates i, f, g, o are blocks.</summary>
internal sealed class LSTMLayer(string label, TimeSteps steps, bool reverse) : RecurrentLayer(label, steps, reverse, states: 2)
{
    // Of i, f, g, o before their activation and their biases, c, and the biases: these activated, then c and h after the step.
    private static readonly Elementwise s_step = Elementwise.OfMany(
        9,
        v =>
        {
            (Expr i, Expr f) = (Expr.Sigmoid(v[0] + v[5]), Expr.Sigmoid(v[1] + v[6]));
            (Expr g, Expr o) = (Expr.Tanh(v[2] + v[7]), Expr.Sigmoid(v[3] + v[8]));
            Expr c = (g * i) + (f * v[4]);
            return [i, f, g, o, c, o * Expr.Tanh(c)];
        },
        "NStepLSTM",
        ProgramFlags.FlushDenormals);

    // The activated gates, c before and after, the gradient at the output, and those carried at h and c: the gradients at the gates, and that at c.
    private static readonly Elementwise s_stepGrad = Elementwise.OfMany(
        9,
        v =>
        {
            (Expr i, Expr f, Expr g, Expr o, Expr cPrev) = (v[0], v[1], v[2], v[3], v[4]);
            Expr y = Expr.Tanh(v[5]);
            Expr gh = v[6] + v[7];
            Expr gc = v[8] + (gh * o * (1 - (y * y)));
            return
            [
                gc * g * i * (1 - i),
                gc * cPrev * f * (1 - f),
                gc * i * (1 - (g * g)),
                gh * y * o * (1 - o),
                gc * f,
            ];
        },
        "NStepLSTMGrad",
        ProgramFlags.FlushDenormals);

    private NDArray? _gates;
    private StateHistory? _h;
    private StateHistory? _c;

    protected override NDArray[] Compute(NDArray x, ReadOnlySpan<NDArray> initial, ReadOnlySpan<NDArray> weights)
    {
        int n = initial[0].Shape[1];
        NDArray gates = Project(x, weights[0]);
        NDArray[] parts = Split(gates, n);
        NDArray[] biases = Split(weights[2], n);
        StateHistory h = History(initial[0]);
        StateHistory c = History(initial[1]);
        Program add = FixedPrograms.Add(x.DType);
        using NDArray transposed = Transposed(weights[1]);
        foreach (int t in Order())
        {
            using NDArray all = Steps.At(gates, t);
            using NDArray i = Steps.At(parts[0], t);
            using NDArray f = Steps.At(parts[1], t);
            using NDArray g = Steps.At(parts[2], t);
            using NDArray o = Steps.At(parts[3], t);
            using NDArray hPrev = h.Before(t);
            using NDArray cPrev = c.Before(t);
            using NDArray hNext = h.After(t);
            using NDArray cNext = c.After(t);
            Kernels.MatMul(hPrev, transposed, all, add, [all]);
            s_step.ComputeInto([i, f, g, o, cNext, hNext], i, f, g, o, cPrev, biases[0], biases[1], biases[2], biases[3]);
        }

        NDArray[] outputs = [h.All(), h.Final(), c.Final()];
        Release(parts);
        Release(biases);
        if (Keeps)
        {
            (_gates, _h, _c) = (gates, h, c);
        }
        else
        {
            gates.Dispose();
            h.Release();
            c.Release();
        }

        return outputs;
    }

    protected override NDArray?[] Gradients(Request asked, NDArray[] inputs, NDArray? gy, NDArray[] carried)
    {
        (NDArray gh, NDArray gc) = (carried[0], carried[1]);
        NDArray W = inputs[4];
        int n = gh.Shape[1];
        NDArray gGates = NDArray.Allocate(_gates!.Shape, gh.DType, gh.Device);
        NDArray[] parts = Split(_gates, n);
        NDArray[] gParts = Split(gGates, n);
        foreach (int t in BackwardOrder())
        {
            using NDArray i = Steps.At(parts[0], t);
            using NDArray f = Steps.At(parts[1], t);
            using NDArray g = Steps.At(parts[2], t);
            using NDArray o = Steps.At(parts[3], t);
            using NDArray gi = Steps.At(gParts[0], t);
            using NDArray gf = Steps.At(gParts[1], t);
            using NDArray gg = Steps.At(gParts[2], t);
            using NDArray go = Steps.At(gParts[3], t);
            using NDArray cPrev = _c!.Before(t);
            using NDArray cNext = _c.After(t);
            using NDArray? gyStep = gy is null ? null : Steps.At(gy, t);
            using NDArray ghStep = gh[..Steps.Size(t)];
            using NDArray gcStep = gc[..Steps.Size(t)];
            s_stepGrad.ComputeInto(
                [gi, gf, gg, go, gcStep], i, f, g, o, cPrev, cNext, gyStep ?? (Operand)0.0, ghStep, gcStep);
            using NDArray gAll = Steps.At(gGates, t);
            Kernels.MatMul(gAll, W, ghStep);
        }

        var gradients = new NDArray?[inputs.Length];
        gradients[1] = gh;
        gradients[2] = gc;
        using NDArray hPrevious = _h!.AllBefore();
        FromProduct(asked, gradients, gGates, inputs[0], inputs[3], (0, 3, 5));
        FromProduct(asked, gradients, gGates, hPrevious, W, (-1, 4, -1));
        Release(parts);
        Release(gParts);
        gGates.Dispose();
        return gradients;
    }

    protected override Variable[] ComposedStep(Variable x, Variable[] before, ReadOnlySpan<Variable> weights)
    {
        Variable[] gates = F.SplitAxis(F.Linear(x, weights[0], weights[2]) + F.Linear(before[0], weights[1]), 4, 1);
        (Variable c, Variable h) = LSTM.ComposedCell(before[1], gates[2], gates[0], gates[1], gates[3]);
        return [h, c];
    }
}
