namespace NativeChain.Optimizers;

/// <summary>AdaGrad: h ← h + g², p ← p - lr·g / (√h + eps).</summary>
/// <remarks>Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, 2011.</remarks>
public sealed class AdaGrad : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    public AdaGrad(double lr = 0.001, double eps = 1e-8)
    {
        Lr = lr;
        Eps = eps;
    }

    /// <summary>Learning rate.</summary>
    /// <value>0.001</value>
    public double Lr
    {
        get => Hyperparam["lr"];
        set => Hyperparam["lr"] = value;
    }

    /// <summary>Keeps the divisor from 0.</summary>
    /// <value>1e-8</value>
    public double Eps
    {
        get => Hyperparam["eps"];
        set => Hyperparam["eps"] = value;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new AdaGradRule(Hyperparam);
}

/// <summary>Update rule of <see cref="AdaGrad"/>. State: `h`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class AdaGradRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "h")
{
    private static readonly Elementwise s_step = Elementwise.OfMany(
        inputs: 5,
        x =>
        {
            (Expr p, Expr g, Expr h, Expr lr, Expr eps) = (x[0], x[1], x[2], x[3], x[4]);
            h += g * g;
            return [p - (lr * g / (Expr.Sqrt(h) + eps)), h];
        },
        "AdaGrad",
        ProgramFlags.FlushDenormals);

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_step;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        scalars[0] = Hyperparam["lr"];
        scalars[1] = CheckedEps("AdaGrad", compute);
    }
}
