namespace NativeChain.Optimizers;

/// <summary>Stochastic gradient descent: p ← p - lr·g.</summary>
public sealed class SGD : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    public SGD(double lr = 0.01) => Lr = lr;

    /// <summary>Learning rate.</summary>
    /// <value>0.01</value>
    public double Lr
    {
        get => Hyperparam["lr"];
        set => Hyperparam["lr"] = value;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new SGDRule(Hyperparam);
}

/// <summary>Update rule of <see cref="SGD"/>.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class SGDRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam)
{
    private static readonly Elementwise s_sgd = Elementwise.Of((p, g, lr) => p - (lr * g), "SGD", ProgramFlags.FlushDenormals);

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_sgd;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute) => scalars[0] = Hyperparam["lr"];
}
