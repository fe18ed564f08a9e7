namespace NativeChain;

public static partial class F
{
    private static Elementwise FModElementwise => field ??=
        Elementwise.Of((x, divisor) => Expr.FMod(x, divisor), "FMod").Taking(TypeRule.Floating, "x", "divisor");

    /// <summary>The remainder of each division, with the sign of the dividend, as C's fmod.</summary>
    /// <remarks>y = x - trunc(x / divisor) * divisor, without the rounding of the quotient.</remarks>
    /// <param name="x">The dividends, of any shape; floating point.</param>
    /// <param name="divisor">The divisors, of the same dtype, of a shape that broadcasts with that of <paramref name="x"/>.</param>
    /// <returns>An array of the shape that both broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable FMod(Variable x, Variable divisor) => FModElementwise.Apply(x, divisor);
}
