namespace NativeChain;

public static partial class F
{
    private static Elementwise MaximumElementwise => field ??=
        Elementwise.Of((x1, x2) => Expr.Maximum(x1, x2), "Maximum").Taking(TypeRule.Floating, "x1", "x2");

    /// <summary>The greater of each two elements; NaN if either is.</summary>
    /// <remarks>Where both are equal the whole gradient goes to <paramref name="x1"/>.</remarks>
    /// <param name="x1">An array of any shape; floating point.</param>
    /// <param name="x2">An array of the same dtype, of a shape that broadcasts with the first.</param>
    /// <returns>An array of the shape that both broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable Maximum(Variable x1, Variable x2) => MaximumElementwise.Apply(x1, x2);
}
