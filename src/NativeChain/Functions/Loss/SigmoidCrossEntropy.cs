namespace NativeChain;

public static partial class F
{
    // -log of the probability of t, in the form that neither overflows nor cancels; the gradient is sigmoid(x) - t.
    private static Elementwise SigmoidCrossEntropyElementwise => field ??=
        Elementwise.Of(
            (x, t, scale) => Expr.Select(Expr.Equal(t, -1), 0, Expr.Softplus(-Expr.Abs(x)) - (x * (t - (x >= 0)))) * scale,
            "SigmoidCrossEntropy")
        .WithGradient((x, y, gy) =>
            [Expr.Select(Expr.Equal(x[1], -1), 0, gy[0] * (Expr.Sigmoid(x[0]) - x[1]) * x[2]), default, default]);

    private static Elementwise IsLabelledElementwise => field ??= Elementwise.Of(t => Expr.NotEqual(t, -1), "SigmoidCrossEntropy");
    private static Elementwise InverseCountElementwise => field ??= Elementwise.Of(n => 1.0 / Expr.Maximum(n, 1), "SigmoidCrossEntropy");

    /// <summary>The cross entropy of labels and the sigmoid of scores.</summary>
    /// <remarks>
    /// loss = -(t log(sigmoid(x)) + (1 - t) log(1 - sigmoid(x))); where t is -1 it is 0. With <paramref name="reduce"/> "mean" the sum of the losses is divided
    /// by the number of labels that are not -1, or, without <paramref name="normalize"/>, by the length of the first axis; by 1 if that is 0.
    /// </remarks>
    /// <param name="x">Scores, of any shape; floating point.</param>
    /// <param name="t">Labels 0 or 1, or -1 to be ignored, of the shape of <paramref name="x"/>; int32 or int64. They carry no gradient.</param>
    /// <param name="normalize">Whether the mean counts the labels that are not ignored.</param>
    /// <param name="reduce">"mean", or "no" for the loss of each element.</param>
    /// <returns>A 0-d array, or one of the shape of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, <paramref name="t"/> not int32 or int64, or their shapes differ.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither "mean" nor "no".</exception>
    public static Variable SigmoidCrossEntropy(Variable x, Variable t, bool normalize = true, string reduce = "mean")
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        if (reduce is not ("mean" or "no"))
        {
            throw new ArgumentException($"SigmoidCrossEntropy: reduce is '{reduce}', but must be 'mean' or 'no'.", nameof(reduce));
        }

        if (Config.TypeCheck)
        {
            TypeCheck.Floating("SigmoidCrossEntropy", "x", x.Array);
            TypeCheck.SignedInteger("SigmoidCrossEntropy", "t", t.Array);
            TypeCheck.SameShape("SigmoidCrossEntropy", "t", t.Array, x.Shape);
        }

        if (reduce == "no")
        {
            return SigmoidCrossEntropyElementwise.Apply(x, t, 1.0);
        }

        Scalar scale = normalize
            ? InverseCountElementwise.Compute(IsLabelledElementwise.Reduce(Reduction.Sum, default, false, t.Array))
            : 1.0 / Math.Max(1, x.NDim == 0 ? 1 : x.Shape[0]);
        return SigmoidCrossEntropyElementwise.ApplySum(x.Shape, x, t, scale);
    }
}
