namespace NativeChain;

using static NativeChain.Expr;

public static partial class F
{
    /// <summary>The coefficient of determination: 1 less the squared errors of predictions over those of the mean.</summary>
    /// <remarks>1 - sum((true - pred)^2) / sum((true - mean(true))^2) over the first axis; 0 where all true values are equal. At best 1; may be negative.</remarks>
    /// <param name="pred">Predictions, (N, ...); floating point.</param>
    /// <param name="true">True values, of the same shape; floating point.</param>
    /// <param name="sampleWeight">Not supported: null.</param>
    /// <param name="multioutput">"uniform_average" for the mean over all outputs, or "raw_values" for the score of each.</param>
    /// <returns>A 0-d array, or one of the shape of <paramref name="pred"/> without the first axis; of the dtype of <paramref name="pred"/>. No gradient goes through it.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="multioutput"/> is neither of these.</exception>
    /// <exception cref="NotSupportedException"><paramref name="sampleWeight"/> is not null.</exception>
    public static Variable R2Score(Variable pred, Variable @true, NDArray? sampleWeight = null, string multioutput = "uniform_average")
    {
        if (sampleWeight is not null)
        {
            throw new NotSupportedException("R2Score: weights of samples are not supported.");
        }

        if (multioutput is not ("uniform_average" or "raw_values"))
        {
            throw new ArgumentException(
                $"R2Score: multioutput is '{multioutput}', but must be 'uniform_average' or 'raw_values'.", nameof(multioutput));
        }

        return new R2Score(average: multioutput == "uniform_average").ApplySingle(pred, @true);
    }
}

/// <summary>The node of <see cref="F.R2Score"/>.</summary>
internal sealed class R2Score(bool average) : FunctionNode
{
    private static readonly Elementwise s_squaredError = Elementwise.Of((a, b) => Square(a - b), "R2Score");
    private static readonly Elementwise s_score =
        Elementwise.Of((residual, total) => Select(Equal(total, 0), 0, 1 - (residual / total)), "R2Score");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray pred = inputs[0];
        NDArray truth = inputs[1];
        NDArray residual = s_squaredError.Reduce(Reduction.Sum, 0, keepDims: false, pred, truth);
        NDArray total = s_squaredError.Reduce(Reduction.Sum, 0, keepDims: false, truth, truth.Mean(0, keepDims: true));
        NDArray score = NDArray.Allocate(residual.Shape, pred.DType, pred.Device);
        s_score.ComputeInto([score], residual, total);
        return [average ? score.Mean() : score];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        new Variable?[targetInputs.Length];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("R2Score", "pred", inputs[0]);
        TypeCheck.Floating("R2Score", "true", inputs[1]);
        TypeCheck.SameShape("R2Score", "true", inputs[1], inputs[0].Shape);
        TypeCheck.MinNDim("R2Score", "pred", inputs[0], 1);
    }
}
