namespace NativeChain;

public static partial class F
{
    private static Elementwise TanhElementwise => field ??=
        Elementwise.Of(x => Expr.Tanh(x), "Tanh").Taking(TypeRule.Floating, "x");

    /// <summary>The hyperbolic tangent of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Tanh(Variable x) => TanhElementwise.Apply(x);
}
