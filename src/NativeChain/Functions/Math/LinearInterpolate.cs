namespace NativeChain;

public static partial class F
{
    private static Elementwise LinearInterpolateElementwise => field ??=
        Elementwise.Of((p, x, y) => (p * x) + ((1 - p) * y), "LinearInterpolate").Taking(TypeRule.FloatingSameShape, "p", "x", "y");

    /// <summary>The point between x and y that p says, element by element: p x + (1 - p) y.</summary>
    /// <param name="p">The weights of <paramref name="x"/>, of any shape; floating point.</param>
    /// <param name="x">An array of the same shape and dtype: the result where p is 1.</param>
    /// <param name="y">An array of the same shape and dtype: the result where p is 0.</param>
    /// <returns>An array of that shape and dtype.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    public static Variable LinearInterpolate(Variable p, Variable x, Variable y) => LinearInterpolateElementwise.Apply(p, x, y);
}
