namespace NativeChain;

/// <summary>
/// Gradients of a fused function that are to be differentiated again: those of the same function, composed of others. A fused node has a fast
/// backward of its own for all other cases.
/// </summary>
internal static class ComposedGradient
{
    /// <summary>The gradients at some inputs of a node.</summary>
    /// <param name="composed">The function of all inputs, made of differentiable ones.</param>
    /// <param name="inputs">The node's inputs, as variables of its graph.</param>
    /// <param name="targetInputs">Which of them.</param>
    /// <param name="gradOutputs">The gradient at each output; null for none.</param>
    public static Variable?[] Of(
        Func<Variable[], Variable[]> composed, Variable[] inputs, ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        // Nodes of their own, for a variable may stand at several places.
        Variable[] xs = F.Identity(inputs);
        Variable[] ys = composed(xs);
        var outputs = new List<Variable>();
        var gradients = new List<Variable?>();
        for (int i = 0; i < ys.Length; i++)
        {
            if (gradOutputs[i] is Variable gy)
            {
                outputs.Add(ys[i]);
                gradients.Add(gy);
            }
        }

        var targets = new Variable[targetInputs.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = xs[targetInputs[i]];
        }

        return Autograd.Grad(outputs, targets, gradients, enableDoubleBackprop: true);
    }
}
