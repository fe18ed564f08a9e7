namespace NativeChain;

public static partial class F
{
    // log(1 + exp(-wx)) of the label, log(1 + exp(wx)) of the samples; 0 where the word does not count.
    private static Elementwise NegativeSamplingElementwise => field ??= Elementwise.Of(
        (wx, sign, counts) => Expr.Select(counts, Expr.Softplus(wx * sign), 0), "NegativeSampling");

    /// <summary>The negative sampling loss of a large vocabulary: the label against sampled words (Mikolov et al., 2013).</summary>
    /// <remarks>loss = -log(sigmoid(x W[t])) - sum over the samples of log(sigmoid(-x W[sample])) of each example; 0 where t is -1.</remarks>
    /// <param name="x">(N, D), floating point.</param>
    /// <param name="t">Labels, (N,), int32 or int64; -1 for what does not count.</param>
    /// <param name="W">Weights of the words, (vocabulary, D).</param>
    /// <param name="sampler">Words of a shape: it is asked for (N, sampleSize + 1), whose first column is not used. <see cref="WalkerAlias.Sample(Shape)"/> is one.</param>
    /// <param name="sampleSize">How many samples each example has.</param>
    /// <param name="reduce">"sum", or "no" for the loss of each example.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label or sample is no word.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither of these, or the sampler gives another shape.</exception>
    public static Variable NegativeSampling(
        Variable x, Variable t, Variable W, Func<Shape, NDArray> sampler, int sampleSize, string reduce = "sum") =>
        NegativeSampling(x, t, W, sampler, sampleSize, returnSamples: true, reduce).Loss;

    /// <summary>The negative sampling loss, and the words that it was computed by.</summary>
    /// <inheritdoc cref="NegativeSampling(Variable, Variable, Variable, Func{Shape, NDArray}, int, string)"/>
    /// <param name="x">(N, D), floating point.</param>
    /// <param name="t">Labels, (N,), int32 or int64; -1 for what does not count.</param>
    /// <param name="W">Weights of the words, (vocabulary, D).</param>
    /// <param name="sampler">Words of a shape: it is asked for (N, sampleSize + 1), whose first column is not used.</param>
    /// <param name="sampleSize">How many samples each example has.</param>
    /// <param name="returnSamples">Whether the words are returned.</param>
    /// <param name="reduce">"sum", or "no" for the loss of each example.</param>
    /// <returns>The loss, and (N, sampleSize + 1): the label, then the samples of each example; null where they are not asked for.</returns>
    public static (Variable Loss, NDArray? Samples) NegativeSampling(
        Variable x, Variable t, Variable W, Func<Shape, NDArray> sampler, int sampleSize, bool returnSamples, string reduce = "sum")
    {
        const string Name = "NegativeSampling";
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        ArgumentNullException.ThrowIfNull(W);
        ArgumentNullException.ThrowIfNull(sampler);
        ArgumentOutOfRangeException.ThrowIfNegative(sampleSize);
        CheckReduce(Name, reduce, "sum", "no");
        CheckWords(Name, x.RawArray!, t.RawArray!, W.RawArray!);
        int n = x.Shape[0];
        NDArray samples = sampler((n, sampleSize + 1));
        if (samples.Shape != new Shape(n, sampleSize + 1) || samples.DType is not (DType.Int32 or DType.Int64))
        {
            throw new ArgumentException(
                $"{Name}: the sampler gave {samples.DType.Name()} of shape {samples.Shape}, but was asked for integers of ({n}, {sampleSize + 1}).", nameof(sampler));
        }

        NDArray labels = t.Array;
        samples = NDArray.Concatenate([labels.AsType(samples.DType, copy: false).ExpandDims(1), samples[.., 1..]], 1);
        NDArray counts = Ops.NotEqual.Compute(labels, -1).ExpandDims(1);
        NDArray sign = NDArray.Ones(sampleSize + 1, x.DType, x.Device);
        sign[0] = -1;
        Variable loss = Logistic(x, W, samples, sign, counts, reduce == "sum");
        return (loss, returnSamples ? samples : null);
    }

    /// <summary>The sum of log(1 + exp(sign x W[word])) over the words of each example, or over all.</summary>
    /// <param name="x">(N, D).</param>
    /// <param name="W">(vocabulary, D).</param>
    /// <param name="words">(N, S); -1 for none.</param>
    /// <param name="sign">1 or -1; broadcasts to the words.</param>
    /// <param name="counts">Which words count; bool, broadcasts to them.</param>
    /// <param name="all">Whether the examples are summed up too.</param>
    /// <returns>(N,), or a 0-d array.</returns>
    internal static Variable Logistic(Variable x, Variable W, NDArray words, NDArray sign, NDArray counts, bool all)
    {
        Variable wx = Scores(x, W, words, ignoreLabel: -1);
        int n = words.Shape[0];
        return all
            ? NegativeSamplingElementwise.ApplySum(words.Shape, wx, sign, counts)
            : Reshape(NegativeSamplingElementwise.ApplySumTo((n, 1), words.Shape, wx, sign, counts), n);
    }
}
