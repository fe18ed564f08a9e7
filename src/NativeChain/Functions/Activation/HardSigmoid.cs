namespace NativeChain;

public static partial class F
{
    private static Elementwise HardSigmoidElementwise => field ??=
        Elementwise.Of(x => Expr.Clip((x * 0.2) + 0.5, 0, 1), "HardSigmoid")
            .WithGradient((x, y, gy) => Expr.Select(Expr.Abs(x) < 2.5, gy * 0.2, 0))
            .Taking(TypeRule.Floating, "x");

    /// <summary>The sigmoid, made of three straight lines.</summary>
    /// <remarks>y = min(max(0.2 x + 0.5, 0), 1). The gradient at the bends, -2.5 and 2.5, is 0.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable HardSigmoid(Variable x) => HardSigmoidElementwise.Apply(x);
}
