namespace NativeChain;

public static partial class F
{
    private static Elementwise SeluElementwise => field ??=
        Elementwise.Of((x, alpha, scale) => scale * Expr.Select(x > 0, x, alpha * Expr.Expm1(x)), "Selu")
            .WithGradient((x, y, gy) => [gy[0] * x[2] * Expr.Select(x[0] > 0, 1, x[1] * Expr.Exp(x[0])), default, default])
            .Taking(TypeRule.Floating, "x", "alpha", "scale");

    /// <summary>The scaled exponential linear unit, whose defaults keep mean and variance of what passes through a deep network.</summary>
    /// <remarks>
    /// y = scale * <see cref="Elu"/>(x, alpha), in one pass. See G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter: Self-Normalizing Neural Networks,
    /// https://arxiv.org/abs/1706.02515.
    /// </remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="alpha">What large negative elements tend to, negated, before the scale.</param>
    /// <param name="scale">The factor of all elements.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Selu(Variable x, double alpha = 1.6732632423543772, double scale = 1.0507009873554805) =>
        SeluElementwise.Apply(x, alpha, scale);
}
