namespace NativeChain.Optimizers;

/// <summary>RMSprop: ms ← alpha·ms + (1 - alpha)·g², p ← p - lr·g / (√ms + eps), or / √(ms + eps).</summary>
/// <remarks>Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012.</remarks>
public sealed class RMSprop : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Rate at which the mean of the squares decays.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <param name="epsInsideSqrt">Whether eps is added before the root is drawn.</param>
    public RMSprop(double lr = 0.01, double alpha = 0.99, double eps = 1e-8, bool epsInsideSqrt = false)
    {
        Lr = lr;
        Alpha = alpha;
        Eps = eps;
        EpsInsideSqrt = epsInsideSqrt;
    }

    /// <summary>Learning rate.</summary>
    /// <value>0.01</value>
    public double Lr
    {
        get => Hyperparam["lr"];
        set => Hyperparam["lr"] = value;
    }

    /// <summary>Rate at which the mean of the squares decays.</summary>
    /// <value>0.99</value>
    public double Alpha
    {
        get => Hyperparam["alpha"];
        set => Hyperparam["alpha"] = value;
    }

    /// <summary>Keeps the divisor from 0.</summary>
    /// <value>1e-8</value>
    public double Eps
    {
        get => Hyperparam["eps"];
        set => Hyperparam["eps"] = value;
    }

    /// <summary>Whether eps is added before the root is drawn.</summary>
    /// <value>false</value>
    public bool EpsInsideSqrt
    {
        get => Hyperparam["eps_inside_sqrt"] != 0;
        set => Hyperparam["eps_inside_sqrt"] = value ? 1 : 0;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new RMSpropRule(Hyperparam);
}

/// <summary>Update rule of <see cref="RMSprop"/>. State: `ms`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class RMSpropRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "ms")
{
    private static readonly Elementwise s_outside = Build(inside: false);
    private static readonly Elementwise s_inside = Build(inside: true);

    /// <inheritdoc/>
    protected internal override Elementwise Step => Hyperparam["eps_inside_sqrt"] != 0 ? s_inside : s_outside;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        scalars[0] = Hyperparam["lr"];
        scalars[1] = 1.0 - Hyperparam["alpha"];
        scalars[2] = CheckedEps("RMSprop", compute);
    }

    private static Elementwise Build(bool inside) => Elementwise.OfMany(
        inputs: 6,
        x =>
        {
            (Expr p, Expr g, Expr ms, Expr lr, Expr oneLessAlpha, Expr eps) = (x[0], x[1], x[2], x[3], x[4], x[5]);
            ms += oneLessAlpha * ((g * g) - ms);
            return [p - (lr * g / (inside ? Expr.Sqrt(ms + eps) : Expr.Sqrt(ms) + eps)), ms];
        },
        "RMSprop",
        ProgramFlags.FlushDenormals);
}
