namespace NativeChain.Optimizers;

/// <summary>Nesterov's accelerated gradient: v ← momentum·v - lr·g, p ← p + momentum²·v - (1 + momentum)·lr·g.</summary>
/// <remarks>Bengio, Boulanger-Lewandowski and Pascanu, Advances in Optimizing Recurrent Networks, 2012.</remarks>
public sealed class NesterovAG : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Rate at which the velocity decays.</param>
    public NesterovAG(double lr = 0.01, double momentum = 0.9)
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
    protected override UpdateRule CreateUpdateRule() => new NesterovAGRule(Hyperparam);
}

/// <summary>Update rule of <see cref="NesterovAG"/>. State: `v`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class NesterovAGRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "v")
{
    private static readonly Elementwise s_step = Elementwise.OfMany(
        inputs: 5,
        x =>
        {
            (Expr p, Expr g, Expr v, Expr lr, Expr momentum) = (x[0], x[1], x[2], x[3], x[4]);
            Expr step = lr * g;
            v = (momentum * v) - step;
            return [p + ((momentum * momentum * v) - ((1 + momentum) * step)), v];
        },
        "NesterovAG",
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
