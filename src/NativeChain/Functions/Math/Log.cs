namespace NativeChain;

public static partial class F
{
    private static Elementwise LogElementwise => field ??=
        Elementwise.Of(x => Expr.Log(x), "Log").Taking(TypeRule.Floating, "x");

    private static Elementwise Log2Elementwise => field ??=
        Elementwise.Of(x => Expr.Log2(x), "Log2").Taking(TypeRule.Floating, "x");

    private static Elementwise Log10Elementwise => field ??=
        Elementwise.Of(x => Expr.Log10(x), "Log10").Taking(TypeRule.Floating, "x");

    private static Elementwise Log1pElementwise => field ??=
        Elementwise.Of(x => Expr.Log1p(x), "Log1p").Taking(TypeRule.Floating, "x");

    /// <summary>The natural logarithm of each element.</summary>
    /// <remarks>0 gives -infinity, a negative number NaN.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Log(Variable x) => LogElementwise.Apply(x);

    /// <summary>The logarithm of each element to base 2.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Log2(Variable x) => Log2Elementwise.Apply(x);

    /// <summary>The logarithm of each element to base 10.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Log10(Variable x) => Log10Elementwise.Apply(x);

    /// <summary>The natural logarithm of 1 + x, exact for elements near 0.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Log1p(Variable x) => Log1pElementwise.Apply(x);
}
