namespace NativeChain;

/// <summary>
/// y = (x - mean) / sqrt(variance + eps) * gamma + beta of x, gamma and beta, with the mean and the variance of x over the axes on which the shape of
/// the statistics has extent 1: batch, layer and group normalization. Without gamma and beta: of x alone.
/// </summary>
/// <param name="label">The function's name.</param>
/// <param name="eps">What is added to the variance.</param>
/// <param name="statistics">The shape of the mean and the variance.</param>
/// <param name="factors">What gamma and beta are reshaped to: as many axes as x has, each of x's extent or 1.</param>
internal sealed class Normalization(string label, double eps, Shape statistics, Shape factors) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    /// <summary>The mean, after the call: of the shape of the statistics, float32 or float64.</summary>
    internal NDArray Mean { get; private set; } = null!;

    /// <summary>The biased variance, after the call.</summary>
    internal NDArray Variance { get; private set; } = null!;

    /// <summary>The dtype in which all is computed: the wider of the two, and no half.</summary>
    internal static DType ComputeDType(DType x, DType gamma) => DTypes.Promote(DTypes.Promote(x, gamma), DType.Float32);

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        bool scaled = inputs.Length == 3;
        if (scaled)
        {
            RetainInputs(0, 1);
        }
        else
        {
            RetainInputs(0);
        }

        DType dtype = ComputeDType(x.DType, scaled ? inputs[1].DType : x.DType);
        Mean = NDArray.Allocate(statistics, dtype, x.Device);
        Variance = NDArray.Allocate(statistics, dtype, x.Device);
        NDArray y = NDArray.Allocate(x.Shape, x.DType, x.Device);
        if (scaled)
        {
            using Scratch.Borrowed gamma = Scratch.Reshape(inputs[1].AsType(dtype, copy: false), factors);
            using Scratch.Borrowed beta = Scratch.Reshape(inputs[2].AsType(dtype, copy: false), factors);
            Kernels.Normalization(x, gamma.View, beta.View, eps, y, Mean, Variance);
        }
        else
        {
            Kernels.Normalization(x, null, null, eps, y, Mean, Variance);
        }

        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable x = GetRetainedInput(0);
        Variable gy = gradOutputs[0]!;
        return Inputs.Length == 3
            ? new NormalizationGrad(eps, Mean, Variance, factors).Apply(x, gy, GetRetainedInput(1))
            : new NormalizationGrad(eps, Mean, Variance, factors).Apply(x, gy);
    }
}

