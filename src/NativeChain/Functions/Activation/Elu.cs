namespace NativeChain;

public static partial class F
{
    private static Elementwise EluElementwise => field ??=
        Elementwise.Of((x, alpha) => Expr.Select(x > 0, x, alpha * Expr.Expm1(x)), "Elu")
            .WithGradient((x, y, gy) => [gy[0] * Expr.Select(x[0] > 0, 1, x[1] * Expr.Exp(x[0])), default])
            .Taking(TypeRule.Floating, "x", "alpha");

    /// <summary>The exponential linear unit.</summary>
    /// <remarks>
    /// y = x for x > 0, else alpha * (exp(x) - 1). The gradient at 0 is alpha. See D. Clevert, T. Unterthiner, S. Hochreiter: Fast and Accurate Deep
    /// Network Learning by Exponential Linear Units, https://arxiv.org/abs/1511.07289.
    /// </remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="alpha">What large negative elements tend to, negated.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Elu(Variable x, double alpha = 1) => EluElementwise.Apply(x, alpha);
}
