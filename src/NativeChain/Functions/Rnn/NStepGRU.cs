namespace NativeChain;

public static partial class F
{
    /// <summary>Layers of gated recurrent units, one above the other, over sequences: r, z = σ(W x + U h + b + b'), h̄ = tanh(W₂ x + b₂ + r (W₅ h + b₅)), h' = (1 - z) h̄ + z h.</summary>
    /// <remarks>
    /// The weights of a layer are, in this order, those of r, z and h̄ for the layer's input, then those three for its own output at the step before.
    /// Between layers, outputs are dropped at random in training mode.
    /// </remarks>
    /// <param name="nLayers">The number of layers, S.</param>
    /// <param name="dropoutRatio">The probability that an output of a layer is dropped before the next.</param>
    /// <param name="hx">The initial outputs, (S, B, N); null for zeros.</param>
    /// <param name="ws">For each layer six matrices: three (N, I), where I is the size of the layer's input, and three (N, N).</param>
    /// <param name="bs">For each layer six vectors (N,).</param>
    /// <param name="xs">The inputs step by step: (B_t, I) of all sequences that have a step t. Sequences are sorted by falling length, so B_t never grows.</param>
    /// <returns>The outputs after the last step of each sequence, (S, B, N), and the last layer's outputs step by step, (B_t, N).</returns>
    /// <exception cref="ArgumentNullException">A list or one of its elements is null.</exception>
    /// <exception cref="ArgumentException">There are no layers, no steps, or a wrong number of weights.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static (Variable Hy, Variable[] Ys) NStepGRU(
        int nLayers,
        double dropoutRatio,
        Variable? hx,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = RecurrentStack.GRU.Run(nameof(NStepGRU), nLayers, 1, dropoutRatio, [hx], ws, bs, xs);
        return (states[0], ys);
    }

    /// <summary><see cref="NStepGRU"/> in both directions of time: every layer has a second half that runs from the end, and gives the outputs of both, side by side.</summary>
    /// <param name="nLayers">The number of layers, S.</param>
    /// <param name="dropoutRatio">The probability that an output of a layer is dropped before the next.</param>
    /// <param name="hx">The initial outputs, (2S, B, N), forward and backward of each layer in turn; null for zeros.</param>
    /// <param name="ws">For each layer and direction six matrices: three (N, I), where I is the size of the layer's input (2N from the second layer on), and three (N, N).</param>
    /// <param name="bs">For each layer and direction six vectors (N,).</param>
    /// <param name="xs">The inputs step by step: (B_t, I) of all sequences that have a step t. Sequences are sorted by falling length, so B_t never grows.</param>
    /// <returns>The outputs after the last step in each direction, (2S, B, N), and the last layer's outputs step by step, (B_t, 2N).</returns>
    /// <exception cref="ArgumentNullException">A list or one of its elements is null.</exception>
    /// <exception cref="ArgumentException">There are no layers, no steps, or a wrong number of weights.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static (Variable Hy, Variable[] Ys) NStepBiGRU(
        int nLayers,
        double dropoutRatio,
        Variable? hx,
        IReadOnlyList<IReadOnlyList<Variable>> ws,
        IReadOnlyList<IReadOnlyList<Variable>> bs,
        IReadOnlyList<Variable> xs)
    {
        (Variable[] states, Variable[] ys) = RecurrentStack.GRU.Run(nameof(NStepBiGRU), nLayers, 2, dropoutRatio, [hx], ws, bs, xs);
        return (states[0], ys);
    }
}

/// <summary>A layer of gated recurrent units. Inputs: x, h, the input weights, the recurrent weights, their biases; the gates r, z, h̄ are blocks.</summary>
internal sealed class GRULayer(string label, TimeSteps steps, bool reverse) : RecurrentLayer(label, steps, reverse, states: 1)
{
    // Of what the input and h give to r, z and h̄, and h: r, z, h̄, what h gives to h̄, and h after the step.
    private static readonly Elementwise s_step = Elementwise.OfMany(
        7,
        v =>
        {
            Expr r = Expr.Sigmoid(v[0] + v[3]);
            Expr z = Expr.Sigmoid(v[1] + v[4]);
            Expr candidate = Expr.Tanh(v[2] + (r * v[5]));
            return [r, z, candidate, v[5], ((1 - z) * candidate) + (z * v[6])];
        },
        "NStepGRU",
        ProgramFlags.FlushDenormals);

    // Of r, z, h̄, what h gave to h̄, h before, the gradient at the output and that carried: the gradients at what the input gave, at what h gave,
    // and the part of that at h that goes by the weights.
    private static readonly Elementwise s_stepGrad = Elementwise.OfMany(
        7,
        v =>
        {
            (Expr r, Expr z, Expr candidate, Expr u, Expr hPrev) = (v[0], v[1], v[2], v[3], v[4]);
            Expr gh = v[5] + v[6];
            Expr gCandidate = gh * (1 - z) * (1 - (candidate * candidate));
            Expr gr = gCandidate * u * r * (1 - r);
            Expr gz = gh * (hPrev - candidate) * z * (1 - z);
            return [gr, gz, gCandidate, gr, gz, gCandidate * r, gh * z];
        },
        "NStepGRUGrad",
        ProgramFlags.FlushDenormals);

