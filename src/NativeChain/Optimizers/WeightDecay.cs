namespace NativeChain.Optimizers;

/// <summary>Optimizer hook that adds rate·p to each gradient, before the update.</summary>
/// <param name="rate">Coefficient of the decay.</param>
public sealed class WeightDecay(double rate) : ElementwiseHook
{
    private static readonly Elementwise s_decay =
        Elementwise.Of((p, g, rate) => g + (rate * p), "WeightDecay", ProgramFlags.FlushDenormals);

    /// <summary>Coefficient of the decay.</summary>
    public double Rate { get; set; } = rate;

    /// <inheritdoc/>
    protected override Elementwise Step => s_decay;

    /// <inheritdoc/>
    protected override double[] Scalars => [Rate];
}
