namespace NativeChain.Optimizers;

/// <summary><see cref="Adam"/> with a weight decay that is not part of the gradient: p ← (1 - eta·weightDecayRate)·p - eta·step.</summary>
/// <remarks>Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019. As in Chainer, the rate of the decay is 0 until it is given.</remarks>
/// <param name="alpha">Step size.</param>
/// <param name="beta1">Decay of the first moment m.</param>
/// <param name="beta2">Decay of the second moment v.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="eta">Schedule multiplier: scales step and weight decay.</param>
/// <param name="weightDecayRate">Rate of the weight decay.</param>
public sealed class AdamW(
    double alpha = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double eta = 1.0, double weightDecayRate = 0)
    : Adam(alpha, beta1, beta2, eps, eta, weightDecayRate);
