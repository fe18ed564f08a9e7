namespace NativeChain.Optimizers;

/// <summary><see cref="AdaBound"/> whose divisor is the largest second moment so far, as that of <see cref="AMSGrad"/>.</summary>
/// <remarks>Luo, Xiong, Liu and Sun, Adaptive Gradient Methods with Dynamic Bound of Learning Rate, 2019.</remarks>
/// <param name="alpha">Step size.</param>
/// <param name="beta1">Decay of the first moment m.</param>
/// <param name="beta2">Decay of the second moment v.</param>
/// <param name="finalLr">What the bounds of the step size close in on.</param>
/// <param name="gamma">How fast the bounds close in.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="eta">Schedule multiplier: scales step and weight decay.</param>
public sealed class AMSBound(
    double alpha = 0.001, double beta1 = 0.9, double beta2 = 0.999, double finalLr = 0.1, double gamma = 1e-3, double eps = 1e-8, double eta = 1.0)
    : Adam(alpha, beta1, beta2, eps, eta, amsgrad: true, adabound: true, finalLr: finalLr, gamma: gamma);
