namespace NativeChain;

// Functions of each element. Two operands are arrays or numbers, broadcast and promoted as operators do. What has no whole
// numbers as results gives float64 of bools and integers.
public sealed partial class NDArray
{
    private static readonly Elementwise s_clip = Elementwise.Of((x, low, high) => Expr.Clip(x, low, high));

    private static readonly Elementwise s_roundDecimals = Elementwise.Of((x, power) => Expr.Round(x * power) / power);

    private static readonly Elementwise s_roundTens = Elementwise.Of((x, power) => Expr.Round(x / power) * power);

    private static readonly Elementwise s_isClose = Elementwise.Of(IsClose);

    private static readonly Elementwise s_isCloseOrNaN = Elementwise.Of(
        (a, b, rtol, atol) => Expr.Or(IsClose(a, b, rtol, atol), Expr.And(Expr.IsNaN(a), Expr.IsNaN(b))));

    private static readonly Elementwise s_differsOrIsNaN = Elementwise.Of(
        (a, b) => Expr.And(Expr.NotEqual(a, b), Expr.Not(Expr.And(Expr.IsNaN(a), Expr.IsNaN(b)))));

    /// <summary>Whether both are equal; bool, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray Equal(Operand a, Operand b) => Ops.Equal.Compute(a, b);

    /// <summary>Whether they differ; bool, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray NotEqual(Operand a, Operand b) => Ops.NotEqual.Compute(a, b);

    /// <summary>Whether both are not 0; bool, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray LogicalAnd(Operand a, Operand b) => Ops.LogicalAnd.Compute(a, b);

    /// <summary>Whether one or both are not 0; bool, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray LogicalOr(Operand a, Operand b) => Ops.LogicalOr.Compute(a, b);

    /// <summary>Whether just one is not 0; bool, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray LogicalXor(Operand a, Operand b) => Ops.LogicalXor.Compute(a, b);

    /// <summary>Whether it is 0; bool, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray LogicalNot(NDArray x) => Ops.LogicalNot.Compute(x);

    /// <summary>The greater; NaN if either is NaN, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray Maximum(Operand a, Operand b) => Ops.Maximum.Compute(a, b);

    /// <summary>The less; NaN if either is NaN, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray Minimum(Operand a, Operand b) => Ops.Minimum.Compute(a, b);

    /// <summary>The quotient rounded down; 0 for an integer divisor of 0, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray FloorDivide(Operand a, Operand b) => Ops.FloorDivide.Compute(a, b);

    /// <summary>a to the power of b, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number. In an array of integers a negative one gives 0, but for bases 1 and -1.</param>
    /// <exception cref="ArgumentException">An integer array with a negative C# integer as exponent, shapes that do not broadcast, or different devices.</exception>
    public static NDArray Pow(Operand a, Operand b)
    {
        if (b.IsNumber && b.Type == OperandType.WeakInteger && b.Number.I64 < 0
            && !a.IsNumber && !a.ToArray("NDArray.Pow", 0)._dtype.IsFloating())
        {
            throw new ArgumentException("NDArray.Pow: integers have no negative integer powers; a double as exponent gives float64.", nameof(b));
        }

        return Ops.Power.Compute(a, b);
    }

    /// <summary>The elements of a where the condition is not 0, else those of b.</summary>
    /// <param name="condition">An array or a number.</param>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">An array or a number.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray Where(Operand condition, Operand a, Operand b) => Ops.Where.Compute(condition, a, b);

    /// <summary>The coordinates of the elements that are not 0, in C order: one int64 array for each axis, as <see cref="Nonzero()"/>.</summary>
    /// <param name="condition">At least one axis.</param>
    /// <exception cref="ArgumentException">A 0-d array.</exception>
    public static NDArray[] Where(NDArray condition) => Guard.NotNull(condition).Nonzero();

