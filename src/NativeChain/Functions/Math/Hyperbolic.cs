namespace NativeChain;

public static partial class F
{
    private static readonly Elementwise s_sinh =
        Elementwise.Of(x => Expr.Sinh(x), "Sinh").Taking(TypeRule.Floating, "x");

    private static readonly Elementwise s_cosh =
        Elementwise.Of(x => Expr.Cosh(x), "Cosh").Taking(TypeRule.Floating, "x");

    private static readonly Elementwise s_arctanh =
        Elementwise.Of(x => Expr.Atanh(x), "Arctanh").Taking(TypeRule.Floating, "x");

    /// <summary>The hyperbolic sine of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Sinh(Variable x) => s_sinh.Apply(x);

    /// <summary>The hyperbolic cosine of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Cosh(Variable x) => s_cosh.Apply(x);

    /// <summary>The inverse hyperbolic tangent of each element.</summary>
    /// <remarks>Elements outside [-1, 1] give NaN; -1 and 1 give infinities.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Arctanh(Variable x) => s_arctanh.Apply(x);
}
