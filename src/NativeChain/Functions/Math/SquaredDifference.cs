namespace NativeChain;

public static partial class F
{
    private static Elementwise SquaredDifferenceElementwise => field ??=
        Elementwise.Of((x1, x2) => Expr.Square(x1 - x2), "SquaredDifference").Taking(TypeRule.FloatingSameShape, "x1", "x2");

    /// <summary>The square of the difference of each two elements.</summary>
    /// <param name="x1">An array of any shape; floating point.</param>
    /// <param name="x2">An array of the same shape and dtype.</param>
    /// <returns>An array of that shape and dtype.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static Variable SquaredDifference(Variable x1, Variable x2) => SquaredDifferenceElementwise.Apply(x1, x2);
}
