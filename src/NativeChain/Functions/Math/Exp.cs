namespace NativeChain;

public static partial class F
{
    private static Elementwise ExpElementwise => field ??=
        Elementwise.Of(x => Expr.Exp(x), "Exp").Taking(TypeRule.Floating, "x");

    private static Elementwise Expm1Elementwise => field ??=
        Elementwise.Of(x => Expr.Expm1(x), "Expm1")
            .WithGradient((x, y, gy) => gy * Expr.Exp(x))
            .Taking(TypeRule.Floating, "x");

    /// <summary>e to the power of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Exp(Variable x) => ExpElementwise.Apply(x);

    /// <summary>e to the power of each element, minus 1, exact for elements near 0.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Expm1(Variable x) => Expm1Elementwise.Apply(x);
}
