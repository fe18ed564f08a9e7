namespace NativeChain;

public static partial class F
{
    // 2^-25, half of what uniform numbers of float32 are apart, stands in for 0.
    private static Elementwise GumbelElementwise => field ??=
        Elementwise.Of(u => -Expr.Log(-Expr.Log(Expr.Maximum(u, 1.0 / (1 << 25)))), "GumbelSoftmax");

    private static Elementwise TemperedElementwise => field ??=
        Elementwise.Of((x, noise, tau) => (x + noise) / tau, "GumbelSoftmax").Taking(TypeRule.Floating, "logPi", "noise", "tau");

    /// <summary>Soft samples of categorical distributions, through which gradients reach the probabilities: nearly one-hot for small <paramref name="tau"/>.</summary>
    /// <remarks>
    /// y = softmax((logPi + g) / tau), with g of the standard Gumbel distribution. See E. Jang, S. Gu, B. Poole: Categorical Reparameterization with
    /// Gumbel-Softmax, https://arxiv.org/abs/1611.01144.
    /// </remarks>
    /// <param name="logPi">The logarithms of the probabilities, not necessarily normalized, of any shape with that axis; floating point.</param>
    /// <param name="tau">The temperature: greater than 0.</param>
    /// <param name="axis">The axis of the categories.</param>
    /// <returns>An array of the shape and dtype of <paramref name="logPi"/>; of a 0-d one 1, its one category.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="logPi"/> is not floating point, or lacks the axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="tau"/> is not greater than 0.</exception>
    public static Variable GumbelSoftmax(Variable logPi, double tau = 0.1, int axis = 1)
    {
        ArgumentNullException.ThrowIfNull(logPi);
        if (!(tau > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "GumbelSoftmax: tau must be greater than 0");
        }

        TypeCheck.Floating("GumbelSoftmax", "logPi", logPi.Array);
        if (logPi.NDim == 0)
        {
            return NDArray.OnesLike(logPi.Array);
        }

        // Drawn in float32 at least: float16 would leave the tail out.
        DType drawn = logPi.DType == DType.Float64 ? DType.Float64 : DType.Float32;
        NDArray uniform = NDArray.Random.Uniform(0, 1, logPi.Shape, drawn, logPi.Device);
        return Softmax(TemperedElementwise.Apply(logPi, GumbelElementwise.Compute(uniform).AsType(logPi.DType, copy: false), tau), axis);
    }
}
