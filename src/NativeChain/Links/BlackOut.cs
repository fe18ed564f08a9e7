using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>The BlackOut loss of a large vocabulary, with its weights and the distribution of its samples.</summary>
/// <remarks>Parameter: `W`, (vocabulary, inSize). See <see cref="F.BlackOut"/>.</remarks>
public class BlackOut : Link
{
    /// <summary>Creates the layer. Its weights are NaN: they are to be set.</summary>
    /// <param name="inSize">Size of the inputs.</param>
    /// <param name="counts">How often each word occurs.</param>
    /// <param name="sampleSize">How many samples each example has.</param>
    /// <param name="initialW">Initializer of `W`; null for NaN.</param>
    /// <exception cref="ArgumentException">There are no words, or none occurs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public BlackOut(int inSize, IReadOnlyList<int> counts, int sampleSize, Initializer? initialW = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inSize);
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfNegative(sampleSize);
        SampleSize = sampleSize;
        Sampler = new WalkerAlias([.. counts.Select(count => (double)count)]);
        W = new Parameter(initialW, (counts.Count, inSize), "W");
    }

    /// <summary>Weights of the words, (vocabulary, inSize).</summary>
    public Parameter W { get; }

    /// <summary>How many samples each example has.</summary>
    public int SampleSize { get; }

    /// <summary>What words are sampled by.</summary>
    public WalkerAlias Sampler { get; }

    /// <summary>Samples to be used instead of drawn ones, (N, sampleSize); for tests.</summary>
    /// <value>null: they are drawn.</value>
    public NDArray? SampleData { get; set; }

    /// <summary>The mean loss of examples.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Labels, (N,); int32 or int64.</param>
    /// <returns>A 0-d array.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public Variable Forward(Variable x, Variable t)
    {
        ArgumentNullException.ThrowIfNull(x);
        return F.BlackOut(x, t, W, SampleData ?? Sampler.Sample((x.Shape[0], SampleSize), null, x.Device));
    }

    /// <summary><see cref="Forward(Variable, Variable)"/> of two inputs.</summary>
    /// <param name="args">Inputs and labels.</param>
    /// <returns>A 0-d array.</returns>
    /// <exception cref="ArgumentException">Not two inputs.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length == 2
            ? Forward(args[0], args[1])
            : throw new ArgumentException($"BlackOut: {args.Length} inputs, but it takes two.", nameof(args));
    }

    /// <summary><see cref="Forward(Variable, Variable)"/> between the hooks.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Labels, (N,).</param>
    /// <returns>A 0-d array.</returns>
    public Variable Call(Variable x, Variable t) => HasHooks ? Hooked(() => Forward(x, t), x, t) : Forward(x, t);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("inSize", W.Shape[1]), ("sampleSize", SampleSize)];
}
