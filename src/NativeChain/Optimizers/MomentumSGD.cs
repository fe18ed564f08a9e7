namespace NativeChain.Optimizers;

/// <summary>Stochastic gradient descent with momentum: v ← momentum·v - lr·g, p ← p + v.</summary>
public sealed class MomentumSGD : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Rate at which the velocity v decays.</param>
    public MomentumSGD(double lr = 0.01, double momentum = 0.9)
    {
        Lr = lr;
        Momentum = momentum;
    }

    /// <summary>Learning rate.</summary>
    /// <value>0.01</value>
    public double Lr
    {
        get => Hyperparam["lr"];
        set => Hyperparam["lr"] = value;
    }

    /// <summary>Rate at which the velocity decays.</summary>
    /// <value>0.9</value>
    public double Momentum
    {
        get => Hyperparam["momentum"];
        set => Hyperparam["momentum"] = value;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new MomentumSGDRule(Hyperparam);
}

/// <summary>Update rule of <see cref="MomentumSGD"/>. State: `v`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class MomentumSGDRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "v")
{
    private static readonly Elementwise s_momentum = Elementwise.OfMany(
        inputs: 5,
        x =>
        {
            (Expr p, Expr g, Expr v, Expr lr, Expr momentum) = (x[0], x[1], x[2], x[3], x[4]);
            v = (momentum * v) - (lr * g);
            return [p + v, v];
        },
        "MomentumSGD",
        ProgramFlags.FlushDenormals);

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_momentum;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        scalars[0] = Hyperparam["lr"];
        scalars[1] = Hyperparam["momentum"];
    }
}
