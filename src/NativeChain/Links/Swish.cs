using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Swish function with learnt factors: y = x·sigmoid(beta·x).</summary>
/// <remarks>Parameter: `beta`. See <see cref="F.Swish"/>.</remarks>
/// <param name="betaShape">Shape of the factors: that of the input's axes 1, 2, ..., of which the last may be missing; null takes all of the first input's.</param>
/// <param name="betaInit">Initializer of the factors; null for 1.</param>
public class Swish(Shape? betaShape, Initializer? betaInit = null) : Link
{
    /// <summary>Factors of the elements inside the sigmoid.</summary>
    public Parameter Beta { get; } = new(betaInit ?? 1.0, betaShape, "beta");

    /// <summary>y = x·sigmoid(beta·x).</summary>
    /// <param name="x">Input, (N, ...).</param>
    /// <returns>Output, of the input's shape.</returns>
    /// <exception cref="InvalidTypeException">The shape or dtype of x does not fit beta.</exception>
    public override Variable Forward(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!Beta.IsInitialized)
        {
            TypeCheck.MinNDim("Swish", "x", x.Array, 1);

            // The first calls may come from several threads.
            lock (Beta)
            {
                if (!Beta.IsInitialized)
                {
                    Beta.Initialize(new Shape(x.Shape.Span[1..]));
                }
            }
        }
        return F.Swish(x, Beta);
    }
}
