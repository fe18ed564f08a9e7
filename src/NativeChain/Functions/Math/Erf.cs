namespace NativeChain;

public static partial class F
{
    private static Elementwise ErfElementwise => field ??=
        Elementwise.Of(x => Expr.Erf(x), "Erf").Taking(TypeRule.Floating, "x");

    private static Elementwise ErfcElementwise => field ??=
        Elementwise.Of(x => Expr.Erfc(x), "Erfc").Taking(TypeRule.Floating, "x");

    private static Elementwise NdtrElementwise => field ??=
        Elementwise.Of(x => 0.5 * Expr.Erfc(x * -0.7071067811865476), "Ndtr")
            .WithGradient((x, y, gy) => gy * (0.3989422804014327 * Expr.Exp(-0.5 * Expr.Square(x))))
            .Taking(TypeRule.Floating, "x");

    private static Elementwise ErfcxElementwise => field ??=
        Elementwise.Of(x => SpecialExpr.Erfcx(x), "Erfcx")
            .WithGradient((x, y, gy) => gy * SpecialExpr.ErfcxDerivative(x, y))
            .Taking(TypeRule.Floating, "x");

    private static Elementwise ErfinvElementwise => field ??=
        Elementwise.Of(x => SpecialExpr.InverseErf(x, 1 - Expr.Abs(x)), "Erfinv")
            .WithGradient((x, y, gy) => gy * (0.886226925452758 * Expr.Exp(Expr.Square(y))))
            .Taking(TypeRule.Floating, "x");

    private static Elementwise ErfcinvElementwise => field ??=
        Elementwise.Of(x => SpecialExpr.InverseErf(1 - x, Expr.Minimum(x, 2 - x)), "Erfcinv")
            .WithGradient((x, y, gy) => gy * (-0.886226925452758 * Expr.Exp(Expr.Square(y))))
            .Taking(TypeRule.Floating, "x");

    private static Elementwise LogNdtrElementwise => field ??=
        Elementwise.Of(x => SpecialExpr.LogNdtr(x), "LogNdtr")
            .WithGradient((x, y, gy) => gy * SpecialExpr.LogNdtrDerivative(x))
            .Taking(TypeRule.Floating, "x");

    private static Elementwise NdtriElementwise => field ??=
        Elementwise.Of(x => -1.4142135623730951 * SpecialExpr.InverseErf(1 - (2 * x), 2 * Expr.Minimum(x, 1 - x)), "Ndtri")
            .WithGradient((x, y, gy) => gy * (2.5066282746310002 * Expr.Exp(0.5 * Expr.Square(y))))
            .Taking(TypeRule.Floating, "x");

    /// <summary>The error function of each element: 2/√π times the integral of exp(-t²) from 0 to x.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Erf(Variable x) => ErfElementwise.Apply(x);

    /// <summary>The complementary error function of each element, 1 - erf(x), exact for large elements too.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Erfc(Variable x) => ErfcElementwise.Apply(x);

    /// <summary>The cumulative distribution function of the standard normal distribution.</summary>
    /// <remarks>y = erfc(-x / √2) / 2.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Ndtr(Variable x) => NdtrElementwise.Apply(x);

    /// <summary>The scaled complementary error function of each element, exp(x²) <see cref="Erfc"/>(x), which neither over- nor underflows for large ones.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Erfcx(Variable x) => ErfcxElementwise.Apply(x);

    /// <summary>The inverse of <see cref="Erf"/> of each element.</summary>
    /// <remarks>-1 and 1 give infinities, elements outside [-1, 1] NaN.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Erfinv(Variable x) => ErfinvElementwise.Apply(x);

    /// <summary>The inverse of <see cref="Erfc"/> of each element, exact for elements near 0.</summary>
    /// <remarks>0 and 2 give infinities, elements outside [0, 2] NaN.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Erfcinv(Variable x) => ErfcinvElementwise.Apply(x);

    /// <summary>The logarithm of <see cref="Ndtr"/> of each element, exact for elements far below 0.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable LogNdtr(Variable x) => LogNdtrElementwise.Apply(x);

    /// <summary>The inverse of <see cref="Ndtr"/> of each element, exact for elements near 0.</summary>
    /// <remarks>0 and 1 give infinities, elements outside [0, 1] NaN.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Ndtri(Variable x) => NdtriElementwise.Apply(x);
}
