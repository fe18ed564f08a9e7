namespace NativeChain.Optimizers;

/// <summary>
/// Adam: m ← m + (1 - beta1)·(g - m), v ← v + (1 - beta2)·(g² - v),
/// p ← (1 - eta·weightDecayRate)·p - eta·alphaT·m / (√v + eps), with alphaT = alpha·√(1 - beta2ᵗ) / (1 - beta1ᵗ).
/// </summary>
/// <remarks>
/// Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015; weight decay after Loshchilov and Hutter, 2019 (AdamW);
/// amsgrad, with the largest v so far in the place of v, after Reddi, Kale and Kumar, 2018; adabound, with the step size clipped to bounds that
/// close in on finalLr, after Luo, Xiong, Liu and Sun, 2019. As in Chainer, eps stands outside the bias correction.
/// </remarks>
public class Adam : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="alpha">Step size.</param>
    /// <param name="beta1">Decay of the first moment m.</param>
    /// <param name="beta2">Decay of the second moment v.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <param name="eta">Schedule multiplier: scales step and weight decay.</param>
    /// <param name="weightDecayRate">Rate of the weight decay.</param>
    /// <param name="amsgrad">Whether the largest second moment so far divides.</param>
    /// <param name="adabound">Whether the step size is bounded.</param>
    /// <param name="finalLr">What adabound's bounds close in on.</param>
    /// <param name="gamma">How fast adabound's bounds close in.</param>
    public Adam(
        double alpha = 0.001,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double eps = 1e-8,
        double eta = 1.0,
        double weightDecayRate = 0,
        bool amsgrad = false,
        bool adabound = false,
        double finalLr = 0.1,
        double gamma = 1e-3)
    {
        Alpha = alpha;
        Beta1 = beta1;
        Beta2 = beta2;
        Eps = eps;
        Eta = eta;
        WeightDecayRate = weightDecayRate;
        Amsgrad = amsgrad;
        Adabound = adabound;
        FinalLr = finalLr;
        Gamma = gamma;
    }

    /// <summary>Step size.</summary>
    /// <value>0.001</value>
    public double Alpha
    {
        get => Hyperparam["alpha"];
        set => Hyperparam["alpha"] = value;
    }

    /// <summary>Decay of the first moment.</summary>
    /// <value>0.9</value>
    public double Beta1
    {
        get => Hyperparam["beta1"];
        set => Hyperparam["beta1"] = value;
    }

    /// <summary>Decay of the second moment.</summary>
    /// <value>0.999</value>
    public double Beta2
    {
        get => Hyperparam["beta2"];
        set => Hyperparam["beta2"] = value;
    }

    /// <summary>Keeps the divisor from 0.</summary>
    /// <value>1e-8</value>
    public double Eps
    {
        get => Hyperparam["eps"];
        set => Hyperparam["eps"] = value;
    }

    /// <summary>Schedule multiplier: scales step and weight decay.</summary>
    /// <value>1</value>
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

    /// <summary>Whether the largest second moment so far divides.</summary>
    /// <value>false</value>
    public bool Amsgrad
    {
        get => Hyperparam["amsgrad"] != 0;
        set => Hyperparam["amsgrad"] = value ? 1 : 0;
    }

    /// <summary>Whether the step size is bounded.</summary>
    /// <value>false</value>
    public bool Adabound
    {
        get => Hyperparam["adabound"] != 0;
        set => Hyperparam["adabound"] = value ? 1 : 0;
    }

    /// <summary>What adabound's bounds close in on.</summary>
    /// <value>0.1</value>
    public double FinalLr
    {
        get => Hyperparam["final_lr"];
        set => Hyperparam["final_lr"] = value;
    }

    /// <summary>How fast adabound's bounds close in.</summary>
    /// <value>0.001</value>
    public double Gamma
    {
        get => Hyperparam["gamma"];
        set => Hyperparam["gamma"] = value;
    }

    /// <summary>Step size with the correction of the moments' bias, of the last update.</summary>
    /// <exception cref="InvalidOperationException">There was no update yet.</exception>
    public double AlphaT => AdamRule.GetAlphaT(Hyperparam, T);

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new AdamRule(Hyperparam);
}

