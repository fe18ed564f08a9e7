namespace NativeChain;

public static partial class F
{
    // Of x and the sum of squares s. Where s is 0, so is x: what s adds to the gradient there is 0, not infinite.
    private static Elementwise NormalizeElementwise => field ??= Elementwise.Of(
        (x, s, eps) => x / (Expr.Select(s > 0, Expr.Sqrt(s), s) + eps), "Normalize");

    /// <summary>Divides by the Euclidean norm along axes, plus eps.</summary>
    /// <remarks>The gradient of elements that are all 0 is that of x / eps.</remarks>
    /// <param name="x">An array of any shape that has the axes; floating point.</param>
    /// <param name="eps">What is added to the norm.</param>
    /// <param name="axis">The axes along which the norm is taken; 1 by default.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks an axis.</exception>
    /// <exception cref="ArgumentException">An axis is named twice.</exception>
    public static Variable Normalize(Variable x, double eps = 1e-5, Axes? axis = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.Floating("Normalize", "x", x.Array);
        Axes axes = axis ?? 1;
        TypeCheck.Axes("Normalize", "x", x.Array, axes);
        return NormalizeElementwise.Apply(x, Sum(Square(x), axes, keepDims: true), eps);
    }
}
