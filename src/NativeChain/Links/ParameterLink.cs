namespace NativeChain.Links;

/// <summary>A link that is one array, which is learnt: called without input, it gives the array.</summary>
/// <remarks>Parameter: `W`. Chainer's links.Parameter; that name is taken by what it holds.</remarks>
/// <param name="array">The array that W starts with; no copy is made.</param>
public class ParameterLink(NDArray array) : Link
{
    /// <summary>The array.</summary>
    public Parameter W { get; } = new(array, "W");

    /// <summary>The array, as a node of the graph.</summary>
    /// <param name="args">None.</param>
    /// <exception cref="ArgumentException">There is an input.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length == 0
            ? F.Identity(W)
            : throw new ArgumentException($"ParameterLink: takes no input, not {args.Length}", nameof(args));
    }
}
