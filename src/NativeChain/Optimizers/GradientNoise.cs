namespace NativeChain.Optimizers;

/// <summary>Makes the noise that <see cref="GradientNoise"/> adds to one gradient.</summary>
/// <param name="shape">Shape of the gradient.</param>
/// <param name="dtype">Its dtype.</param>
/// <param name="device">Its device.</param>
/// <param name="hook">The hook.</param>
/// <param name="rule">The parameter's update rule, which knows how many updates there were.</param>
/// <returns>An array of that shape, dtype and device.</returns>
public delegate NDArray NoiseFunction(Shape shape, DType dtype, Device device, GradientNoise hook, UpdateRule? rule);

/// <summary>Optimizer hook that adds noise to each gradient, before the update: by default normal noise of variance eta / (1 + t)^0.55, t updates on.</summary>
/// <remarks>Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks, 2015; they take an eta of 0.01, 0.3 or 1.</remarks>
/// <param name="eta">Scale of the variance.</param>
/// <param name="noiseFunc">What makes the noise; null for the decaying normal noise, from <see cref="NDArray.Random"/>.</param>
public sealed class GradientNoise(double eta, NoiseFunction? noiseFunc = null) : OptimizerHook
{
    private readonly NoiseFunction _noiseFunc = noiseFunc ?? DecayingNoise;

    /// <summary>Scale of the variance.</summary>
    public double Eta { get; set; } = eta;

    /// <inheritdoc/>
    public override void Call(UpdateRule? rule, Parameter param)
    {
        ArgumentNullException.ThrowIfNull(param);
        if (param.Grad is { } grad)
        {
            param.Grad = grad + _noiseFunc(grad.Shape, grad.DType, grad.Device, this, rule);
        }
    }

    private static NDArray DecayingNoise(Shape shape, DType dtype, Device device, GradientNoise hook, UpdateRule? rule) =>
        NDArray.Random.Normal(0, Math.Sqrt(hook.Eta / Math.Pow(1 + (rule?.T ?? 0), 0.55)), shape, dtype, device);
}
