namespace NativeChain;

public static partial class F
{
    private static Elementwise SigmoidElementwise => field ??=
        Elementwise.Of(x => Expr.Sigmoid(x), "Sigmoid").Taking(TypeRule.Floating, "x");

    /// <summary>The logistic sigmoid of each element.</summary>
    /// <remarks>y = 1 / (1 + exp(-x)), which does not overflow.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Sigmoid(Variable x) => SigmoidElementwise.Apply(x);
}
