namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The fraction of examples whose highest score is that of their label.</summary>
    /// <param name="y">Scores, (N, C, d1, ...), floating point; or (N, C, 1, ...) with labels (N,).</param>
    /// <param name="t">Labels, (N, d1, ...), int32 or int64.</param>
    /// <param name="ignoreLabel">A label that does not count; null for none.</param>
    /// <returns>A 0-d array of the dtype of <paramref name="y"/>; 0 where every label is ignored. No gradient goes through it.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable Accuracy(Variable y, Variable t, long? ignoreLabel = null) =>
        new Accuracy(ignoreLabel).ApplySingle(y, t);
}

/// <summary>The node of <see cref="F.Accuracy"/>.</summary>
internal sealed class Accuracy(long? ignoreLabel) : FunctionNode
{
    private static readonly Elementwise s_isRight = Elementwise.Of((p, t) => Equal(p, t), "Accuracy");
    private static readonly Elementwise s_isRightAndValid =
        Elementwise.Of((p, t, ignored) => And(Equal(p, t), NotEqual(t, ignored)), "Accuracy");
    private static readonly Elementwise s_isValid = Elementwise.Of((t, ignored) => NotEqual(t, ignored), "Accuracy");
    /// <summary>How many were right of how many that count; 0 of none.</summary>
    internal static readonly Elementwise Fraction =
        Elementwise.Of((right, total) => right / Maximum(total, 1), "Accuracy");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray t = inputs[1];
        NDArray prediction = inputs[0].ArgMax(1).Reshape(t.Shape);
        NDArray accuracy = NDArray.Allocate(Shape.Scalar, inputs[0].DType, t.Device);
        if (ignoreLabel is long ignored)
        {
            NDArray right = s_isRightAndValid.Reduce(Reduction.Sum, Axes.All, keepDims: false, prediction, t, ignored);
            NDArray total = s_isValid.Reduce(Reduction.Sum, Axes.All, keepDims: false, t, ignored);
            Fraction.ComputeInto([accuracy], right, total);
        }
        else
        {
            NDArray right = s_isRight.Reduce(Reduction.Sum, Axes.All, keepDims: false, prediction, t);
            Fraction.ComputeInto([accuracy], right, t.Size);
        }
        return [accuracy];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        new Variable?[targetInputs.Length];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        NDArray y = inputs[0];
        NDArray t = inputs[1];
        TypeCheck.Floating("Accuracy", "y", y);
        TypeCheck.MinNDim("Accuracy", "y", y, 2);
        TypeCheck.SignedInteger("Accuracy", "t", t);
        CheckLabels("Accuracy", y, t);
    }

    /// <summary>Refuses labels whose shape is not that of the scores without axis 1, and without axes of extent 1 behind the labels'.</summary>
    internal static void CheckLabels(string function, NDArray y, NDArray t)
    {
        bool fits = t.NDim >= 1 && t.NDim < y.NDim && t.Shape[0] == y.Shape[0];
        for (int i = 2; fits && i < y.NDim; i++)
        {
            fits = y.Shape[i] == (i - 1 < t.NDim ? t.Shape[i - 1] : 1);
        }
        if (!fits)
        {
            TypeCheck.Throw(function, "t", $"the shape {y.Shape} of y without axis 1", $"shape {t.Shape}");
        }
    }
}