/// <summary>Update rule of <see cref="Adam"/>. State: `m`, `v` and, with amsgrad, `vhat`.</summary>
public sealed class AdamRule : ElementwiseUpdateRule
{
    private static readonly Elementwise s_adam = Build("Adam", amsgrad: false, adabound: false);
    private static readonly Elementwise s_amsgrad = Build("AMSGrad", amsgrad: true, adabound: false);
    private static readonly Elementwise s_adabound = Build("AdaBound", amsgrad: false, adabound: true);
    private static readonly Elementwise s_amsbound = Build("AMSBound", amsgrad: true, adabound: true);

    private readonly bool _amsgrad;
    private readonly bool _adabound;
    private readonly double _initialAlpha;

    /// <summary>Creates the rule; the flags amsgrad and adabound are taken now.</summary>
    /// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
    public AdamRule(Hyperparameter parentHyperparam)
        : base(parentHyperparam, Checked(parentHyperparam)["amsgrad"] != 0 ? ["m", "v", "vhat"] : ["m", "v"])
    {
        _amsgrad = parentHyperparam["amsgrad"] != 0;
        _adabound = parentHyperparam["adabound"] != 0;
        _initialAlpha = parentHyperparam["alpha"];
    }

    /// <inheritdoc/>
    protected internal override Elementwise Step =>
        _amsgrad ? _adabound ? s_amsbound : s_amsgrad : _adabound ? s_adabound : s_adam;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        double eta = Hyperparam["eta"];
        double alphaT = GetAlphaT(Hyperparam, T);
        scalars[0] = 1.0 - Hyperparam["beta1"];
        scalars[1] = 1.0 - Hyperparam["beta2"];
        scalars[2] = _adabound ? alphaT : eta * alphaT;
        scalars[3] = CheckedEps("Adam", compute);
        scalars[4] = 1.0 - (eta * Hyperparam["weight_decay_rate"]);
        if (_adabound)
        {
            double gamma = Hyperparam["gamma"];
            double finalLr = Hyperparam["final_lr"] * Hyperparam["alpha"] / _initialAlpha;
            scalars[5] = eta;
            scalars[6] = finalLr * (1.0 - (1.0 / ((gamma * T) + 1.0)));
            scalars[7] = finalLr * (1.0 + (1.0 / (gamma * T)));
        }
    }

    internal static double GetAlphaT(Hyperparameter hyperparam, long t)
    {
        if (t == 0)
        {
            throw new InvalidOperationException("Adam: alphaT is not known before the first update");
        }
        return hyperparam["alpha"] * Math.Sqrt(1.0 - Math.Pow(hyperparam["beta2"], t)) / (1.0 - Math.Pow(hyperparam["beta1"], t));
    }

    private static Hyperparameter Checked(Hyperparameter hyperparam)
    {
        ArgumentNullException.ThrowIfNull(hyperparam);
        return hyperparam;
    }

    private static Elementwise Build(string name, bool amsgrad, bool adabound)
    {
        int s = amsgrad ? 5 : 4;
        return Elementwise.OfMany(
            inputs: s + (adabound ? 8 : 5),
            x =>
            {
                (Expr p, Expr g, Expr m, Expr v) = (x[0], x[1], x[2], x[3]);
                (Expr oneLessBeta1, Expr oneLessBeta2, Expr alphaT, Expr eps, Expr keep) = (x[s], x[s + 1], x[s + 2], x[s + 3], x[s + 4]);
                m += oneLessBeta1 * (g - m);
                v += oneLessBeta2 * ((g * g) - v);
                Expr largest = amsgrad ? Expr.Maximum(x[4], v) : v;
                Expr divisor = Expr.Sqrt(largest) + eps;
                // Without bounds the schedule multiplier is a factor of alphaT.
                p = (keep * p) - (adabound
                    ? x[s + 5] * Expr.Maximum(Expr.Minimum(alphaT / divisor, x[s + 7]), x[s + 6]) * m
                    : alphaT * m / divisor);
                return amsgrad ? [p, m, v, largest] : [p, m, v];
            },
            name,
            ProgramFlags.FlushDenormals);
    }
}
