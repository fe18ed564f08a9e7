namespace NativeChain.Optimizers;

/// <summary><see cref="Adam"/> whose divisor is the largest second moment so far.</summary>
/// <remarks>Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, 2018.</remarks>
/// <param name="alpha">Step size.</param>
/// <param name="beta1">Decay of the first moment m.</param>
/// <param name="beta2">Decay of the second moment v.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="eta">Schedule multiplier: scales step and weight decay.</param>
public sealed class AMSGrad(
    double alpha = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double eta = 1.0)
    : Adam(alpha, beta1, beta2, eps, eta, amsgrad: true);
