namespace NativeChain;

public static partial class F
{
    private static Elementwise ClipElementwise => field ??=
        Elementwise.Of((x, low, high) => Expr.Clip(x, low, high), "Clip").Taking(TypeRule.Floating, "x", "xMin", "xMax");

    /// <summary>Limits each element to an interval.</summary>
    /// <remarks>The gradient is 1 inside the interval and at its edges, 0 outside.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="xMin">The least value; null for none.</param>
    /// <param name="xMax">The greatest value; null for none.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    /// <exception cref="ArgumentException">Both limits are null, or <paramref name="xMin"/> is not less than <paramref name="xMax"/>.</exception>
    public static Variable Clip(Variable x, double? xMin, double? xMax)
    {
        if (xMin is null && xMax is null)
        {
            throw new ArgumentException("Clip: xMin and xMax are both null.", nameof(xMin));
        }

        double low = xMin ?? double.NegativeInfinity;
        double high = xMax ?? double.PositiveInfinity;
        return low < high
            ? ClipElementwise.Apply(x, low, high)
            : throw new ArgumentException($"Clip: xMin, {low}, is not less than xMax, {high}.", nameof(xMin));
    }
}
