namespace NativeChain.Optimizers;

/// <summary>RMSprop as Alex Graves has it: n ← alpha·n + (1 - alpha)·g², ḡ ← alpha·ḡ + (1 - alpha)·g, delta ← momentum·delta - lr·g / √(n - ḡ² + eps), p ← p + delta.</summary>
/// <remarks>Graves, Generating Sequences With Recurrent Neural Networks, 2013.</remarks>
public sealed class RMSpropGraves : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Rate at which the means of gradient and square decay.</param>
    /// <param name="momentum">Rate at which the step decays.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    public RMSpropGraves(double lr = 1e-4, double alpha = 0.95, double momentum = 0.9, double eps = 1e-4)
    {
        Lr = lr;
        Alpha = alpha;
        Momentum = momentum;
        Eps = eps;
    }

    /// <summary>Learning rate.</summary>
    /// <value>1e-4</value>
    public double Lr
    {
        get => Hyperparam["lr"];
        set => Hyperparam["lr"] = value;
    }

    /// <summary>Rate at which the means of gradient and square decay.</summary>
    /// <value>0.95</value>
    public double Alpha
    {
        get => Hyperparam["alpha"];
        set => Hyperparam["alpha"] = value;
    }

    /// <summary>Rate at which the step decays.</summary>
    /// <value>0.9</value>
    public double Momentum
    {
        get => Hyperparam["momentum"];
        set => Hyperparam["momentum"] = value;
    }

    /// <summary>Keeps the divisor from 0.</summary>
    /// <value>1e-4</value>
    public double Eps
    {
        get => Hyperparam["eps"];
        set => Hyperparam["eps"] = value;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new RMSpropGravesRule(Hyperparam);
}

/// <summary>Update rule of <see cref="RMSpropGraves"/>. State: `n`, `g` (the mean gradient) and `delta`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class RMSpropGravesRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "n", "g", "delta")
{
    private static readonly Elementwise s_step = Elementwise.OfMany(
        inputs: 9,
        x =>
        {
            (Expr p, Expr g, Expr n, Expr mean, Expr delta) = (x[0], x[1], x[2], x[3], x[4]);
            (Expr lr, Expr oneLessAlpha, Expr momentum, Expr eps) = (x[5], x[6], x[7], x[8]);
            n += oneLessAlpha * ((g * g) - n);
            mean += oneLessAlpha * (g - mean);

            // Rounding may leave less than 0 of the variance of large gradients that are alike.
            Expr variance = Expr.Maximum(n - (mean * mean), 0);
            delta = (momentum * delta) - (lr * g / Expr.Sqrt(variance + eps));
            return [p + delta, n, mean, delta];
        },
        "RMSpropGraves",
        ProgramFlags.FlushDenormals);

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_step;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        scalars[0] = Hyperparam["lr"];
        scalars[1] = 1.0 - Hyperparam["alpha"];
        scalars[2] = Hyperparam["momentum"];
        scalars[3] = CheckedEps("RMSpropGraves", compute);
    }
}
