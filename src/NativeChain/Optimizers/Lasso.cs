namespace NativeChain.Optimizers;

/// <summary>Optimizer hook that adds rate·sign(p) to each gradient, before the update: the gradient of rate·|p|.</summary>
/// <param name="rate">Coefficient of the sign.</param>
public sealed class Lasso(double rate) : ElementwiseHook
{
    private static readonly Elementwise s_lasso =
        Elementwise.Of((p, g, rate) => g + (rate * Expr.Sign(p)), "Lasso", ProgramFlags.FlushDenormals);

    /// <summary>Coefficient of the sign.</summary>
    public double Rate { get; set; } = rate;

    /// <inheritdoc/>
    protected override Elementwise Step => s_lasso;

    /// <inheritdoc/>
    protected override double[] Scalars => [Rate];
}
