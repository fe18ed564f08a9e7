namespace NativeChain.Optimizers;

/// <summary>Optimizer hook that scales all gradients down, before the update, so that their norm is at most a threshold.</summary>
/// <remarks>The norm is that of all gradients together. It does nothing if threshold / norm is 1 or more.</remarks>
/// <param name="threshold">Largest norm.</param>
public sealed class GradientClipping(double threshold) : OptimizerHook
{
    private static readonly Elementwise s_scale =
        Elementwise.Of((_, g, rate) => g * rate, "GradientClipping", ProgramFlags.FlushDenormals);

    /// <summary>Largest norm.</summary>
    public double Threshold { get; set; } = threshold;

    /// <inheritdoc/>
    public override void Call(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        double squares = 0;
        foreach (Parameter param in optimizer.Target.Params(includeUninitialized: false))
        {
            squares += GradientPass.SumOfSquares(param.Grad!).AsType(DType.Float64).Item<double>();
        }
        double rate = Threshold / Math.Sqrt(squares);
        if (rate < 1)
        {
            GradientPass.Run(s_scale, optimizer.Target.Params(includeUninitialized: false), rate);
        }
    }
}
