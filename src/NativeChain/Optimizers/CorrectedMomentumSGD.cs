namespace NativeChain.Optimizers;

/// <summary>Stochastic gradient descent with momentum that a change of the learning rate does not disturb: v ← momentum·v - g, p ← p + lr·v.</summary>
/// <remarks>Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, 2017, equation (9); <see cref="MomentumSGD"/> is equation (10), which keeps the rate in v.</remarks>
public sealed class CorrectedMomentumSGD : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Rate at which the velocity decays.</param>
    public CorrectedMomentumSGD(double lr = 0.01, double momentum = 0.9)
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
    protected override UpdateRule CreateUpdateRule() => new CorrectedMomentumSGDRule(Hyperparam);
}

/// <summary>Update rule of <see cref="CorrectedMomentumSGD"/>. State: `v`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class CorrectedMomentumSGDRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "v")
{
    private static readonly Elementwise s_step = Elementwise.OfMany(
        inputs: 5,
        x =>
        {
            (Expr p, Expr g, Expr v, Expr lr, Expr momentum) = (x[0], x[1], x[2], x[3], x[4]);
            v = (momentum * v) - g;
            return [p + (lr * v), v];
        },
        "CorrectedMomentumSGD",
        ProgramFlags.FlushDenormals);

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_step;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        scalars[0] = Hyperparam["lr"];
        scalars[1] = Hyperparam["momentum"];
    }
}
