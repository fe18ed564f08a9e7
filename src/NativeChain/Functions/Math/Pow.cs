namespace NativeChain;

public static partial class F
{
    private static readonly Elementwise s_pow = Ops.Power.Taking(TypeRule.Floating, "x", "y");
    private static readonly Elementwise s_cube = Elementwise.Of(x => Expr.Pow(x, 3), "Pow").Taking(TypeRule.Floating, "x");

    /// <summary>x to the power of y.</summary>
    /// <remarks>The gradient at y is 0 where x is 0 and y is not negative.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="y">An array of the same dtype, of a shape that broadcasts with the first.</param>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable Pow(Variable x, Variable y) => s_pow.Apply(x, y);

    /// <summary>x to the power of a number.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="y">The exponent, which has no gradient.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Pow(Variable x, double y) => y switch
    {
        2 => s_square.Apply(x),
        3 => s_cube.Apply(x),
        _ => s_pow.Apply(x, y),
    };

    /// <summary>A number to the power of y.</summary>
    /// <param name="x">The base, which has no gradient.</param>
    /// <param name="y">An array of any shape; floating point.</param>
    /// <exception cref="InvalidTypeException"><paramref name="y"/> is not floating point.</exception>
    public static Variable Pow(double x, Variable y) => s_pow.Apply(x, y);

    /// <summary>x to the power of an array, which is cast to the dtype of x and has no gradient.</summary>
    /// <inheritdoc cref="Pow(Variable, Variable)"/>
    public static Variable Pow(Variable x, NDArray y) => s_pow.Apply(x, Variable.Constant(y, x));

    /// <summary>An array, which is cast to the dtype of y and has no gradient, to the power of y.</summary>
    /// <inheritdoc cref="Pow(Variable, Variable)"/>
    public static Variable Pow(NDArray x, Variable y) => s_pow.Apply(Variable.Constant(x, y), y);
}
