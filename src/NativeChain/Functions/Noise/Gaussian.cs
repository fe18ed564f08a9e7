namespace NativeChain;

public static partial class F
{
    private static Elementwise GaussianElementwise => field ??=
        Elementwise.Of((mean, lnVar, eps) => mean + (Expr.Exp(0.5 * lnVar) * eps), "Gaussian")
            .Taking(TypeRule.FloatingSameShape, "mean", "lnVar", "eps");

    /// <summary>Samples of normal distributions, through which gradients reach mean and variance.</summary>
    /// <remarks>
    /// y = mean + exp(lnVar / 2) * eps, with eps of the standard normal distribution. See D. P. Kingma, M. Welling: Auto-Encoding Variational Bayes,
    /// https://arxiv.org/abs/1312.6114.
    /// </remarks>
    /// <param name="mean">The means, of any shape; floating point.</param>
    /// <param name="lnVar">The logarithms of the variances, of the same shape and dtype.</param>
    /// <param name="eps">The noise to use instead of a random one, of the same shape and dtype.</param>
    /// <returns>An array of that shape and dtype.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static Variable Gaussian(Variable mean, Variable lnVar, NDArray? eps = null)
    {
        ArgumentNullException.ThrowIfNull(mean);
        return GaussianElementwise.Apply(mean, lnVar, eps ?? NDArray.Random.Normal(0, 1, mean.Shape, mean.DType, mean.Device));
    }

    /// <summary>Samples of normal distributions, and the noise that made them.</summary>
    /// <param name="mean">The means, of any shape; floating point.</param>
    /// <param name="lnVar">The logarithms of the variances, of the same shape and dtype.</param>
    /// <param name="returnEps">Whether to return the noise.</param>
    /// <param name="eps">The noise to use instead of a random one, of the same shape and dtype.</param>
    /// <returns>The samples, and the noise; null if it was not asked for.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static (Variable Y, NDArray? Eps) Gaussian(Variable mean, Variable lnVar, bool returnEps, NDArray? eps = null)
    {
        ArgumentNullException.ThrowIfNull(mean);
        eps ??= NDArray.Random.Normal(0, 1, mean.Shape, mean.DType, mean.Device);
        return (Gaussian(mean, lnVar, eps), returnEps ? eps : null);
    }
}
