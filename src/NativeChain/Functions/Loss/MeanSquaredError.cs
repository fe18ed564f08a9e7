namespace NativeChain;

public static partial class F
{
    private static Elementwise MeanSquaredErrorElementwise => field ??=
        Elementwise.Of((x0, x1, scale) => Expr.Square(x0 - x1) * scale, "MeanSquaredError")
            .Taking(TypeRule.FloatingSameShape, "x0", "x1", "scale");

    /// <summary>The mean of the squares of the differences of all elements.</summary>
    /// <remarks>loss = sum((x0 - x1)^2) / size, in one pass. Empty arrays give NaN.</remarks>
    /// <param name="x0">An array of any shape; floating point.</param>
    /// <param name="x1">An array of the same shape and dtype.</param>
    /// <returns>A 0-d array.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static Variable MeanSquaredError(Variable x0, Variable x1)
    {
        ArgumentNullException.ThrowIfNull(x0);
        ArgumentNullException.ThrowIfNull(x1);
        return MeanOf(MeanSquaredErrorElementwise, x0.Shape, x0, x1);
    }
}
