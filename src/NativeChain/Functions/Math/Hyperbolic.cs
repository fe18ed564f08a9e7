namespace NativeChain;

public static partial class F
{
    private static Elementwise SinhElementwise => field ??=
        Elementwise.Of(x => Expr.Sinh(x), "Sinh").Taking(TypeRule.Floating, "x");

    private static Elementwise CoshElementwise => field ??=
        Elementwise.Of(x => Expr.Cosh(x), "Cosh").Taking(TypeRule.Floating, "x");

    private static Elementwise ArctanhElementwise => field ??=
        Elementwise.Of(x => Expr.Atanh(x), "Arctanh").Taking(TypeRule.Floating, "x");

    /// <summary>The hyperbolic sine of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Sinh(Variable x) => SinhElementwise.Apply(x);

    /// <summary>The hyperbolic cosine of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Cosh(Variable x) => CoshElementwise.Apply(x);

    /// <summary>The inverse hyperbolic tangent of each element.</summary>
    /// <remarks>Elements outside [-1, 1] give NaN; -1 and 1 give infinities.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Arctanh(Variable x) => ArctanhElementwise.Apply(x);
}
