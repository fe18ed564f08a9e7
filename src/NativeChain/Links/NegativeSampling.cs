namespace NativeChain.Links;

/// <summary>The negative sampling loss of a large vocabulary, with its weights and the distribution of its samples.</summary>
/// <remarks>Parameter: `W`, (vocabulary, inSize). See <see cref="F.NegativeSampling(Variable, Variable, Variable, Func{Shape, NDArray}, int, string)"/>.</remarks>
public class NegativeSampling : Link
{
    /// <summary>Creates the layer. Its weights are zeros at first.</summary>
    /// <param name="inSize">Size of the inputs.</param>
    /// <param name="counts">How often each word occurs.</param>
    /// <param name="sampleSize">How many samples each example has.</param>
    /// <param name="power">Words are sampled by their counts to this power.</param>
    /// <exception cref="ArgumentException">There are no words, or none occurs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public NegativeSampling(int inSize, IReadOnlyList<int> counts, int sampleSize, double power = 0.75)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inSize);
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfNegative(sampleSize);
        SampleSize = sampleSize;
        Sampler = new WalkerAlias([.. counts.Select(count => Math.Pow(count, power))]);
        W = new Parameter(0.0, (counts.Count, inSize), "W");
    }

    /// <summary>Weights of the words, (vocabulary, inSize).</summary>
    public Parameter W { get; }

    /// <summary>How many samples each example has.</summary>
    public int SampleSize { get; }

    /// <summary>What words are sampled by.</summary>
    public WalkerAlias Sampler { get; }

    /// <summary>The loss of examples.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Labels, (N,); int32 or int64; -1 for what does not count.</param>
    /// <param name="reduce">"sum", or "no" for the loss of each example.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public Variable Forward(Variable x, Variable t, string reduce = "sum") =>
        F.NegativeSampling(x, t, W, Sample(x), SampleSize, reduce);

    /// <summary>The loss of examples, and the words that it was computed by.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Labels, (N,); int32 or int64; -1 for what does not count.</param>
    /// <param name="returnSamples">Whether the words are returned.</param>
    /// <param name="reduce">"sum", or "no" for the loss of each example.</param>
    /// <returns>The loss, and (N, sampleSize + 1): the label, then the samples of each example; null where they are not asked for.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public (Variable Loss, NDArray? Samples) Forward(Variable x, Variable t, bool returnSamples, string reduce = "sum") =>
        F.NegativeSampling(x, t, W, Sample(x), SampleSize, returnSamples, reduce);

    /// <summary><see cref="Forward(Variable, Variable, string)"/> of two inputs.</summary>
    /// <param name="args">Inputs and labels.</param>
    /// <returns>A 0-d array.</returns>
    /// <exception cref="ArgumentException">Not two inputs.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length == 2
            ? Forward(args[0], args[1])
            : throw new ArgumentException($"NegativeSampling: {args.Length} inputs, but it takes two.", nameof(args));
    }

    /// <summary><see cref="Forward(Variable, Variable, string)"/> between the hooks.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Labels, (N,).</param>
    /// <param name="reduce">"sum", or "no" for the loss of each example.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    public Variable Call(Variable x, Variable t, string reduce = "sum") =>
        HasHooks ? Hooked(() => Forward(x, t, reduce), x, t, reduce) : Forward(x, t, reduce);

    /// <summary><see cref="Forward(Variable, Variable, bool, string)"/> between the hooks.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Labels, (N,).</param>
    /// <param name="returnSamples">Whether the words are returned.</param>
    /// <param name="reduce">"sum", or "no" for the loss of each example.</param>
    /// <returns>The loss, and the words or null.</returns>
    public (Variable Loss, NDArray? Samples) Call(Variable x, Variable t, bool returnSamples, string reduce = "sum") => HasHooks
        ? Hooked(() => Forward(x, t, returnSamples, reduce), x, t, returnSamples, reduce)
        : Forward(x, t, returnSamples, reduce);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("inSize", W.Shape[1]), ("sampleSize", SampleSize)];

    private Func<Shape, NDArray> Sample(Variable x) => shape => Sampler.Sample(shape, null, x.Device);
}
