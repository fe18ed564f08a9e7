namespace NativeChain;

public static partial class F
{
    private static readonly Elementwise s_erf =
        Elementwise.Of(x => Expr.Erf(x), "Erf").Taking(TypeRule.Floating, "x");

    private static readonly Elementwise s_erfc =
        Elementwise.Of(x => Expr.Erfc(x), "Erfc").Taking(TypeRule.Floating, "x");

    private static readonly Elementwise s_ndtr =
        Elementwise.Of(x => 0.5 * Expr.Erfc(x * -0.7071067811865476), "Ndtr")
            .WithGradient((x, y, gy) => gy * (0.3989422804014327 * Expr.Exp(-0.5 * Expr.Square(x))))
            .Taking(TypeRule.Floating, "x");

    /// <summary>The error function of each element: 2/√π times the integral of exp(-t²) from 0 to x.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Erf(Variable x) => s_erf.Apply(x);

    /// <summary>The complementary error function of each element, 1 - erf(x), exact for large elements too.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Erfc(Variable x) => s_erfc.Apply(x);

    /// <summary>The cumulative distribution function of the standard normal distribution.</summary>
    /// <remarks>y = erfc(-x / √2) / 2.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Ndtr(Variable x) => s_ndtr.Apply(x);
}
