namespace NativeChain;

public static partial class F
{
    private static Elementwise SoftplusElementwise => field ??=
        Elementwise.Of((x, beta) => Expr.Softplus(beta * x) / beta, "Softplus")
            .WithGradient((x, y, gy) => [gy[0] * Expr.Sigmoid(x[1] * x[0]), default])
            .Taking(TypeRule.Floating, "x", "beta");

    /// <summary>A smooth form of the rectified linear unit.</summary>
    /// <remarks>y = log(1 + exp(beta * x)) / beta, which does not overflow.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="beta">How sharp the bend at 0 is.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Softplus(Variable x, double beta = 1) => SoftplusElementwise.Apply(x, beta);
}
