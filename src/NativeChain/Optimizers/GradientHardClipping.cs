namespace NativeChain.Optimizers;

/// <summary>Optimizer hook that limits each element of the gradients to an interval, before the update.</summary>
/// <param name="lowerBound">Least element.</param>
/// <param name="upperBound">Greatest element.</param>
public sealed class GradientHardClipping(double lowerBound, double upperBound) : ElementwiseHook
{
    private static readonly Elementwise s_clip =
        Elementwise.Of((_, g, low, high) => Expr.Clip(g, low, high), "GradientHardClipping", ProgramFlags.FlushDenormals);

    /// <summary>Least element.</summary>
    public double LowerBound { get; set; } = lowerBound;

    /// <summary>Greatest element.</summary>
    public double UpperBound { get; set; } = upperBound;

    /// <inheritdoc/>
    protected override Elementwise Step => s_clip;

    /// <inheritdoc/>
    protected override double[] Scalars => [LowerBound, UpperBound];
}
