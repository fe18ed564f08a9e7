namespace NativeChain.Optimizers;

/// <summary>AdaDelta, which has no learning rate: msg ← rho·msg + (1 - rho)·g², dx = √((msdx + eps) / (msg + eps))·g, msdx ← rho·msdx + (1 - rho)·dx², p ← p - dx.</summary>
/// <remarks>Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012.</remarks>
public sealed class AdaDelta : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="rho">Rate at which the means of the squares decay.</param>
    /// <param name="eps">Keeps the divisor from 0, and the first step too.</param>
    public AdaDelta(double rho = 0.95, double eps = 1e-6)
    {
        Rho = rho;
        Eps = eps;
    }

    /// <summary>Rate at which the means of the squares decay.</summary>
    /// <value>0.95</value>
    public double Rho
    {
        get => Hyperparam["rho"];
        set => Hyperparam["rho"] = value;
    }

    /// <summary>Keeps the divisor from 0, and the first step too.</summary>
    /// <value>1e-6</value>
    public double Eps
    {
        get => Hyperparam["eps"];
        set => Hyperparam["eps"] = value;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new AdaDeltaRule(Hyperparam);
}

/// <summary>Update rule of <see cref="AdaDelta"/>. State: `msg` and `msdx`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class AdaDeltaRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "msg", "msdx")
{
    private static readonly Elementwise s_step = Elementwise.OfMany(
        inputs: 6,
        x =>
        {
            (Expr p, Expr g, Expr msg, Expr msdx, Expr oneLessRho, Expr eps) = (x[0], x[1], x[2], x[3], x[4], x[5]);
            msg += oneLessRho * ((g * g) - msg);
            Expr dx = Expr.Sqrt((msdx + eps) / (msg + eps)) * g;
            msdx += oneLessRho * ((dx * dx) - msdx);
            return [p - dx, msg, msdx];
        },
        "AdaDelta",
        ProgramFlags.FlushDenormals);

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_step;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        scalars[0] = 1.0 - Hyperparam["rho"];
        scalars[1] = CheckedEps("AdaDelta", compute);
    }
}