    private NDArray? _gates;
    private NDArray? _u;
    private StateHistory? _h;

    protected override NDArray[] Compute(NDArray x, ReadOnlySpan<NDArray> initial, ReadOnlySpan<NDArray> weights)
    {
        int n = initial[0].Shape[1];
        NDArray gates = Project(x, weights[0], weights[2]);
        NDArray[] parts = Split(gates, n);
        NDArray u = NDArray.Allocate([Steps.Rows, n], x.DType, x.Device);
        StateHistory h = History(initial[0]);
        Program add = FixedPrograms.Add(x.DType);
        using NDArray transposed = Transposed(weights[1]);
        using NDArray given = NDArray.Allocate([Steps.Size(0), 3 * n], x.DType, x.Device);
        NDArray[] givenParts = Split(given, n);
        foreach (int t in Order())
        {
            int size = Steps.Size(t);
            using NDArray r = Steps.At(parts[0], t);
            using NDArray z = Steps.At(parts[1], t);
            using NDArray candidate = Steps.At(parts[2], t);
            using NDArray uStep = Steps.At(u, t);
            using NDArray all = given[..size];
            using NDArray hr = givenParts[0][..size];
            using NDArray hz = givenParts[1][..size];
            using NDArray hu = givenParts[2][..size];
            using NDArray hPrev = h.Before(t);
            using NDArray hNext = h.After(t);
            Kernels.MatMul(hPrev, transposed, all, add, [weights[3]]);
            s_step.ComputeInto([r, z, candidate, uStep, hNext], r, z, candidate, hr, hz, hu, hPrev);
        }

        NDArray[] outputs = [h.All(), h.Final()];
        Release(parts);
        Release(givenParts);
        if (Keeps)
        {
            (_gates, _u, _h) = (gates, u, h);
        }
        else
        {
            gates.Dispose();
            u.Dispose();
            h.Release();
        }

        return outputs;
    }

    protected override NDArray?[] Gradients(Request asked, NDArray[] inputs, NDArray? gy, NDArray[] carried)
    {
        NDArray gh = carried[0];
        NDArray W = inputs[3];
        int n = gh.Shape[1];
        NDArray gInput = NDArray.Allocate(_gates!.Shape, gh.DType, gh.Device);
        NDArray gGiven = NDArray.Allocate(_gates.Shape, gh.DType, gh.Device);
        NDArray[] parts = Split(_gates, n);
        NDArray[] gInputs = Split(gInput, n);
        NDArray[] gGivens = Split(gGiven, n);
        Program add = FixedPrograms.Add(gh.DType);
        foreach (int t in BackwardOrder())
        {
            using NDArray r = Steps.At(parts[0], t);
            using NDArray z = Steps.At(parts[1], t);
            using NDArray candidate = Steps.At(parts[2], t);
            using NDArray u = Steps.At(_u!, t);
            using NDArray hPrev = _h!.Before(t);
            using NDArray? gyStep = gy is null ? null : Steps.At(gy, t);
            using NDArray ghStep = gh[..Steps.Size(t)];
            using NDArray gxr = Steps.At(gInputs[0], t);
            using NDArray gxz = Steps.At(gInputs[1], t);
            using NDArray gxc = Steps.At(gInputs[2], t);
            using NDArray ghr = Steps.At(gGivens[0], t);
            using NDArray ghz = Steps.At(gGivens[1], t);
            using NDArray ghu = Steps.At(gGivens[2], t);
            s_stepGrad.ComputeInto(
                [gxr, gxz, gxc, ghr, ghz, ghu, ghStep], r, z, candidate, u, hPrev, gyStep ?? (Operand)0.0, ghStep);
            using NDArray gAll = Steps.At(gGiven, t);
            Kernels.MatMul(gAll, W, ghStep, add, [ghStep]);
        }

        var gradients = new NDArray?[inputs.Length];
        gradients[1] = gh;
        using NDArray hPrevious = _h!.AllBefore();
        FromProduct(asked, gradients, gInput, inputs[0], inputs[2], (0, 2, 4));
        FromProduct(asked, gradients, gGiven, hPrevious, W, (-1, 3, 5));
        Release(parts);
        Release(gInputs);
        Release(gGivens);
        gInput.Dispose();
        gGiven.Dispose();
        return gradients;
    }

    protected override Variable[] ComposedStep(Variable x, Variable[] before, ReadOnlySpan<Variable> weights)
    {
        Variable[] input = F.SplitAxis(F.Linear(x, weights[0], weights[2]), 3, 1);
        Variable[] given = F.SplitAxis(F.Linear(before[0], weights[1], weights[3]), 3, 1);
        Variable r = F.Sigmoid(input[0] + given[0]);
        Variable z = F.Sigmoid(input[1] + given[1]);
        Variable candidate = F.Tanh(input[2] + (r * given[2]));
        return [((1 - z) * candidate) + (z * before[0])];
    }
}
