namespace NativeChain.Optimizers;

/// <summary>
/// Optimizer hook that scales each gradient to its parameter, before the update: with g ← g + weightDecay·p, g ← g·‖p‖ / (eps + ‖g‖ + weightDecay·‖p‖),
/// the norms those of before. A parameter whose norm is no more than a threshold keeps the scale of its gradient.
/// </summary>
/// <remarks>
/// You, Gitman and Ginsburg, Large Batch Training of Convolutional Networks, 2017. The learning rate of the optimizer is that of the paper times its
/// coefficient eta. Norms and scale are computed on the parameter's device, without a wait for it.
/// </remarks>
/// <param name="threshold">Norm of a parameter up to which its gradient keeps its scale.</param>
/// <param name="weightDecay">Coefficient of the decay.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
public sealed class GradientLARS(double threshold = 1e-2, double weightDecay = 0.0, double eps = 1e-9) : OptimizerHook
{
    private static readonly Elementwise s_rate = Elementwise.OfMany(
        5,
        x =>
        {
            (Expr norm, Expr gradNorm, Expr threshold, Expr decay, Expr eps) = (Expr.Sqrt(x[0]), Expr.Sqrt(x[1]), x[2], x[3], x[4]);
            return [Expr.Select(norm > threshold, norm / (eps + gradNorm + (decay * norm)), 1.0)];
        },
        "GradientLARS");

    private static readonly Elementwise s_scale =
        Elementwise.Of((p, g, decay, rate) => (g + (decay * p)) * rate, "GradientLARS", ProgramFlags.FlushDenormals);

    /// <summary>Norm of a parameter up to which its gradient keeps its scale.</summary>
    /// <value>0.01</value>
    public double Threshold { get; set; } = threshold;

    /// <summary>Coefficient of the decay.</summary>
    /// <value>0</value>
    public double WeightDecay { get; set; } = weightDecay;

    /// <summary>Keeps the divisor from 0.</summary>
    /// <value>1e-9</value>
    public double Eps { get; set; } = eps;

    /// <inheritdoc/>
    public override void Call(UpdateRule? rule, Parameter param)
    {
        ArgumentNullException.ThrowIfNull(param);
        if (param.Grad is not { } grad)
        {
            return;
        }
        NDArray rate = s_rate.Compute(
            GradientPass.SumOfSquares(param.Array), GradientPass.SumOfSquares(grad), Threshold, WeightDecay, Eps);
        param.Grad = s_scale.Compute(param.Array, grad, WeightDecay, (Scalar)rate);
    }
}