    /// <summary>The nearest number to each element from an interval; NaN stays.</summary>
    /// <param name="min">The least, an array or a number; none by default.</param>
    /// <param name="max">The greatest, an array or a number; none by default. Where it is less than the least, it counts.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number that an integer dtype cannot hold.</exception>
    public NDArray Clip(Operand? min = null, Operand? max = null) => (min, max) switch
    {
        ({ } low, { } high) => s_clip.Compute(this, low, high),
        ({ } low, null) => Ops.Maximum.Compute([this, low]),
        (null, { } high) => Ops.Minimum.Compute([this, high]),
        _ => Copy(),
    };

    /// <summary>As <see cref="Clip(Operand?, Operand?)"/>.</summary>
    /// <inheritdoc cref="Clip(Operand?, Operand?)"/>
    public static NDArray Clip(NDArray x, Operand? min = null, Operand? max = null) => Guard.NotNull(x).Clip(min, max);

    /// <summary>Whether two arrays have one shape and equal elements.</summary>
    /// <param name="a">An array.</param>
    /// <param name="b">Another.</param>
    /// <param name="equalNaN">Whether NaN is equal to NaN.</param>
    /// <exception cref="ArgumentException">Different devices.</exception>
    public static bool ArrayEqual(NDArray a, NDArray b, bool equalNaN = false)
    {
        Guard.NotNull(a);
        Guard.NotNull(b);
        return a._shape == b._shape
            && (equalNaN ? s_differsOrIsNaN : Ops.NotEqual).Reduce(Reduction.Sum, default, false, a, b).Item<long>() == 0;
    }

    /// <summary>Whether |a - b| is at most atol + rtol |b|, or both are the same infinity; bool, elementwise.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">What it should be: an array or a number.</param>
    /// <param name="rtol">The tolerance relative to b.</param>
    /// <param name="atol">The absolute tolerance.</param>
    /// <param name="equalNaN">Whether NaN is close to NaN.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray IsClose(Operand a, Operand b, double rtol = 1e-5, double atol = 1e-8, bool equalNaN = false) =>
        (equalNaN ? s_isCloseOrNaN : s_isClose).Compute(a, b, rtol, atol);

    /// <summary>Whether <see cref="IsClose(Operand, Operand, double, double, bool)"/> is true of all elements.</summary>
    /// <param name="a">An array or a number.</param>
    /// <param name="b">What it should be: an array or a number.</param>
    /// <param name="rtol">The tolerance relative to b.</param>
    /// <param name="atol">The absolute tolerance.</param>
    /// <param name="equalNaN">Whether NaN is close to NaN.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static bool AllClose(Operand a, Operand b, double rtol = 1e-5, double atol = 1e-8, bool equalNaN = false) =>
        (equalNaN ? s_isCloseOrNaN : s_isClose).Reduce(Reduction.Prod, default, false, a, b, rtol, atol).Item<bool>();

    /// <summary>The absolute value, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Abs(NDArray x) => Ops.Absolute.Compute(x);

    /// <summary>-1, 0 or 1; NaN stays, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Sign(NDArray x) => Ops.Sign.Compute(x);

    /// <summary>The square, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Square(NDArray x) => Ops.Square.Compute(x);

    /// <summary>The square root, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Sqrt(NDArray x) => Ops.Sqrt.Compute(x);

    /// <summary>e to the power of x, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Exp(NDArray x) => Ops.Exp.Compute(x);

    /// <summary>exp(x) - 1, exact near 0, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Expm1(NDArray x) => Ops.Expm1.Compute(x);

    /// <summary>The natural logarithm, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Log(NDArray x) => Ops.Log.Compute(x);

    /// <summary>The logarithm to base 2, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Log2(NDArray x) => Ops.Log2.Compute(x);

    /// <summary>The logarithm to base 10, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Log10(NDArray x) => Ops.Log10.Compute(x);

    /// <summary>log(1 + x), exact near 0, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Log1p(NDArray x) => Ops.Log1p.Compute(x);

