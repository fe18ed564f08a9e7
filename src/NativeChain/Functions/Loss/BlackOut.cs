namespace NativeChain;

public static partial class F
{
    // log(1 - exp(d)) of d below 0, by whichever form is exact there.
    private static Elementwise Log1mExpElementwise => field ??= Elementwise.Of(
        d => Expr.Select(d > -Math.Log(2), Expr.Log(-Expr.Expm1(d)), Expr.Log1p(-Expr.Exp(d))), "BlackOut");

    /// <summary>The BlackOut loss of a large vocabulary: the label against sampled words (Ji et al., 2016).</summary>
    /// <remarks>With the softmax p over the label and the samples of an example: loss = -log(p(label)) - sum over the samples of log(1 - p(sample)).</remarks>
    /// <param name="x">(N, D), floating point.</param>
    /// <param name="t">Labels, (N,); int32 or int64.</param>
    /// <param name="W">Weights of the words, (vocabulary, D).</param>
    /// <param name="samples">Negative samples, (N, S); int32 or int64.</param>
    /// <param name="reduce">"mean", or "no" for the loss of each example.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label or sample is no word.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither of these.</exception>
    public static Variable BlackOut(Variable x, Variable t, Variable W, Variable samples, string reduce = "mean")
    {
        const string Name = "BlackOut";
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        ArgumentNullException.ThrowIfNull(W);
        ArgumentNullException.ThrowIfNull(samples);
        CheckReduce(Name, reduce, "mean", "no");
        CheckWords(Name, x.RawArray!, t.RawArray!, W.RawArray!);
        TypeCheck.SignedInteger(Name, "samples", samples.RawArray!);
        TypeCheck.NDim(Name, "samples", samples.RawArray!, 2);
        TypeCheck.Extent(Name, "samples", samples.RawArray!, 0, x.Shape[0]);
        NDArray words = NDArray.Concatenate([t.Array.ExpandDims(1), samples.Array], 1);
        Variable score = Scores(x, W, words);
        Variable logP = LogSoftmax(score);
        Variable loss = -(GetItem(logP, .., 0) + Sum(Log1mExpElementwise.Apply(GetItem(logP, .., 1..)), 1));
        return reduce == "no" ? loss : Mean(loss);
    }

    // The product of each example with the weights of its words: (N, S).
    private static Variable Scores(Variable x, Variable W, NDArray words, long? ignoreLabel = null) =>
        Reshape(MatMul(EmbedID(words, W, ignoreLabel), ExpandDims(x, 2)), words.Shape);

    internal static void CheckWords(string function, NDArray x, NDArray t, NDArray W)
    {
        CheckMatrix(function, "x", x);
        TypeCheck.SignedInteger(function, "t", t);
        TypeCheck.SameShape(function, "t", t, x.Shape[0]);
        TypeCheck.SameDType(function, "W", W, x.DType);
        TypeCheck.NDim(function, "W", W, 2);
        TypeCheck.Extent(function, "W", W, 1, x.Shape[1]);
    }
}
