namespace NativeChain;

public static partial class F
{
    private static Elementwise AbsoluteElementwise => field ??=
        Elementwise.Of(x => Expr.Abs(x), "Absolute").Taking(TypeRule.Floating, "x");

    /// <summary>The absolute value of each element.</summary>
    /// <remarks>The gradient at 0 is 0.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Absolute(Variable x) => AbsoluteElementwise.Apply(x);
}
