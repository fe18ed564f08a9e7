namespace NativeChain;

/// <summary>
/// A layer of recurrent units in one direction of time, over all steps: one product with the input weights for all of them, then step by step the product
/// with the recurrent weights and one elementwise pass. Inputs: x (S, I), packed; the initial states (B, N), the output first; the input weights (GN, I),
/// the recurrent ones (GN, N), and biases. Outputs: the output after each step, (S, N), and the states after the last, (B, N).
/// </summary>
/// <param name="label">The name in messages.</param>
/// <param name="steps">The packed steps.</param>
/// <param name="reverse">Whether time runs backwards.</param>
/// <param name="states">How many states a unit has.</param>
internal abstract class RecurrentLayer(string label, TimeSteps steps, bool reverse, int states) : FunctionNode
{
    public sealed override string Label => label;

    internal sealed override bool ReleasesGradients => true;

    /// <summary>Whether backward will be asked for: else nothing is kept for it.</summary>
    protected bool Keeps { get; private set; }

    protected TimeSteps Steps => steps;

    /// <summary>Applies the layer.</summary>
    /// <param name="inputs">x, the states, the input weights, the recurrent weights, biases.</param>
    /// <returns>The outputs, then the states.</returns>
    public Variable[] Run(params ReadOnlySpan<Variable> inputs)
    {
        if (Config.EnableBackprop)
        {
            foreach (Variable x in inputs)
            {
                Keeps |= x.RequiresGrad;
            }
        }

        return Apply(inputs);
    }

    public sealed override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        Span<int> all = stackalloc int[inputs.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = i;
        }

