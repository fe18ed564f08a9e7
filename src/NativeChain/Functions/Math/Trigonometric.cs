namespace NativeChain;

public static partial class F
{
    private static Elementwise SinElementwise => field ??=
        Elementwise.Of(x => Expr.Sin(x), "Sin").Taking(TypeRule.Floating, "x");

    private static Elementwise CosElementwise => field ??=
        Elementwise.Of(x => Expr.Cos(x), "Cos").Taking(TypeRule.Floating, "x");

    private static Elementwise TanElementwise => field ??=
        Elementwise.Of(x => Expr.Tan(x), "Tan").Taking(TypeRule.Floating, "x");

    private static Elementwise ArcsinElementwise => field ??=
        Elementwise.Of(x => Expr.Asin(x), "Arcsin").Taking(TypeRule.Floating, "x");

    private static Elementwise ArccosElementwise => field ??=
        Elementwise.Of(x => Expr.Acos(x), "Arccos").Taking(TypeRule.Floating, "x");

    private static Elementwise ArctanElementwise => field ??=
        Elementwise.Of(x => Expr.Atan(x), "Arctan").Taking(TypeRule.Floating, "x");

    private static Elementwise Arctan2Elementwise => field ??=
        Elementwise.Of((x1, x2) => Expr.Atan2(x1, x2), "Arctan2").Taking(TypeRule.Floating, "x1", "x2");

    /// <summary>The sine of each element, in radians.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Sin(Variable x) => SinElementwise.Apply(x);

    /// <summary>The cosine of each element, in radians.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Cos(Variable x) => CosElementwise.Apply(x);

    /// <summary>The tangent of each element, in radians.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Tan(Variable x) => TanElementwise.Apply(x);

    /// <summary>The inverse sine of each element: -π/2 to π/2.</summary>
    /// <remarks>Elements outside [-1, 1] give NaN; the gradient at -1 and 1 is infinite.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Arcsin(Variable x) => ArcsinElementwise.Apply(x);

    /// <summary>The inverse cosine of each element: 0 to π.</summary>
    /// <remarks>Elements outside [-1, 1] give NaN; the gradient at -1 and 1 is infinite.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Arccos(Variable x) => ArccosElementwise.Apply(x);

    /// <summary>The inverse tangent of each element: -π/2 to π/2.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Arctan(Variable x) => ArctanElementwise.Apply(x);

    /// <summary>The angle of each point (x2, x1), seen from the origin: -π to π.</summary>
    /// <param name="x1">The second coordinates, of any shape; floating point.</param>
    /// <param name="x2">The first coordinates, of the same dtype, of a shape that broadcasts with that of <paramref name="x1"/>.</param>
    /// <returns>An array of the shape that both broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable Arctan2(Variable x1, Variable x2) => Arctan2Elementwise.Apply(x1, x2);
}
