namespace NativeChain;

/// <summary>Gradients of chosen variables with respect to chosen variables.</summary>
public static class Autograd
{
    /// <summary>Computes the gradients of <paramref name="outputs"/> with respect to <paramref name="inputs"/>, and returns them.</summary>
    /// <remarks>Goes only through functions between the two, and does not touch the gradients of any variable unless told to.</remarks>
    /// <param name="outputs">The variables to differentiate.</param>
    /// <param name="inputs">The variables to differentiate by; they need not be leaves.</param>
    /// <param name="gradOutputs">The gradient at each output; where null, ones.</param>
    /// <param name="gradInputs">What to add to the gradient of each input; where null, nothing.</param>
    /// <param name="setGrad">Whether to store the results in <see cref="Variable.GradVar"/> of the inputs.</param>
    /// <param name="retainGrad">Whether to store the gradients of all variables on the way.</param>
    /// <param name="enableDoubleBackprop">Whether the results record their own graph, to be differentiated again.</param>
    /// <param name="lossScale">Multiplies the initial ones.</param>
    /// <returns>A gradient for each input; null for one that no output depends on.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="outputs"/>, <paramref name="inputs"/> or one of their elements is null.</exception>
    /// <exception cref="ArgumentException">Two lists that belong together differ in length.</exception>
    /// <exception cref="InvalidTypeException">A gradient has another shape or dtype than its variable.</exception>
    public static Variable?[] Grad(
        IReadOnlyList<Variable> outputs,
        IReadOnlyList<Variable> inputs,
        IReadOnlyList<Variable?>? gradOutputs = null,
        IReadOnlyList<Variable?>? gradInputs = null,
        bool setGrad = false,
        bool retainGrad = false,
        bool enableDoubleBackprop = false,
        double? lossScale = null)
    {
        VariableNode[] ys = Nodes(outputs, nameof(outputs));
        VariableNode[] xs = Nodes(inputs, nameof(inputs));
        CheckCount(gradOutputs, ys.Length, nameof(gradOutputs));
        CheckCount(gradInputs, xs.Length, nameof(gradInputs));
        var gys = new Variable[ys.Length];
        for (int i = 0; i < gys.Length; i++)
        {
            NDArray y = outputs[i].Array;
            Variable? given = gradOutputs?[i];
            CheckGradient(given, y, nameof(gradOutputs), i);
            gys[i] = given ?? Variable.Wrap(NDArray.FullLike(y, lossScale ?? 1.0), requiresGrad: false);
        }
        for (int i = 0; i < xs.Length; i++)
        {
            CheckGradient(gradInputs?[i], inputs[i].Array, nameof(gradInputs), i);
        }
        Variable?[] gxs = BackwardPass.Run(
            ys, gys, xs, gradInputs?.ToArray(), Between(ys, xs), retainGrad, enableDoubleBackprop, lossScale);
        if (setGrad)
        {
            for (int i = 0; i < xs.Length; i++)
            {
                inputs[i].GradVar = gxs[i];
            }
        }
        return gxs;
    }

    /// <summary>The inputs, and every node that depends on one of them and on which an output depends.</summary>
    private static HashSet<VariableNode> Between(VariableNode[] outputs, VariableNode[] inputs)
    {
        var reached = new HashSet<FunctionNode>();
        var open = new Stack<FunctionNode>();
        foreach (VariableNode y in outputs)
        {
            Visit(y.Creator);
        }
        while (open.TryPop(out FunctionNode? function))
        {
            foreach (VariableNode x in function.Inputs)
            {
                if (x.RequiresGrad)
                {
                    Visit(x.Creator);
                }
            }
        }

        // In the order of rank, a function's inputs are settled before the function is looked at.
        FunctionNode[] functions = reached.ToArray();
        System.Array.Sort(functions, (a, b) => a.Rank.CompareTo(b.Rank));
        var required = new HashSet<VariableNode>(inputs);
        foreach (FunctionNode function in functions)
        {
            foreach (VariableNode x in function.Inputs)
            {
                if (x.RequiresGrad && required.Contains(x))
                {
                    foreach (VariableNode y in function.Outputs)
                    {
                        required.Add(y);
                    }
                    break;
                }
            }
        }
        return required;

        void Visit(FunctionNode? function)
        {
            if (function is not null && reached.Add(function))
            {
                open.Push(function);
            }
        }
    }

    private static VariableNode[] Nodes(IReadOnlyList<Variable> variables, string argument)
    {
        ArgumentNullException.ThrowIfNull(variables, argument);
        var nodes = new VariableNode[variables.Count];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = variables[i]?.Node ?? throw new ArgumentNullException($"{argument}[{i}]");
        }
        return nodes;
    }

    private static void CheckCount(IReadOnlyList<Variable?>? gradients, int count, string argument)
    {
        if (gradients is not null && gradients.Count != count)
        {
            throw new ArgumentException($"Autograd.Grad: {gradients.Count} gradients for {count} variables.", argument);
        }
    }

    private static void CheckGradient(Variable? gradient, NDArray like, string argument, int index)
    {
        if (gradient is null)
        {
            return;
        }
        NDArray grad = gradient.Array;
        if (grad.DType != like.DType || grad.Shape != like.Shape)
        {
            throw new InvalidTypeException(
                "Autograd.Grad",
                $"{argument}[{index}]",
                $"shape {like.Shape} and dtype {like.DType.Name()}",
                $"shape {grad.Shape} and dtype {grad.DType.Name()}");
        }
    }
}
