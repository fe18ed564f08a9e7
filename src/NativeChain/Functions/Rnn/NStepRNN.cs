namespace NativeChain;

public static partial class F
{
    /// <summary>Layers of simple recurrent units, one above the other, over sequences: h' = f(W₀ x + W₁ h + b₀ + b₁).</summary>
    /// <remarks>Between layers, outputs are dropped at random in training mode.</remarks>
    /// <param name="nLayers">The number of layers, S.</param>
    /// <param name="dropoutRatio">The probability that an output of a layer is dropped before the next.</param>
    /// <param name="hx">The initial outputs, (S, B, N); null for zeros.</param>
    /// <param name="ws">For each layer two matrices: (N, I), where I is the size of the layer's input, and (N, N).</param>
    /// <param name="bs">For each layer two vectors (N,).</param>
    /// <param name="xs">The inputs step by step: (B_t, I) of all sequences that have a step t. Sequences are sorted by falling length, so B_t never grows.</param>
    /// <param name="activation">f: "tanh" or "relu".</param>
    /// <returns>The outputs after the last step of each sequence, (S, B, N), and the last layer's outputs step by step, (B_t, N).</returns>
    /// <exception cref="ArgumentNullException">A list or one of its elements is null.</exception>
    /// <exception cref="ArgumentException">There are no layers, no steps, a wrong number of weights, or another <paramref name="activation"/>.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static (Variable Hy, Variable[] Ys) NStepRNN(
        int nLayers,
        double dropoutRatio,
        Variable? hx,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        IReadOnlyList<Variable> xs,
        string activation = "tanh")
    {
        (Variable[] states, Variable[] ys) =
            RecurrentStack.RNN(nameof(NStepRNN), activation).Run(nameof(NStepRNN), nLayers, 1, dropoutRatio, [hx], ws, bs, xs);
        return (states[0], ys);
    }

    /// <summary><see cref="NStepRNN"/> in both directions of time: every layer has a second half that runs from the end, and gives the outputs of both, side by side.</summary>
    /// <param name="nLayers">The number of layers, S.</param>
    /// <param name="dropoutRatio">The probability that an output of a layer is dropped before the next.</param>
    /// <param name="hx">The initial outputs, (2S, B, N), forward and backward of each layer in turn; null for zeros.</param>
    /// <param name="ws">For each layer and direction two matrices: (N, I), where I is the size of the layer's input (2N from the second layer on), and (N, N).</param>
    /// <param name="bs">For each layer and direction two vectors (N,).</param>
    /// <param name="xs">The inputs step by step: (B_t, I) of all sequences that have a step t. Sequences are sorted by falling length, so B_t never grows.</param>
    /// <param name="activation">f: "tanh" or "relu".</param>
    /// <returns>The outputs after the last step in each direction, (2S, B, N), and the last layer's outputs step by step, (B_t, 2N).</returns>
    /// <exception cref="ArgumentNullException">A list or one of its elements is null.</exception>
    /// <exception cref="ArgumentException">There are no layers, no steps, a wrong number of weights, or another <paramref name="activation"/>.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static (Variable Hy, Variable[] Ys) NStepBiRNN(
        int nLayers,
        double dropoutRatio,
        Variable? hx,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        IReadOnlyList<Variable> xs,
        string activation = "tanh")
    {
        (Variable[] states, Variable[] ys) =
            RecurrentStack.RNN(nameof(NStepBiRNN), activation).Run(nameof(NStepBiRNN), nLayers, 2, dropoutRatio, [hx], ws, bs, xs);
        return (states[0], ys);
    }
}

/// <summary>A layer of simple recurrent units; the activation is applied to the recurrent product while its tile is hot. Inputs: x, h, the input weights, the recurrent weights, the bias.</summary>
internal sealed class RNNLayer(string label, TimeSteps steps, bool reverse, bool relu) : RecurrentLayer(label, steps, reverse, states: 1)
{
    // Of h after the step, the gradient at the output and that carried: the gradient before the activation.
    private static readonly Elementwise s_tanhGrad = Elementwise.Of(
        (h, gy, gh) => (gy + gh) * (1 - (h * h)), "NStepRNNGrad", ProgramFlags.FlushDenormals);

    private static readonly Elementwise s_reluGrad = Elementwise.Of(
        (h, gy, gh) => Expr.Select(h > 0, gy + gh, 0), "NStepRNNGrad", ProgramFlags.FlushDenormals);

    private StateHistory? _h;

    protected override NDArray[] Compute(NDArray x, ReadOnlySpan<NDArray> initial, ReadOnlySpan<NDArray> weights)
    {
        using NDArray projected = Project(x, weights[0], weights[2]);
        StateHistory h = History(initial[0]);
        Program program = relu ? FixedPrograms.AddRelu(x.DType) : FixedPrograms.AddTanh(x.DType);
        using NDArray transposed = Transposed(weights[1]);
        foreach (int t in Order())
        {
            using NDArray input = Steps.At(projected, t);
            using NDArray hPrev = h.Before(t);
            using NDArray hNext = h.After(t);
            Kernels.MatMul(hPrev, transposed, hNext, program, [input]);
        }

        NDArray[] outputs = [h.All(), h.Final()];
        if (Keeps)
        {
            _h = h;
        }
        else
        {
            h.Release();
        }

        return outputs;
    }

    protected override NDArray?[] Gradients(Request asked, NDArray[] inputs, NDArray? gy, NDArray[] carried)
    {
        NDArray gh = carried[0];
        NDArray W = inputs[3];
        Elementwise gradient = relu ? s_reluGrad : s_tanhGrad;
        using NDArray g = NDArray.Allocate([Steps.Rows, gh.Shape[1]], gh.DType, gh.Device);
        foreach (int t in BackwardOrder())
        {
            using NDArray h = _h!.After(t);
            using NDArray? gyStep = gy is null ? null : Steps.At(gy, t);
            using NDArray ghStep = gh[..Steps.Size(t)];
            using NDArray gStep = Steps.At(g, t);
            gradient.ComputeInto([gStep], h, gyStep ?? (Operand)0.0, ghStep);
            Kernels.MatMul(gStep, W, ghStep);
        }

        var gradients = new NDArray?[inputs.Length];
        gradients[1] = gh;
        using NDArray hPrevious = _h!.AllBefore();
        FromProduct(asked, gradients, g, inputs[0], inputs[2], (0, 2, 4));
        FromProduct(asked, gradients, g, hPrevious, W, (-1, 3, -1));
        return gradients;
    }

    protected override Variable[] ComposedStep(Variable x, Variable[] before, ReadOnlySpan<Variable> weights)
    {
        Variable y = F.Linear(x, weights[0], weights[2]) + F.Linear(before[0], weights[1]);
        return [relu ? F.Relu(y) : F.Tanh(y)];
    }
}
