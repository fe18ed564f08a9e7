using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>
/// A differentiable function, applied once: <see cref="Forward"/> computes arrays, <see cref="Backward"/> computes gradients by
/// differentiable functions, so that gradients can be differentiated again. Built-in functions are made of nothing else.
/// </summary>
/// <example><code>
/// sealed class Cube : FunctionNode
/// {
///     public override NDArray[] Forward(ReadOnlySpan&lt;NDArray&gt; inputs)
///     {
///         RetainInputs(0);
///         return [inputs[0] * inputs[0] * inputs[0]];
///     }
///
///     public override Variable?[] Backward(ReadOnlySpan&lt;int&gt; targetInputs, ReadOnlySpan&lt;Variable?&gt; gradOutputs)
///     {
///         Variable x = GetRetainedInputs()[0];
///         return [3 * x * x * gradOutputs[0]!];
///     }
/// }
///
/// Variable y = new Cube().ApplySingle(x);
/// </code></example>
public abstract class FunctionNode
{
    // What a backward pass marks the functions by that it has queued; the pass puts back what it found.
    internal long Pass;

    private VariableNode[]? _inputs;
    private VariableNode? _output;
    private VariableNode[]? _outputs;
    private int[]? _retainedInputs;
    private int[]? _retainedOutputs;
    private bool _applied;

    /// <summary>The name in messages.</summary>
    /// <value>The name of the type.</value>
    public virtual string Label => GetType().Name;

    /// <summary>The number of functions on the longest way from a leaf to this one.</summary>
    public int Rank { get; private set; }

    /// <summary>The nodes of the inputs; empty where no graph was recorded, and after <see cref="Unchain"/>.</summary>
    public ReadOnlySpan<VariableNode> Inputs => _inputs;

    /// <summary>The nodes of the outputs; empty where no graph was recorded, and after <see cref="Unchain"/>.</summary>
    public ReadOnlySpan<VariableNode> Outputs =>
        _outputs ?? (_output is null ? default : new ReadOnlySpan<VariableNode>(in _output));

    /// <summary>
    /// True for a function whose <see cref="Backward"/> keeps no reference to the gradients that it is given or returns, so that the
    /// memory of scratch ones is reused as soon as they are consumed. Nothing outside the library can promise this.
    /// </summary>
    internal virtual bool ReleasesGradients => false;

