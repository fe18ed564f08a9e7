namespace NativeChain;

public static partial class F
{
    private static Elementwise TripletDistanceElementwise => field ??= Elementwise.Of(
            (anchor, positive, negative) => Expr.Square(anchor - positive) - Expr.Square(anchor - negative), "Triplet")
        .Taking(TypeRule.FloatingSameShape, "anchor", "positive", "negative");

    private static Elementwise TripletHingeElementwise => field ??= Elementwise.Of((d, margin, scale) => Expr.Maximum(0, d + margin) * scale, "Triplet");

    /// <summary>The triplet loss: an anchor should be closer to a positive sample than to a negative one, by a margin (Schroff et al., 2015).</summary>
    /// <remarks>loss = max(|a - p|^2 - |a - n|^2 + margin, 0), whose mean goes over the first axis. The distances are squared. The gradient at the kink is 0.</remarks>
    /// <param name="anchor">(N, D) or (N, D, d1, ...), floating point, N at least 1.</param>
    /// <param name="positive">Of the shape and dtype of <paramref name="anchor"/>.</param>
    /// <param name="negative">Of the shape and dtype of <paramref name="anchor"/>.</param>
    /// <param name="margin">The margin; positive.</param>
    /// <param name="reduce">"mean", or "no" for the loss of each triplet.</param>
    /// <returns>A 0-d array, or (N, d1, ...).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit, or there is no triplet.</exception>
    /// <exception cref="ArgumentException"><paramref name="margin"/> is not positive, or <paramref name="reduce"/> neither of these.</exception>
    public static Variable Triplet(Variable anchor, Variable positive, Variable negative, double margin = 0.2, string reduce = "mean")
    {
        ArgumentNullException.ThrowIfNull(anchor);
        ArgumentNullException.ThrowIfNull(positive);
        ArgumentNullException.ThrowIfNull(negative);
        CheckMargin("Triplet", margin);
        CheckReduce("Triplet", reduce, "mean", "no");
        NDArray first = anchor.RawArray!;
        TypeCheck.MinNDim("Triplet", "anchor", first, 2);
        CheckNotEmpty("Triplet", "anchor", first);
        Variable distance = SumAlongSecondAxis("Triplet", "anchor", TripletDistanceElementwise, first, anchor, positive, negative);
        return reduce == "no"
            ? TripletHingeElementwise.Apply(distance, margin, 1.0)
            : TripletHingeElementwise.ApplySum(distance.Shape, distance, margin, 1.0 / first.Shape[0]);
    }
}
