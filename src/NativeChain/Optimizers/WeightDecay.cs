namespace NativeChain.Optimizers;

/// <summary>Optimizer hook that adds rate·p to each gradient, before the update.</summary>
/// <param name="rate">Coefficient of the decay.</param>
public sealed class WeightDecay(double rate) : OptimizerHook
{
    private static readonly Elementwise s_decay =
        Elementwise.Of((p, g, rate) => g + (rate * p), "WeightDecay", ProgramFlags.FlushDenormals);

    /// <summary>Coefficient of the decay.</summary>
    public double Rate { get; set; } = rate;

    /// <inheritdoc/>
    public override void Call(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        GradientPass.Run(s_decay, optimizer.Target.Params(includeUninitialized: false), Rate);
    }

    /// <inheritdoc/>
    public override void Call(UpdateRule? rule, Parameter param) => GradientPass.Run(s_decay, [param], Rate);
}
