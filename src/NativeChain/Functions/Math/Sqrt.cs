namespace NativeChain;

public static partial class F
{
    private static Elementwise SqrtElementwise => field ??=
        Elementwise.Of(x => Expr.Sqrt(x), "Sqrt").Taking(TypeRule.Floating, "x");

    private static Elementwise RsqrtElementwise => field ??=
        Elementwise.Of(x => Expr.Rsqrt(x), "Rsqrt").Taking(TypeRule.Floating, "x");

    /// <summary>The square root of each element.</summary>
    /// <remarks>A negative number gives NaN; the gradient at 0 is infinite.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Sqrt(Variable x) => SqrtElementwise.Apply(x);

    /// <summary>1 over the square root of each element.</summary>
    /// <remarks>A negative number gives NaN, 0 infinity.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Rsqrt(Variable x) => RsqrtElementwise.Apply(x);
}
