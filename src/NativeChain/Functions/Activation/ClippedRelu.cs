namespace NativeChain;

public static partial class F
{
    private static Elementwise ClippedReluElementwise => field ??=
        Elementwise.Of((x, z) => Expr.Clip(x, 0, z), "ClippedRelu")
            .WithGradient((x, y, gy) => [Expr.Select(Expr.And(x[0] > 0, x[0] < x[1]), gy[0], 0), default])
            .Taking(TypeRule.Floating, "x", "z");

    /// <summary>The rectified linear unit with an upper limit.</summary>
    /// <remarks>y = min(max(x, 0), z). The gradient at 0 and at <paramref name="z"/> is 0.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="z">The limit: greater than 0.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="z"/> is not greater than 0.</exception>
    public static Variable ClippedRelu(Variable x, double z = 20) => z > 0
        ? ClippedReluElementwise.Apply(x, z)
        : throw new ArgumentOutOfRangeException(nameof(z), z, "ClippedRelu: z must be greater than 0");

    /// <summary>The rectified linear unit with an upper limit of 6.</summary>
    /// <remarks>y = min(max(x, 0), 6). The gradient at 0 and at 6 is 0.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Relu6(Variable x) => ClippedRelu(x, 6);
}
