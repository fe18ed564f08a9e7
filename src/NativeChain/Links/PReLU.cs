using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Parametric rectified linear unit: negative elements are scaled by factors that are learnt.</summary>
/// <remarks>Parameter: `W`. See <see cref="F.PRelu"/>.</remarks>
/// <param name="shape">Shape of the factors: that of the input's axes 1, 2, ..., of which the last may be missing; one factor for all by default.</param>
/// <param name="init">Initializer of the factors; null for 0.25.</param>
public class PReLU(Shape shape = default, Initializer? init = null) : Link
{
    /// <summary>Factors of negative elements.</summary>
    public Parameter W { get; } = new(init ?? 0.25, shape, "W");

    /// <summary>y = x for x >= 0, else W·x.</summary>
    /// <param name="x">Input, (N, ...).</param>
    /// <returns>Output, of the input's shape.</returns>
    /// <exception cref="InvalidTypeException">The shape or dtype of x does not fit W.</exception>
    public override Variable Forward(Variable x) => F.PRelu(x, W);
}
