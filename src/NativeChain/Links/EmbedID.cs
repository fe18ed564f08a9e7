using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Embeddings of words or other identifiers: the rows of a matrix.</summary>
/// <remarks>Parameter: `W`, (inSize, outSize). See <see cref="F.EmbedID"/>.</remarks>
public class EmbedID : Link
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inSize">Number of identifiers.</param>
    /// <param name="outSize">Size of an embedding.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="Normal"/> of standard deviation 1.</param>
    /// <param name="ignoreLabel">An identifier whose embedding is zeros; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public EmbedID(int inSize, int outSize, Initializer? initialW = null, long? ignoreLabel = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inSize);
        ArgumentOutOfRangeException.ThrowIfNegative(outSize);
        IgnoreLabel = ignoreLabel;
        W = new Parameter(initialW ?? new Normal(1.0), (inSize, outSize), "W");
    }

    /// <summary>Embeddings, (inSize, outSize).</summary>
    public Parameter W { get; }

    /// <summary>An identifier whose embedding is zeros.</summary>
    /// <value>null: there is none.</value>
    public long? IgnoreLabel { get; set; }

    /// <summary>A layer with given embeddings, which are copied.</summary>
    /// <param name="W">Embeddings, (inSize, outSize).</param>
    /// <param name="ignoreLabel">An identifier whose embedding is zeros; null for none.</param>
    /// <exception cref="ArgumentException"><paramref name="W"/> has not two axes.</exception>
    public static EmbedID FromParams(Variable W, long? ignoreLabel = null)
    {
        ArgumentNullException.ThrowIfNull(W);
        return W.NDim == 2
            ? new EmbedID(W.Shape[0], W.Shape[1], W.Array, ignoreLabel)
            : throw new ArgumentException($"EmbedID.FromParams: W has two axes, not shape {W.Shape}.", nameof(W));
    }

    /// <summary>The embeddings of identifiers.</summary>
    /// <param name="x">Identifiers, at least one axis; int32 or int64.</param>
    /// <returns>(..., outSize).</returns>
    /// <exception cref="InvalidTypeException">x is not of integers, or has no axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An identifier is no row of `W` and not ignored.</exception>
    public override Variable Forward(Variable x) => F.EmbedID(x, W, IgnoreLabel);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("inSize", W.Shape[0]), ("outSize", W.Shape[1]), ("ignoreLabel", IgnoreLabel)];
}
