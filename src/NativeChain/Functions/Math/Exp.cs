namespace NativeChain;

public static partial class F
{
    private static readonly Elementwise s_exp =
        Elementwise.Of(x => Expr.Exp(x), "Exp").Taking(TypeRule.Floating, "x");

    /// <summary>e to the power of each element.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Exp(Variable x) => s_exp.Apply(x);
}
