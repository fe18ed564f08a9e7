namespace NativeChain;

public static partial class F
{
    private static Elementwise MeanAbsoluteErrorElementwise => field ??=
        Elementwise.Of((x0, x1, scale) => Expr.Abs(x0 - x1) * scale, "MeanAbsoluteError")
            .Taking(TypeRule.FloatingSameShape, "x0", "x1", "scale");

    /// <summary>The mean of the absolute differences of all elements.</summary>
    /// <remarks>loss = sum(|x0 - x1|) / size, in one pass. The gradient where both are equal is 0. Empty arrays give NaN.</remarks>
    /// <param name="x0">An array of any shape; floating point.</param>
    /// <param name="x1">An array of the same shape and dtype.</param>
    /// <returns>A 0-d array.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static Variable MeanAbsoluteError(Variable x0, Variable x1)
    {
        ArgumentNullException.ThrowIfNull(x0);
        ArgumentNullException.ThrowIfNull(x1);
        return MeanOf(MeanAbsoluteErrorElementwise, x0.Shape, x0, x1);
    }

    /// <summary>The sum of a program's results for two arrays, whose third input is 1 / size; NaN of no elements.</summary>
    private static Variable MeanOf(Elementwise function, Shape shape, Variable x0, Variable x1)
    {
        long size = shape.Size;
        Variable loss = function.ApplySum(shape, x0, x1, 1.0 / size);
        return size > 0 ? loss : loss * double.NaN;
    }
}
