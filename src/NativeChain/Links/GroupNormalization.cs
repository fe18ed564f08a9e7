using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Group normalization: each group of channels of each example to mean 0 and variance 1, then each channel scaled and shifted.</summary>
/// <remarks>Parameters: `gamma` and `beta`, (size). See <see cref="F.GroupNormalization"/>.</remarks>
public class GroupNormalization : Link
{
    /// <summary>Creates the layer.</summary>
    /// <param name="groups">Number of groups, which divides the number of channels.</param>
    /// <param name="size">Number of channels; null waits for the first call.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="initialGamma">Initializer of `gamma`; null for ones.</param>
    /// <param name="initialBeta">Initializer of `beta`; null for zeros.</param>
    /// <exception cref="ArgumentException">A size or the number of groups is not positive.</exception>
    public GroupNormalization(
        int groups, int? size = null, double eps = 1e-5, Initializer? initialGamma = null, Initializer? initialBeta = null)
    {
        if (groups <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(groups), groups, "must be positive");
        }
        if (size is <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, "must be positive, or null");
        }
        Groups = groups;
        Eps = eps;
        Shape? shape = size is int known ? new Shape(known) : (Shape?)null;
        Gamma = new Parameter(initialGamma ?? 1.0, shape, "gamma");
        Beta = new Parameter(initialBeta ?? 0.0, shape, "beta");
    }

    /// <summary>Number of groups.</summary>
    public int Groups { get; }

    /// <summary>What is added to the variance.</summary>
    /// <value>1e-5 by default.</value>
    public double Eps { get; set; }

    /// <summary>Scale, (size).</summary>
    public Parameter Gamma { get; }

    /// <summary>Shift, (size).</summary>
    public Parameter Beta { get; }

    /// <summary>Normalizes each group of channels of x.</summary>
    /// <param name="x">Input, (N, size) or (N, size, d...).</param>
    /// <returns>Output, of the shape of x.</returns>
    /// <exception cref="InvalidTypeException">x has other channels, or fewer than two axes.</exception>
    /// <exception cref="ArgumentException">The number of channels is no multiple of <see cref="Groups"/>.</exception>
    public override Variable Forward(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.MinNDim(nameof(GroupNormalization), nameof(x), x.Array, 2);
        NormalizationParameters.EnsureInitialized(Gamma, Beta, x.Shape[1]);
        return F.GroupNormalization(x, Groups, Gamma, Beta, Eps);
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("groups", Groups), ("size", Gamma.IsInitialized ? Gamma.Shape[0] : null), ("eps", Eps)];
}
