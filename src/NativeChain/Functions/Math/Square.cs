namespace NativeChain;

public static partial class F
{
    private static Elementwise SquareElementwise => field ??=
        Elementwise.Of(x => Expr.Square(x), "Square").Taking(TypeRule.Floating, "x");

    /// <summary>The square of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Square(Variable x) => SquareElementwise.Apply(x);
}