/// <summary>The gradients by x, gamma and beta of x, gy and gamma; without gamma, that by x.</summary>
/// <param name="eps">What was added to the variance.</param>
/// <param name="mean">The mean of x.</param>
/// <param name="variance">Its variance.</param>
/// <param name="factors">What gamma is reshaped to.</param>
internal sealed class NormalizationGrad(double eps, NDArray mean, NDArray variance, Shape factors) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        NDArray gx = Scratch.Like(x);
        RetainOutputs(0);
        if (inputs.Length == 2)
        {
            RetainInputs(0, 1);
            Kernels.NormalizationGrad(x, null, inputs[1], mean, variance, eps, gx, null, null);
            return [gx];
        }

        RetainInputs(0, 1, 2);
        DType dtype = inputs[2].DType;
        NDArray ggamma = NDArray.AllocateScratch(factors, mean.DType, x.Device);
        NDArray gbeta = NDArray.AllocateScratch(factors, mean.DType, x.Device);
        using (Scratch.Borrowed gamma = Scratch.Reshape(inputs[2].AsType(mean.DType, copy: false), factors))
        {
            Kernels.NormalizationGrad(x, gamma.View, inputs[1], mean, variance, eps, gx, ggamma, gbeta);
        }

        return [gx, Narrow(ggamma, inputs[2].Shape, dtype), Narrow(gbeta, inputs[2].Shape, dtype)];
    }

    // With S the sum over a set of elements that are normalized together, m their number, and g = gy gamma:
    // gx = P(g) = (g - (S(g) + x_hat S(g x_hat)) / m) / std. P is its own transpose, and the derivative of x_hat by x.
    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        DType dtype = mean.DType;
        Variable rawX = GetRetainedInput(0);
        Variable rawGy = GetRetainedInput(1);
        Variable? rawGamma = Inputs.Length == 3 ? GetRetainedInput(2) : null;
        Variable x = F.Cast(rawX, dtype);
        Variable gy = F.Cast(rawGy, dtype);
        Variable? gamma = rawGamma is null ? null : F.Reshape(F.Cast(rawGamma, dtype), factors);
        Variable? ggx = Widen(gradOutputs[0]);
        Variable? gggamma = rawGamma is null ? null : WidenFactor(gradOutputs[1]);
        Variable? ggbeta = rawGamma is null ? null : WidenFactor(gradOutputs[2]);

        Variable xHat = new Normalization("Normalization", eps, mean.Shape, factors).ApplySingle(x);
        Variable? toX = gggamma is null ? null : gggamma * gy;
        Variable? toGy = gggamma is null ? null : gggamma * xHat;
        Variable? toGamma = null;
        if (ggbeta is not null)
        {
            toGy = toGy is null ? F.BroadcastTo(ggbeta, x.Shape) : toGy + ggbeta;
        }

        Variable? deviation = null;
        if (ggx is not null)
        {
            double m = (double)x.Size / mean.Size;
            Variable g = gamma is null ? gy : gy * gamma;
            Variable inverse = new InverseDeviation(eps, mean, variance, factors).ApplySingle(x);
            Variable projected = new NormalizationGrad(eps, mean, variance, factors).ApplySingle(x, ggx);
            Variable throughHat = -inverse / m * ((ggx * SumSet(g * xHat)) + (g * SumSet(ggx * xHat)));
            toX = toX is null ? throughHat : toX + throughHat;
            deviation = inverse / m * (xHat * SumSet(ggx * F.Cast(GetRetainedOutput(0), dtype)));
            Variable scaled = gamma is null ? projected : gamma * projected;
            toGy = toGy is null ? scaled : toGy + scaled;
            toGamma = gamma is null ? null : F.SumTo(gy * projected, factors);
        }

        if (toX is not null)
        {
            toX = new NormalizationGrad(eps, mean, variance, factors).ApplySingle(x, toX);
            toX = deviation is null ? toX : toX - deviation;
        }

        Variable? gx = toX is null ? null : F.Cast(toX, rawX.DType);
        Variable? ggy = toGy is null ? null : F.Cast(toGy, rawGy.DType);
        return rawGamma is null
            ? [gx, ggy]
            : [gx, ggy, toGamma is null ? null : F.Cast(F.Reshape(toGamma, rawGamma.Shape), rawGamma.DType)];
    }

    private Variable? Widen(Variable? gradient) => gradient is null ? null : F.Cast(gradient, mean.DType);

    private Variable? WidenFactor(Variable? gradient) => gradient is null ? null : F.Reshape(F.Cast(gradient, mean.DType), factors);

    private Variable SumSet(Variable x) => F.SumTo(x, mean.Shape);

    private static NDArray Narrow(NDArray gradient, Shape shape, DType dtype)
    {
        NDArray narrow = gradient.DType == dtype ? gradient : Scratch.Mark(gradient.AsType(dtype));
        return narrow.WithShapeInPlace(shape);
    }
}

/// <summary>1 / sqrt(variance + eps) of x, whose mean and variance are known.</summary>
internal sealed class InverseDeviation(double eps, NDArray mean, NDArray variance, Shape factors) : FunctionNode
{
    private static readonly Elementwise s_inverse = Elementwise.Of((v, eps) => Expr.Rsqrt(v + eps), "InverseDeviation");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0);
        RetainOutputs(0);
        return [s_inverse.Compute(variance, eps)];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable x = GetRetainedInput(0);
        Variable inverse = GetRetainedOutput(0);
        Variable xHat = new Normalization("Normalization", eps, mean.Shape, factors).ApplySingle(x);
        double m = (double)x.Size / mean.Size;
        return [-gradOutputs[0]! * inverse * inverse / m * xHat];
    }
}
