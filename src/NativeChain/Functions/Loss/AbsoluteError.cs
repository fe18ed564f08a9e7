namespace NativeChain;

public static partial class F
{
    private static Elementwise AbsoluteErrorElementwise => field ??=
        Elementwise.Of((x0, x1) => Expr.Abs(x0 - x1), "AbsoluteError").Taking(TypeRule.FloatingSameShape, "x0", "x1");

    private static Elementwise SquaredErrorElementwise => field ??=
        Elementwise.Of((x0, x1) => Expr.Square(x0 - x1), "SquaredError").Taking(TypeRule.FloatingSameShape, "x0", "x1");

    /// <summary>The absolute difference of each two elements.</summary>
    /// <remarks>The gradient where both are equal is 0.</remarks>
    /// <param name="x0">An array of any shape; floating point.</param>
    /// <param name="x1">An array of the same shape and dtype.</param>
    /// <returns>An array of this shape and dtype.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static Variable AbsoluteError(Variable x0, Variable x1) => AbsoluteErrorElementwise.Apply(x0, x1);

    /// <summary>The square of the difference of each two elements.</summary>
    /// <param name="x0">An array of any shape; floating point.</param>
    /// <param name="x1">An array of the same shape and dtype.</param>
    /// <returns>An array of this shape and dtype.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static Variable SquaredError(Variable x0, Variable x1) => SquaredErrorElementwise.Apply(x0, x1);
}