    /// <summary>The sine, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Sin(NDArray x) => Ops.Sin.Compute(x);

    /// <summary>The cosine, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Cos(NDArray x) => Ops.Cos.Compute(x);

    /// <summary>The tangent, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Tan(NDArray x) => Ops.Tan.Compute(x);

    /// <summary>The angle in radians, from -pi/2 to pi/2, whose sine it is, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Asin(NDArray x) => Ops.Asin.Compute(x);

    /// <summary>The angle in radians, from 0 to pi, whose cosine it is, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Acos(NDArray x) => Ops.Acos.Compute(x);

    /// <summary>The angle in radians, from -pi/2 to pi/2, whose tangent it is, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Atan(NDArray x) => Ops.Atan.Compute(x);

    /// <summary>The hyperbolic sine, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Sinh(NDArray x) => Ops.Sinh.Compute(x);

    /// <summary>The hyperbolic cosine, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Cosh(NDArray x) => Ops.Cosh.Compute(x);

    /// <summary>The hyperbolic tangent, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Tanh(NDArray x) => Ops.Tanh.Compute(x);

    /// <summary>The inverse of the hyperbolic sine, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Asinh(NDArray x) => Ops.Asinh.Compute(x);

    /// <summary>The inverse of the hyperbolic cosine, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Acosh(NDArray x) => Ops.Acosh.Compute(x);

    /// <summary>The inverse of the hyperbolic tangent, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Atanh(NDArray x) => Ops.Atanh.Compute(x);

    /// <summary>The angle in radians, from -pi to pi, of the point (b, a), elementwise; float64 of bools and integers.</summary>
    /// <param name="a">An array or a number: the point's y.</param>
    /// <param name="b">An array or a number: the point's x.</param>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, or different devices.</exception>
    public static NDArray Atan2(Operand a, Operand b) => Ops.Atan2.Compute(a, b);

    /// <summary>2 to the power of x, elementwise; float64 of bools and integers.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Exp2(NDArray x) => Ops.Exp2.Compute(x);

    /// <summary>Rounded down, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Floor(NDArray x) => Ops.Floor.Compute(x);

    /// <summary>Rounded up, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Ceil(NDArray x) => Ops.Ceil.Compute(x);

    /// <summary>Rounded to the nearest whole number, or to a number of decimals, ties to even, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="decimals">How many digits behind the point stay; negative ones count those before it that go.</param>
    /// <remarks>As in NumPy, decimals are rounded by rounding x times a power of ten, which is exact to a few units in the last place.</remarks>
    public static NDArray Round(NDArray x, int decimals = 0)
    {
        if (decimals == 0)
        {
            return Ops.Round.Compute(x);
        }

        double power = Math.Pow(10, Math.Abs((double)decimals));
        if (Guard.NotNull(x)._dtype.IsFloating())
        {
            return (decimals > 0 ? s_roundDecimals : s_roundTens).Compute(x, power);
        }

        return decimals > 0 ? x.Copy() : s_roundTens.Compute(x, power).AsType(x._dtype);
    }

    /// <summary>Rounded towards 0, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray Trunc(NDArray x) => Ops.Trunc.Compute(x);

    /// <summary>Whether it is NaN; bool, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray IsNaN(NDArray x) => Ops.IsNaN.Compute(x);

    /// <summary>Whether it is infinite; bool, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray IsInf(NDArray x) => Ops.IsInf.Compute(x);

    /// <summary>Whether it is neither infinite nor NaN; bool, elementwise.</summary>
    /// <param name="x">Any shape.</param>
    public static NDArray IsFinite(NDArray x) => Ops.IsFinite.Compute(x);

    // An infinite b would make every tolerance infinite.
    private static Expr IsClose(Expr a, Expr b, Expr rtol, Expr atol) => Expr.Or(
        Expr.Equal(a, b), Expr.And(Expr.IsFinite(b), Expr.Abs(a - b) <= atol + (rtol * Expr.Abs(b))));
}