        RetainInputs(all);
        return Compute(inputs[0], inputs.Slice(1, states), inputs[(1 + states)..]);
    }

    public sealed override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable[] inputs = GetRetainedInputs();
        if (Config.EnableBackprop)
        {
            return ComposedGradient.Of(Composed, inputs, targetInputs, gradOutputs);
        }

        // The gradients at the states, carried from step to step: rows of sequences that a step lacks wait.
        var carried = new NDArray[states];
        for (int i = 0; i < states; i++)
        {
            carried[i] = NDArray.EmptyLike(inputs[1 + i].RawArray!);
            if (gradOutputs[1 + i]?.RawArray is NDArray given)
            {
                Kernels.Copy(given, carried[i]);
            }
            else
            {
                Kernels.Fill(0.0, carried[i]);
            }
        }

        NDArray? gy = gradOutputs[0]?.RawArray;
        bool scratch = gy?.IsScratch ?? false;
        NDArray?[] gradients = Gradients(new Request(targetInputs), Array.ConvertAll(inputs, x => x.RawArray!), gy, carried);
        if (gy is not null)
        {
            gy.IsScratch = scratch; // its views are gone
        }

        return Array.ConvertAll(gradients, g => g is null ? null : Variable.Wrap(Scratch.Mark(g), requiresGrad: false));
    }

    /// <summary>The outputs of the node.</summary>
    protected abstract NDArray[] Compute(NDArray x, ReadOnlySpan<NDArray> initial, ReadOnlySpan<NDArray> weights);

    /// <summary>The gradients at all inputs; null for those that are not asked for.</summary>
    /// <param name="asked">Which are.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="gy">The gradient at the outputs of all steps; null for zeros.</param>
    /// <param name="carried">The gradients at the states after the last step; to become those at the initial ones.</param>
    protected abstract NDArray?[] Gradients(Request asked, NDArray[] inputs, NDArray? gy, NDArray[] carried);

    /// <summary>One step of other functions.</summary>
    /// <param name="x">(n, I).</param>
    /// <param name="before">The states before the step, (n, N).</param>
    /// <param name="weights">The weights and biases.</param>
    /// <returns>The states after it.</returns>
    protected abstract Variable[] ComposedStep(Variable x, Variable[] before, ReadOnlySpan<Variable> weights);

    /// <summary>The steps in the order in which they are computed.</summary>
    protected IEnumerable<int> Order()
    {
        for (int k = 0; k < steps.Count; k++)
        {
            yield return reverse ? steps.Count - 1 - k : k;
        }
    }

    /// <summary>The steps in the order in which gradients go through them.</summary>
    protected IEnumerable<int> BackwardOrder()
    {
        for (int k = 0; k < steps.Count; k++)
        {
            yield return reverse ? k : steps.Count - 1 - k;
        }
    }

    /// <summary>A state from its initial value on.</summary>
    protected StateHistory History(NDArray initial) => new(steps, reverse, initial);

    /// <summary>
    /// W^T, by which every step multiplies. The CPU reads rows of a right operand faster than its columns: for many steps they are laid out anew, once.
    /// </summary>
    protected NDArray Transposed(NDArray W)
    {
        const int FewSteps = 8, FewRows = 16; // few rows read columns as fast
        NDArray view = W.T;
        if (!W.Device.IsCpu || steps.Count < FewSteps || steps.Size(0) <= FewRows)
        {
            return view;
        }

        using (view)
        {
            return view.Copy();
        }
    }

    /// <summary>x W^T for all steps, + b where it is given.</summary>
    protected static NDArray Project(NDArray x, NDArray W, NDArray? b = null)
    {
        NDArray y = NDArray.Allocate([x.Shape[0], W.Shape[0]], x.DType, x.Device);
        using NDArray transposed = W.T;
        if (b is null)
        {
            Kernels.MatMul(x, transposed, y);
        }
        else
        {
            Kernels.MatMul(x, transposed, y, FixedPrograms.Add(x.DType), [b]);
        }

        return y;
    }

    /// <summary>The gates, each (..., N), of an array (..., GN): views.</summary>
    protected static NDArray[] Split(NDArray gates, int n)
    {
        var parts = new NDArray[gates.Shape[gates.NDim - 1] / n];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = gates[IndexExpr.Ellipsis, (i * n)..((i + 1) * n)];
        }

        return parts;
    }

    protected static void Release(ReadOnlySpan<NDArray> arrays)
    {
        foreach (NDArray array in arrays)
        {
            array.Dispose();
        }
    }

    /// <summary>Adds to the request's gradients those that come from the gradient g at a product x W^T (+ b) of all steps.</summary>
    /// <param name="asked">Which are asked for.</param>
    /// <param name="gradients">Where they go.</param>
    /// <param name="g">(S, GN).</param>
    /// <param name="x">(S, I): what the weights were multiplied with.</param>
    /// <param name="W">The weights.</param>
    /// <param name="places">Of x, the weights and the bias among the inputs; -1 for none.</param>
    protected static void FromProduct(
        Request asked, NDArray?[] gradients, NDArray g, NDArray x, NDArray W, (int X, int W, int B) places)
    {
        if (asked.Has(places.X))
        {
            NDArray gx = NDArray.Allocate(x.Shape, g.DType, g.Device);
            Kernels.MatMul(g, W, gx);
            gradients[places.X] = gx;
        }

        if (asked.Has(places.W))
        {
            NDArray gW = NDArray.Allocate(W.Shape, g.DType, g.Device);
            using NDArray transposed = g.T;
            Kernels.MatMul(transposed, x, gW);
            gradients[places.W] = gW;
        }

        if (asked.Has(places.B))
        {
            gradients[places.B] = g.Sum(0);
        }
    }

    // The layer of other functions: what is differentiated where gradients are.
    private Variable[] Composed(Variable[] inputs)
    {
        Variable[] xs = steps.Count == 1 ? [inputs[0]] : F.SplitAxis(inputs[0], steps.Starts, 0);
        Variable[] current = inputs[1..(1 + states)];
        ReadOnlySpan<Variable> weights = inputs.AsSpan()[(1 + states)..];
        int batch = current[0].Shape[0];
        var ys = new Variable[steps.Count];
        foreach (int t in Order())
        {
            int size = steps.Size(t);
            if (size == batch)
            {
                current = ComposedStep(xs[t], current, weights);
                ys[t] = current[0];
                continue;
            }

            Variable[][] parts = Array.ConvertAll(current, state => F.SplitAxis(state, [size], 0));
            Variable[] after = ComposedStep(xs[t], Array.ConvertAll(parts, part => part[0]), weights);
            ys[t] = after[0];
            for (int i = 0; i < current.Length; i++)
            {
                current[i] = F.Concat([after[i], parts[i][1]], 0);
            }
        }

        return [F.Concat(ys, 0), .. current];
    }

    /// <summary>The inputs whose gradients are asked for.</summary>
    protected readonly struct Request
    {
        private readonly uint _mask;

        public Request(ReadOnlySpan<int> targetInputs)
        {
            foreach (int i in targetInputs)
            {
                _mask |= 1u << i;
            }
        }

        /// <summary>Whether an input's is; not that of -1.</summary>
        public bool Has(int input) => input >= 0 && (_mask >> input & 1) != 0;
    }
}
