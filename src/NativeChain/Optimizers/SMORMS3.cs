namespace NativeChain.Optimizers;

/// <summary>SMORMS3: with r = 1 / (mem + 1), ḡ ← (1 - r)·ḡ + r·g, g2 ← (1 - r)·g2 + r·g², x = ḡ² / (g2 + eps): p ← p - g·min(x, lr) / (√g2 + eps), mem ← 1 + mem·(1 - x).</summary>
/// <remarks>Funk, RMSprop loses to SMORMS3 - Beware the Epsilon!, https://sifter.org/~simon/journal/20150420.html.</remarks>
public sealed class SMORMS3 : GradientMethod
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="lr">Largest rate of a step.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    public SMORMS3(double lr = 0.001, double eps = 1e-16)
    {
        Lr = lr;
        Eps = eps;
    }

    /// <summary>Largest rate of a step.</summary>
    /// <value>0.001</value>
    public double Lr
    {
        get => Hyperparam["lr"];
        set => Hyperparam["lr"] = value;
    }

    /// <summary>Keeps the divisor from 0.</summary>
    /// <value>1e-16</value>
    public double Eps
    {
        get => Hyperparam["eps"];
        set => Hyperparam["eps"] = value;
    }

    /// <inheritdoc/>
    protected override UpdateRule CreateUpdateRule() => new SMORMS3Rule(Hyperparam);
}

/// <summary>Update rule of <see cref="SMORMS3"/>. State: `mem`, which starts at 1, `g` (the mean gradient) and `g2`.</summary>
/// <param name="parentHyperparam">The optimizer's hyperparameters.</param>
public sealed class SMORMS3Rule(Hyperparameter parentHyperparam) : ElementwiseUpdateRule(parentHyperparam, "mem", "g", "g2")
{
    private static readonly Elementwise s_step = Elementwise.OfMany(
        inputs: 7,
        x =>
        {
            (Expr p, Expr g, Expr mem, Expr mean, Expr g2, Expr lr, Expr eps) = (x[0], x[1], x[2], x[3], x[4], x[5], x[6]);
            Expr r = 1.0 / (mem + 1);
            mean += r * (g - mean);
            g2 += r * ((g * g) - g2);
            Expr ratio = mean * mean / (g2 + eps);
            p -= g * Expr.Minimum(ratio, lr) / (Expr.Sqrt(g2) + eps);
            return [p, 1 + (mem * (1 - ratio)), mean, g2];
        },
        "SMORMS3",
        ProgramFlags.FlushDenormals);

    /// <inheritdoc/>
    protected internal override Elementwise Step => s_step;

    /// <inheritdoc/>
    protected internal override void GetScalars(Span<double> scalars, DType compute)
    {
        scalars[0] = Hyperparam["lr"];
        scalars[1] = CheckedEps("SMORMS3", compute);
    }

    /// <inheritdoc/>
    protected override NDArray InitState(string name, NDArray array) =>
        name == "mem" ? NDArray.OnesLike(array) : base.InitState(name, array);
}
