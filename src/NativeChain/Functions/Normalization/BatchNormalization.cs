using System.Numerics;

namespace NativeChain;

public static partial class F
{
    // The running average after a batch, of the one before it and the batch's statistic.
    private static Elementwise RunningAverageElementwise => field ??= Elementwise.OfMany(
        7, x => [(x[0] * x[4]) + (x[2] * x[5]), (x[1] * x[4]) + (x[3] * x[6])], "BatchNormalization");

    private static Elementwise FixedScaleElementwise => field ??=
        Elementwise.Of((gamma, var, eps) => gamma * Expr.Rsqrt(var + eps), "FixedBatchNormalization");

    private static Elementwise FixedNormalizeElementwise => field ??=
        Elementwise.Of((x, mean, scale, beta) => ((x - mean) * scale) + beta, "FixedBatchNormalization");

    /// <summary>Batch normalization: each channel to mean 0 and variance 1 over the batch, then scaled and shifted.</summary>
    /// <remarks>
    /// The running averages become decay * running + (1 - decay) * batch, with the unbiased variance of the batch, that is, m / (m - 1) times the
    /// biased one. See S. Ioffe, C. Szegedy: Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift,
    /// https://arxiv.org/abs/1502.03167.
    /// </remarks>
    /// <param name="x">(N, C...) or (N, C..., d...), floating point. What are channels follows from the axes of <paramref name="gamma"/>.</param>
    /// <param name="gamma">The scale, (C...): the axes of <paramref name="x"/> that are not normalized over; floating point.</param>
    /// <param name="beta">The shift, of the shape and dtype of <paramref name="gamma"/>.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="runningMean">The running average of the mean, (C...); updated in place. Null with <paramref name="runningVar"/>.</param>
    /// <param name="runningVar">The running average of the variance, (C...); updated in place.</param>
    /// <param name="decay">How much of the running averages is kept.</param>
    /// <param name="axis">The axes to normalize over, in ascending order; by default the first and those after the channels.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">The axes are not in ascending order; only one running average, or one of another shape.</exception>
    public static Variable BatchNormalization(
        Variable x,
        Variable gamma,
        Variable beta,
        double eps = 2e-5,
        NDArray? runningMean = null,
        NDArray? runningVar = null,
        double decay = 0.9,
        Axes axis = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(gamma);
        ArgumentNullException.ThrowIfNull(beta);
        Shape kept = CheckBatchNormalization("BatchNormalization", x, gamma, axis, ("beta", beta));
        if (runningMean is null != runningVar is null)
        {
            throw new ArgumentException(
                "BatchNormalization: runningMean and runningVar go together.", runningMean is null ? nameof(runningMean) : nameof(runningVar));
        }

        CheckRunning(runningMean, gamma.Shape, nameof(runningMean));
        CheckRunning(runningVar, gamma.Shape, nameof(runningVar));
        var node = new Normalization("BatchNormalization", eps, kept, kept);
        Variable y = node.ApplySingle(x, gamma, beta);
        if (runningMean is not null)
        {
            double m = gamma.Size == 0 ? 0 : (double)x.Size / gamma.Size;
            double adjust = m / Math.Max(m - 1, 1);
            RunningAverageElementwise.ComputeInto(
                [runningMean, runningVar!],
                runningMean,
                runningVar,
                node.Mean.Reshape(gamma.Shape),
                node.Variance.Reshape(gamma.Shape),
                decay,
                1 - decay,
                (1 - decay) * adjust);
        }

        return y;
    }

    /// <summary>Batch normalization with a mean and a variance that are given, such as running averages in test mode.</summary>
    /// <param name="x">(N, C...) or (N, C..., d...), floating point. What are channels follows from the axes of <paramref name="gamma"/>.</param>
    /// <param name="gamma">The scale, (C...): the axes of <paramref name="x"/> that are not normalized over; floating point.</param>
    /// <param name="beta">The shift, of the shape and dtype of <paramref name="gamma"/>.</param>
    /// <param name="mean">The mean, of the shape and dtype of <paramref name="gamma"/>.</param>
    /// <param name="var">The variance, of the shape and dtype of <paramref name="gamma"/>.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="axis">The axes to normalize over, in ascending order; by default the first and those after the channels.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">The axes are not in ascending order.</exception>
    public static Variable FixedBatchNormalization(
        Variable x, Variable gamma, Variable beta, Variable mean, Variable var, double eps = 2e-5, Axes axis = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(gamma);
        ArgumentNullException.ThrowIfNull(beta);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(var);
        Shape kept = CheckBatchNormalization("FixedBatchNormalization", x, gamma, axis, ("beta", beta), ("mean", mean), ("var", var));
        DType dtype = Normalization.ComputeDType(x.DType, gamma.DType);
        Variable Factor(Variable factor) => Reshape(Cast(factor, dtype), kept);
        Variable scale = FixedScaleElementwise.Apply(Factor(gamma), Factor(var), eps);
        return Cast(FixedNormalizeElementwise.Apply(Cast(x, dtype), Factor(mean), scale, Factor(beta)), x.DType);
    }

    /// <summary>The shape of x with extent 1 on the axes that are normalized over.</summary>
    private static Shape CheckBatchNormalization(
        string function, Variable x, Variable gamma, Axes axis, params ReadOnlySpan<(string Name, Variable Value)> others)
    {
        TypeCheck.Floating(function, "x", x.Array);
        TypeCheck.Floating(function, "gamma", gamma.Array);
        foreach ((string name, Variable value) in others)
        {
            TypeCheck.SameDType(function, name, value.Array, gamma.DType);
            TypeCheck.SameShape(function, name, value.Array, gamma.Shape);
        }

        uint mask = axis.IsAll ? ~(((1u << gamma.NDim) - 1) << 1) & ((1u << x.NDim) - 1) : AscendingMask(function, x, axis);
        int channels = x.NDim - BitOperations.PopCount(mask);
        TypeCheck.MinNDim(function, "x", x.Array, 1);
        TypeCheck.NDim(function, "gamma", gamma.Array, channels);
        Shape expected = Axes.Reduce(x.Shape, mask, keepDims: false);
        TypeCheck.SameShape(function, "gamma", gamma.Array, expected);
        return Axes.Reduce(x.Shape, mask, keepDims: true);
    }

    private static uint AscendingMask(string function, Variable x, Axes axis)
    {
        uint mask = 0;
        foreach (int one in axis)
        {
            uint bit = 1u << TypeCheck.Axis(function, "x", x.Array, one);
            if (mask >= bit)
            {
                throw new ArgumentException($"{function}: the axes {axis} are not in ascending order.", nameof(axis));
            }

            mask |= bit;
        }

        return mask;
    }

    private static void CheckRunning(NDArray? running, Shape expected, string name)
    {
        if (running is not null && (running.Shape != expected || !running.DType.IsFloating()))
        {
            throw new ArgumentException(
                $"BatchNormalization: {name} has shape {running.Shape} and dtype {running.DType.Name()}, but needs shape {expected}, floating point.", name);
        }
    }
}