    /// <summary>Computes the outputs of the inputs, and records the graph if <see cref="Config.EnableBackprop"/> and an input requires it.</summary>
    /// <param name="inputs">The inputs; arrays convert to variables that require no gradient.</param>
    /// <returns>The outputs, in the order of <see cref="Forward"/>.</returns>
    /// <exception cref="ArgumentNullException">An input is null.</exception>
    /// <exception cref="ArgumentException">An input has no data.</exception>
    /// <exception cref="InvalidTypeException">The function does not take inputs of these dtypes and shapes.</exception>
    /// <exception cref="InvalidOperationException">The function was applied before: each application needs a node of its own.</exception>
    /// <exception cref="NotFiniteNumberException">In debug mode: a result holds NaN.</exception>
    public Variable[] Apply(params ReadOnlySpan<Variable> inputs)
    {
        NDArray[] results = Compute(inputs, out bool requiresGrad, out bool record);
        var outputs = new Variable[results.Length];
        if (record)
        {
            var nodes = new VariableNode[results.Length];
            for (int i = 0; i < nodes.Length; i++)
            {
                nodes[i] = MakeOutput(results[i]);
                outputs[i] = new Variable(nodes[i], results[i]);
            }
            _outputs = nodes;
            RetainRecorded(results);
        }
        else
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                outputs[i] = Variable.Wrap(results[i], requiresGrad);
            }
        }
        return outputs;
    }

    /// <summary><see cref="Apply"/> for a function of one output.</summary>
    /// <inheritdoc cref="Apply"/>
    /// <returns>The output.</returns>
    public Variable ApplySingle(params ReadOnlySpan<Variable> inputs)
    {
        NDArray[] results = Compute(inputs, out bool requiresGrad, out bool record);
        if (results.Length != 1)
        {
            throw new InvalidOperationException($"{Label}: ApplySingle needs one output, but Forward returned {results.Length}.");
        }
        if (!record)
        {
            return Variable.Wrap(results[0], requiresGrad);
        }
        _output = MakeOutput(results[0]);
        RetainRecorded(results);
        return new Variable(_output, results[0]);
    }

    /// <summary>Computes the outputs. Called once; names by <see cref="RetainInputs"/> and <see cref="RetainOutputs"/> what backward reads.</summary>
    /// <param name="inputs">The data of the inputs; not to be written into.</param>
    /// <returns>The outputs: new arrays, or views of the inputs.</returns>
    public abstract NDArray[] Forward(ReadOnlySpan<NDArray> inputs);

    /// <summary>Computes the gradients of the inputs, by differentiable functions.</summary>
    /// <param name="targetInputs">The inputs whose gradients are needed, in ascending order.</param>
    /// <param name="gradOutputs">The gradient of each output; null where the result does not depend on it.</param>
    /// <returns>One gradient for each of <paramref name="targetInputs"/>, or one for each input; null for zero.</returns>
    public abstract Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs);

    /// <summary>Removes the function from the graph: its outputs become leaves.</summary>
    public void Unchain()
    {
        foreach (VariableNode y in Outputs)
        {
            y.Unchain();
        }
        _inputs = null;
        _output = null;
        _outputs = null;
    }

    /// <summary>Refuses inputs that the function does not take. Called before <see cref="Forward"/> unless <see cref="Config.TypeCheck"/> is off.</summary>
    /// <exception cref="InvalidTypeException">An input has the wrong dtype or shape.</exception>
    protected virtual void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
    }

    /// <summary>Keeps the data of these inputs for <see cref="Backward"/>. To be called in <see cref="Forward"/>, at most once.</summary>
    protected void RetainInputs(params ReadOnlySpan<int> indices) => _retainedInputs = Indices(indices);

    /// <summary>Keeps the data of these outputs for <see cref="Backward"/>. To be called in <see cref="Forward"/>, at most once.</summary>
    protected void RetainOutputs(params ReadOnlySpan<int> indices) => _retainedOutputs = Indices(indices);

    /// <summary>The inputs named by <see cref="RetainInputs"/>, as variables of the graph.</summary>
    /// <exception cref="InvalidOperationException">The function was unchained, or recorded no graph.</exception>
    protected Variable[] GetRetainedInputs()
    {
        ReadOnlySpan<int> indices = _retainedInputs;
        var variables = new Variable[indices.Length];
        for (int i = 0; i < variables.Length; i++)
        {
            variables[i] = GetRetainedInput(indices[i]);
        }
        return variables;
    }

    /// <summary>The outputs named by <see cref="RetainOutputs"/>, as variables of the graph.</summary>
    /// <exception cref="InvalidOperationException">The function was unchained, or recorded no graph.</exception>
    protected Variable[] GetRetainedOutputs()
    {
        ReadOnlySpan<int> indices = _retainedOutputs;
        var variables = new Variable[indices.Length];
        for (int i = 0; i < variables.Length; i++)
        {
            variables[i] = GetRetained(Outputs, indices[i]);
        }
        return variables;
    }

    /// <summary>One retained input.</summary>
    internal Variable GetRetainedInput(int index) => GetRetained(_inputs, index);

    /// <summary>One retained output.</summary>
    internal Variable GetRetainedOutput(int index) => GetRetained(Outputs, index);

    private Variable GetRetained(ReadOnlySpan<VariableNode> nodes, int index)
    {
        if (index >= nodes.Length || nodes[index].RawData is not NDArray data)
        {
            throw new InvalidOperationException(
                $"{Label}: backward reads data that was not retained, or the function is not part of a graph.");
        }
        return new Variable(nodes[index], data);
    }

    private NDArray[] Compute(ReadOnlySpan<Variable> inputs, out bool requiresGrad, out bool record)
    {
        if (_applied)
        {
            throw new InvalidOperationException($"{Label}: this node was applied before; make a new one for each application.");
        }
        Configuration config = Config.Current;
        Few buffer = default;
        Span<NDArray> data = inputs.Length <= Few.Length ? buffer[..inputs.Length] : new NDArray[inputs.Length];
        requiresGrad = false;
        for (int i = 0; i < inputs.Length; i++)
        {
            Variable x = inputs[i] ?? throw NullInput(i);
            data[i] = x.RawArray ?? throw EmptyInput(i);
            requiresGrad |= x.RequiresGrad;
        }
        record = requiresGrad && config.EnableBackprop;
        if (config.TypeCheck)
        {
            CheckTypes(data);
        }
        NDArray[] results = Forward(data);
        _applied = true;
        if (config.Debug)
        {
            CheckNaN(results);
        }
        if (record)
        {
            Record(inputs);
        }
        return results;
    }

    private void Record(ReadOnlySpan<Variable> inputs)
    {
        var nodes = new VariableNode[inputs.Length];
        int rank = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            VariableNode node = inputs[i].Node;
            nodes[i] = node;
            rank = Math.Max(rank, node.Rank);
        }
        _inputs = nodes;
        Rank = rank;
        foreach (int i in _retainedInputs.AsSpan())
        {
            NDArray data = inputs[i].RawArray!;
            data.IsScratch = false;
            nodes[i].Retain(data);
        }
    }

    private VariableNode MakeOutput(NDArray result)
    {
        result.IsScratch = false;
        return new VariableNode(result, requiresGrad: true) { Creator = this };
    }

    private void RetainRecorded(NDArray[] results)
    {
        ReadOnlySpan<VariableNode> nodes = Outputs;
        foreach (int i in _retainedOutputs.AsSpan())
        {
            nodes[i].Retain(results[i]);
        }
    }

    private void CheckNaN(NDArray[] results)
    {
        foreach (NDArray y in results)
        {
            if (DebugMode.ContainsNaN(y))
            {
                throw new NotFiniteNumberException($"NaN is detected on forward computation of {Label}.");
            }
        }
    }

    private ArgumentNullException NullInput(int index) => new($"inputs[{index}]", $"{Label}: input {index} is null.");

    private ArgumentException EmptyInput(int index) =>
        new($"{Label}: input {index} is a variable without data; initialize it first.", $"inputs[{index}]");

    // The lists that nearly all functions use, shared.
    private static readonly int[] s_0 = [0];
    private static readonly int[] s_1 = [1];
    private static readonly int[] s_01 = [0, 1];

    private static int[] Indices(ReadOnlySpan<int> indices) => indices switch
    {
        [] => [],
        [0] => s_0,
        [1] => s_1,
        [0, 1] => s_01,
        _ => indices.ToArray(),
    };

    [InlineArray(Length)]
    private struct Few
    {
        public const int Length = 4;
        private NDArray _first;
    }
}
