namespace NativeChain;

public static partial class F
{
    /// <summary>The input as it is: a node of its own in the graph, but the same array.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    public static Variable Identity(Variable x) => new Identity().ApplySingle(x);

    /// <summary>The inputs as they are: nodes of their own in the graph, but the same arrays.</summary>
    /// <param name="inputs">Arrays of any shapes and dtypes.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inputs"/> or one of them is null.</exception>
    public static Variable[] Identity(params Variable[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new Identity().Apply(inputs);
    }
}

/// <summary>The node of <see cref="F.Identity(Variable)"/>.</summary>
internal sealed class Identity : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => inputs.ToArray();

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        var gradInputs = new Variable?[targetInputs.Length];
        for (int k = 0; k < gradInputs.Length; k++)
        {
            gradInputs[k] = gradOutputs[targetInputs[k]];
        }

        return gradInputs;
    }
}
