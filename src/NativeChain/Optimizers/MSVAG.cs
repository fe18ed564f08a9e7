namespace NativeChain.Optimizers;

/// <summary>M-SVAG, momentum whose steps are scaled down by their variance: m ← beta·m + (1 - beta)·g, v ← beta·v + (1 - beta)·g², p ← p - eta·(lr·γ·m̂ + weightDecayRate·p), with m̂ and v̂ corrected by 1 - betaᵗ and γ = m̂² / (m̂² + ρ·(v̂ - m̂²) / (1 - ρ)), limited to [0, 1].</summary>
/// <remarks>Balles and Hennig, Dissecting Adam: The Sign, Magnitude and Variance of Stochastic Gradients, 2018; weight decay after Loshchilov and Hutter, 2019.
/// ρ = (1 - beta)²·(1 - beta²ᵗ) / ((1 - betaᵗ)²·(1 - beta²)), at most 0.9999. Where m̂ is 0, so is γ. Chainer does not save the power of beta, and starts it
/// anew after a load; here it follows the count of updates.</remarks>
public sealed class MSVAG : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta">Rate at which the moments decay.</param>
    /// <param name="eta">Schedule multiplier: scales step and weight decay.</param>
    /// <param name="weightDecayRate">Rate of the weight decay.</param>
    public MSVAG(double lr = 0.1, double beta = 0.9, double eta = 1.0, double weightDecayRate = 0)
    {
        Lr = lr;
        Beta = beta;
        Eta = eta;
        WeightDecayRate = weightDecayRate;
    }

    /// <summary>Learning rate.</summary>
    /// <value>0.1</value>
    public double Lr
    {
        get => Hyperparam["lr"];
        set => Hyperparam["lr"] = value;
    }

    /// <summary>Rate at which the moments decay.</summary>
    /// <value>0.9</value>
    public double Beta
    {
        get => Hyperparam["beta"];
        set => Hyperparam["beta"] = value;
    }

    /// <summary>Schedule multiplier: scales step and weight decay.</summary>
    /// <value>1.0</value>
    public double Eta
    {
        get => Hyperparam["eta"];
        set => Hyperparam["eta"] = value;
    }

    /// <summary>Rate of the weight decay.</summary>
    /// <value>0</value>
    public double WeightDecayRate
    {
        get => Hyperparam["weight_decay_rate"];
        set => Hyperparam["weight_decay_rate"] = value;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new MSVAGRule(Hyperparam);
}

/// <summary>Update rule of <see cref="MSVAG"/>. State: `m` and `v`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class MSVAGRule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "m", "v")
{
    private static readonly Elementwise s_step = Elementwise.OfMany(
        inputs: 9,
        x =>
        {
            (Expr p, Expr g, Expr m, Expr v) = (x[0], x[1], x[2], x[3]);
            (Expr oneLessBeta, Expr correction, Expr odds, Expr lr, Expr keep) = (x[4], x[5], x[6], x[7], x[8]);
            m += oneLessBeta * (g - m);
            v += oneLessBeta * ((g * g) - v);
            Expr mean = m * correction;
            Expr square = mean * mean;
            Expr factor = Expr.Clip(square / (square + (odds * ((v * correction) - square))), 0, 1);
            return [(keep * p) - (lr * mean * Expr.Select(Expr.Equal(square, 0), 0, factor)), m, v];
        },
        "MSVAG",
        ProgramFlags.FlushDenormals);

    private double _power = 1;
    private long _powerT;

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_step;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        double beta = Hyperparam["beta"], eta = Hyperparam["eta"];
        double power = Power(beta);
        double rho = Math.Min(
            0.9999, Math.Pow(1.0 - beta, 2) * (1.0 - (power * power)) / (Math.Pow(1.0 - power, 2) * (1.0 - (beta * beta))));
        scalars[0] = 1.0 - beta;
        scalars[1] = 1.0 / (1.0 - power);

        // One gradient has no variance; what rounding makes of it would count 9999 times.
        scalars[2] = T == 1 ? 0 : rho / (1.0 - rho);
        scalars[3] = eta * Hyperparam["lr"];
        scalars[4] = 1.0 - (eta * Hyperparam["weight_decay_rate"]);
    }

    // The product of the betas of all updates; after a load, the power of the present one.
    private double Power(double beta)
    {
        if (T != _powerT)
        {
            _power = T == _powerT + 1 ? _power * beta : Math.Pow(beta, T);
            _powerT = T;
        }
        return _power;
    }
}
