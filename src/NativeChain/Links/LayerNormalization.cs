using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Layer normalization: each example to mean 0 and variance 1, then scaled and shifted.</summary>
/// <remarks>Parameters: `gamma` and `beta`, (size). See <see cref="F.LayerNormalization"/>.</remarks>
public class LayerNormalization : Link
{
    /// <summary>Creates the layer.</summary>
    /// <param name="size">Number of units; null waits for the first call.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="initialGamma">Initializer of `gamma`; null for ones.</param>
    /// <param name="initialBeta">Initializer of `beta`; null for zeros.</param>
    /// <exception cref="ArgumentException">The size is not positive.</exception>
    public LayerNormalization(
        int? size = null, double eps = 1e-6, Initializer? initialGamma = null, Initializer? initialBeta = null)
    {
        if (size is <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, "must be positive, or null");
        }
        Eps = eps;
        Shape? shape = size is int known ? new Shape(known) : (Shape?)null;
        Gamma = new Parameter(initialGamma ?? 1.0, shape, "gamma");
        Beta = new Parameter(initialBeta ?? 0.0, shape, "beta");
    }

    /// <summary>What is added to the variance.</summary>
    /// <value>1e-6 by default.</value>
    public double Eps { get; set; }

    /// <summary>Scale, (size).</summary>
    public Parameter Gamma { get; }

    /// <summary>Shift, (size).</summary>
    public Parameter Beta { get; }

    /// <summary>Normalizes each row of x.</summary>
    /// <param name="x">Input, (N, size).</param>
    /// <returns>Output, (N, size).</returns>
    /// <exception cref="InvalidTypeException">x has another size, or another number of axes.</exception>
    public override Variable Forward(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.NDim(nameof(LayerNormalization), nameof(x), x.Array, 2);
        NormalizationParameters.EnsureInitialized(Gamma, Beta, x.Shape[1]);
        return F.LayerNormalization(x, Gamma, Beta, Eps);
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("size", Gamma.IsInitialized ? Gamma.Shape[0] : null), ("eps", Eps)];
}
