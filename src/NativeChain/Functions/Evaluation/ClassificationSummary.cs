namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>Precision, recall, F-measure and number of examples of each class.</summary>
    /// <remarks>
    /// Of a class: the precision is the fraction of the examples predicted as it that are of it, the recall the fraction of its examples that are predicted
    /// as it, and F = (1 + beta^2) precision recall / (beta^2 precision + recall). 0 / 0 is NaN.
    /// </remarks>
    /// <param name="y">Scores, (N, C, d1, ...), floating point; the prediction is the class of the highest. (N, C, 1, ...) with labels (N,) will do.</param>
    /// <param name="t">Labels, (N, d1, ...); int32 or int64. Those that are no class of the summary count for none.</param>
    /// <param name="labelNum">How many classes the summary has; null for the greatest label plus 1.</param>
    /// <param name="beta">How much more the recall weighs than the precision.</param>
    /// <param name="ignoreLabel">The label of examples that do not count, neither as labels nor as predictions.</param>
    /// <returns>Four arrays (labelNum,): three in float64, and the number of examples in int64. No gradient goes through them.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is negative and not the ignored one, or <paramref name="labelNum"/> is negative.</exception>
    /// <exception cref="ArgumentException">There is no label to count classes by.</exception>
    public static (Variable Precision, Variable Recall, Variable FBeta, Variable Support) ClassificationSummary(
        Variable y, Variable t, int? labelNum = null, double beta = 1.0, long ignoreLabel = -1)
    {
        Variable[] summary = new ClassificationSummary(labelNum, beta, ignoreLabel).Apply(y, t);
        return (summary[0], summary[1], summary[2], summary[3]);
    }

    /// <summary>The precision of each class: the fraction of the examples predicted as it that are of it.</summary>
    /// <inheritdoc cref="ClassificationSummary"/>
    /// <returns>The precision, (labelNum,) float64, and the number of examples, (labelNum,) int64.</returns>
    public static (Variable Precision, Variable Support) Precision(Variable y, Variable t, int? labelNum = null, long ignoreLabel = -1)
    {
        (Variable precision, _, _, Variable support) = ClassificationSummary(y, t, labelNum, 1.0, ignoreLabel);
        return (precision, support);
    }

    /// <summary>The recall of each class: the fraction of its examples that are predicted as it.</summary>
    /// <inheritdoc cref="ClassificationSummary"/>
    /// <returns>The recall, (labelNum,) float64, and the number of examples, (labelNum,) int64.</returns>
    public static (Variable Recall, Variable Support) Recall(Variable y, Variable t, int? labelNum = null, long ignoreLabel = -1)
    {
        (_, Variable recall, _, Variable support) = ClassificationSummary(y, t, labelNum, 1.0, ignoreLabel);
        return (recall, support);
    }

    /// <summary>The F-measure of each class, a mean of its precision and its recall.</summary>
    /// <inheritdoc cref="ClassificationSummary"/>
    /// <returns>The F-measure, (labelNum,) float64, and the number of examples, (labelNum,) int64.</returns>
    public static (Variable FBeta, Variable Support) FBetaScore(
        Variable y, Variable t, int? labelNum = null, double beta = 1.0, long ignoreLabel = -1)
    {
        (_, _, Variable fBeta, Variable support) = ClassificationSummary(y, t, labelNum, beta, ignoreLabel);
        return (fBeta, support);
    }

    /// <summary>The harmonic mean of the precision and the recall of each class.</summary>
    /// <inheritdoc cref="ClassificationSummary"/>
    /// <returns>The F1 score, (labelNum,) float64, and the number of examples, (labelNum,) int64.</returns>
    public static (Variable F1, Variable Support) F1Score(Variable y, Variable t, int? labelNum = null, long ignoreLabel = -1) =>
        FBetaScore(y, t, labelNum, 1.0, ignoreLabel);
}

/// <summary>The node of <see cref="F.ClassificationSummary"/>.</summary>
internal sealed class ClassificationSummary(int? labelNum, double beta, long ignoreLabel) : FunctionNode
{
    private static readonly Elementwise s_orZero = Elementwise.Of((t, ignored) => Select(Equal(t, ignored), 0, t), "ClassificationSummary");

    // Which bin an example counts in; the one behind the classes is for what does not count.
    private static readonly Elementwise s_bins = Elementwise.OfMany(
        4,
        x =>
        {
            (Expr p, Expr t, Expr ignored, Expr n) = (x[0], x[1], x[2], x[3]);
            Expr isIgnored = Equal(t, ignored);
            return
            [
                Select(isIgnored, n, Minimum(t, n)),
                Select(isIgnored, n, Minimum(p, n)),
                Select(Or(isIgnored, NotEqual(p, t)), n, Minimum(t, n)),
            ];
        },
        "ClassificationSummary");

    private static readonly Elementwise s_scores = Elementwise.OfMany(
        4,
        x =>
        {
            (Expr support, Expr relevant, Expr right, Expr beta) = (x[0], x[1], x[2], x[3]);
            Expr precision = right / relevant;
            Expr recall = right / support;
            Expr square = beta * beta;
            return [precision, recall, (1 + square) * precision * recall / ((square * precision) + recall)];
        },
        "ClassificationSummary");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray t = inputs[1];
        int n = CountLabels(t);
        NDArray predicted = inputs[0].ArgMax(1).Reshape(t.Shape);
        NDArray[] bins = s_bins.ComputeAll(predicted, t, ignoreLabel, (long)n);
        NDArray[] counts = System.Array.ConvertAll(bins, b => Count(b, n));
        NDArray[] scores = s_scores.ComputeAll(counts[0], counts[1], counts[2], beta);
        return [.. scores, counts[0]];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        new Variable?[targetInputs.Length];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("ClassificationSummary", "y", inputs[0]);
        TypeCheck.SignedInteger("ClassificationSummary", "t", inputs[1]);
        Accuracy.CheckLabels("ClassificationSummary", inputs[0], inputs[1]);
    }

    private int CountLabels(NDArray t)
    {
        if (labelNum is int given)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(given, nameof(labelNum));
        }
        else if (t.Size == 0)
        {
            throw new ArgumentException("ClassificationSummary: labelNum is to be counted by the labels, but there are none.", nameof(t));
        }

        if (t.Size > 0 && s_orZero.Reduce(Reduction.Min, Axes.All, keepDims: false, t, ignoreLabel).AsType(DType.Int64).Item<long>() < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(t), $"ClassificationSummary: a label is negative, and not the ignored {ignoreLabel}.");
        }

        return labelNum ?? checked((int)t.Max().AsType(DType.Int64).Item<long>() + 1);
    }

    // How often each of 0 to n - 1 is among the bins, which go to n.
    private static NDArray Count(NDArray bins, int n)
    {
        NDArray counts = NDArray.Zeros(n + 1, DType.Int64, bins.Device);
        Kernels.ScatterAdd(NDArray.Ones(Shape.Scalar, DType.Int64, bins.Device).BroadcastTo(bins.Shape), [bins], [0], counts);
        return counts[..n];
    }
}
