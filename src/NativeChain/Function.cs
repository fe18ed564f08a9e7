namespace NativeChain;

/// <summary>
/// A function on arrays with a hand-written gradient on arrays: the short way to add one. Its gradient cannot be differentiated again;
/// derive from <see cref="FunctionNode"/> for that, or write it with <c>Elementwise</c>.
/// </summary>
/// <example><code>
/// sealed class Cube : Function
/// {
///     protected override NDArray[] Forward(NDArray[] x) => [x[0] * x[0] * x[0]];
///
///     protected override NDArray?[] Backward(NDArray[] x, NDArray?[] gy) => [3 * x[0] * x[0] * gy[0]!];
/// }
///
/// Variable y = new Cube().Call(x);
/// </code></example>
public abstract class Function
{
    /// <summary>The name in messages.</summary>
    /// <value>The name of the type.</value>
    public virtual string Label => GetType().Name;

    /// <summary>Computes all outputs and records the graph. May be called many times.</summary>
    /// <param name="inputs">The inputs; arrays convert to variables that require no gradient.</param>
    /// <exception cref="ArgumentNullException">An input is null.</exception>
    public Variable[] Apply(params ReadOnlySpan<Variable> inputs) => new Adapter(this).Apply(inputs);

    /// <summary><see cref="Apply"/> for a function of one output.</summary>
    /// <param name="inputs">The inputs; arrays convert to variables that require no gradient.</param>
    /// <exception cref="ArgumentNullException">An input is null.</exception>
    public Variable Call(params ReadOnlySpan<Variable> inputs) => new Adapter(this).ApplySingle(inputs);

    /// <summary>Computes the outputs.</summary>
    /// <param name="x">The inputs; not to be written into.</param>
    /// <returns>The outputs: new arrays, or views of the inputs.</returns>
    protected abstract NDArray[] Forward(NDArray[] x);

    /// <summary>Computes the gradients of the inputs.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="gy">The gradient of each output; null where the result does not depend on it. Not to be written into.</param>
    /// <returns>The gradient of each input, of its shape and dtype; null for none.</returns>
    protected abstract NDArray?[] Backward(NDArray[] x, NDArray?[] gy);

    /// <summary>Refuses inputs that the function does not take. Called before <see cref="Forward"/>.</summary>
    /// <exception cref="InvalidTypeException">An input has the wrong dtype or shape.</exception>
    protected virtual void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
    }

    private sealed class Adapter(Function function) : FunctionNode
    {
        public override string Label => function.Label;

        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
        {
            Span<int> all = stackalloc int[inputs.Length];
            for (int i = 0; i < all.Length; i++)
            {
                all[i] = i;
                VariableNode.Escape(inputs[i]);
            }
            RetainInputs(all);
            NDArray[] outputs = function.Forward(inputs.ToArray());
            return outputs ?? throw new InvalidOperationException($"{Label}: Forward returned null.");
        }

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
        {
            Variable[] inputs = GetRetainedInputs();
            var given = new List<Variable>(inputs);
            var gradIndices = new int[gradOutputs.Length];
            for (int i = 0; i < gradOutputs.Length; i++)
            {
                gradIndices[i] = gradOutputs[i] is null ? -1 : given.Count;
                if (gradOutputs[i] is Variable gy)
                {
                    given.Add(gy);
                }
            }
            var node = new GradientAdapter(function, inputs.Length, gradIndices, targetInputs.ToArray());
            Variable[] grads = node.Apply(given.ToArray());
            var result = new Variable?[targetInputs.Length];
            for (int i = 0, next = 0; i < result.Length; i++)
            {
                result[i] = node.Present[i] ? grads[next++] : null;
            }
            return result;
        }

        protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => function.CheckTypes(inputs);
    }

    /// <summary>The gradient of a function on arrays: inputs are its inputs and the gradients that exist; its own gradient is refused.</summary>
    private sealed class GradientAdapter(Function function, int count, int[] gradIndices, int[] targets) : FunctionNode
    {
        public bool[] Present { get; } = new bool[targets.Length];

        public override string Label => "gradient of " + function.Label;

        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
        {
            var gy = new NDArray?[gradIndices.Length];
            for (int i = 0; i < gy.Length; i++)
            {
                gy[i] = gradIndices[i] < 0 ? null : VariableNode.Escape(inputs[gradIndices[i]]);
            }
            NDArray[] x = inputs[..count].ToArray();
            NDArray?[] gx = function.Backward(x, gy) ?? [];
            if (gx.Length != count)
            {
                throw new InvalidOperationException(
                    $"{function.Label}: Backward returned {gx.Length} gradients for {count} inputs.");
            }
            var results = new List<NDArray>(targets.Length);
            for (int i = 0; i < targets.Length; i++)
            {
                if (gx[targets[i]] is NDArray gradient)
                {
                    Present[i] = true;
                    results.Add(gradient);
                }
            }
            return results.ToArray();
        }

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
            throw new NotSupportedException(
                $"cannot twice-differentiate {function.Label}: it is a Function, whose gradient is computed on arrays. "
                + "Derive it from FunctionNode, and write its Backward with differentiable functions.");
    }
}
