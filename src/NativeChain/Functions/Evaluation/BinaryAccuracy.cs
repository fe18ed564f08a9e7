namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The fraction of labels that the signs of scores predict: a score of 0 or more means label 1.</summary>
    /// <param name="y">Scores, of any shape; floating point.</param>
    /// <param name="t">Labels 0 or 1, or -1 for what does not count, of the shape of <paramref name="y"/>; int32 or int64.</param>
    /// <returns>A 0-d array of the dtype of <paramref name="y"/>; 0 where every label is -1. No gradient goes through it.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable BinaryAccuracy(Variable y, Variable t) => new BinaryAccuracy().ApplySingle(y, t);
}

/// <summary>The node of <see cref="F.BinaryAccuracy"/>.</summary>
internal sealed class BinaryAccuracy : FunctionNode
{
    private static readonly Elementwise s_isRight = Elementwise.Of((y, t) => Equal(y >= 0, t), "BinaryAccuracy");
    private static readonly Elementwise s_counts = Elementwise.Of(t => NotEqual(t, -1), "BinaryAccuracy");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray accuracy = NDArray.Allocate(Shape.Scalar, inputs[0].DType, inputs[0].Device);
        NDArray right = s_isRight.Reduce(Reduction.Sum, Axes.All, keepDims: false, inputs[0], inputs[1]);
        NDArray total = s_counts.Reduce(Reduction.Sum, Axes.All, keepDims: false, inputs[1]);
        Accuracy.Fraction.ComputeInto([accuracy], right, total);
        return [accuracy];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        new Variable?[targetInputs.Length];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("BinaryAccuracy", "y", inputs[0]);
        TypeCheck.SignedInteger("BinaryAccuracy", "t", inputs[1]);
        TypeCheck.SameShape("BinaryAccuracy", "t", inputs[1], inputs[0].Shape);
    }
}
