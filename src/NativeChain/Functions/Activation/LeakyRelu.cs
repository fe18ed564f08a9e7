namespace NativeChain;

public static partial class F
{
    private static Elementwise LeakyReluElementwise => field ??=
        Elementwise.Of((x, slope) => Expr.Select(x > 0, x, slope * x), "LeakyRelu").Taking(TypeRule.Floating, "x", "slope");

    /// <summary>The leaky rectified linear unit: negative elements are scaled down.</summary>
    /// <remarks>y = x for x > 0, else slope * x. The gradient at 0 is the slope.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="slope">The factor of negative elements.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable LeakyRelu(Variable x, double slope = 0.2) => LeakyReluElementwise.Apply(x, slope);
}
