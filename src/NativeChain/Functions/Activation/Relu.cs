namespace NativeChain;

public static partial class F
{
    // The gradient reads y, so x need not be kept.
    private static Elementwise ReluElementwise => field ??= Elementwise.Of(x => Expr.Maximum(x, 0), "Relu")
        .WithGradient((x, y, gy) => Expr.Select(y > 0, gy, 0))
        .Taking(TypeRule.Floating, "x");

    /// <summary>The rectified linear unit: negative elements become 0.</summary>
    /// <remarks>y = max(x, 0). The gradient at 0 is 0.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Relu(Variable x) => ReluElementwise.Apply(x);
}
