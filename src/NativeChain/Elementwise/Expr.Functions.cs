namespace NativeChain;

/// <summary>The functions of expressions: <c>using static NativeChain.Expr;</c> brings them into scope.</summary>
public readonly partial struct Expr
{
    /// <summary>|x|. Its derivative at 0 is 0.</summary>
    public static Expr Abs(Expr x) => Unary(OpCode.Absolute, x);

    /// <summary>a to the power of b. A constant exponent costs no logarithm, and has no gradient.</summary>
    public static Expr Pow(Expr a, Expr b) => Binary(OpCode.Power, a, b);

    /// <summary>a where the condition is true (not 0), else b. What is not selected does not matter, NaN included, in the gradient too.</summary>
    public static Expr Select(Expr condition, Expr a, Expr b) => new(new ExprNode(OpCode.Select, condition.Node, a.Node, b.Node));

    /// <summary>x, but no less than low and no more than high. The gradient passes at both edges.</summary>
    public static Expr Clip(Expr x, Expr low, Expr high) => Minimum(Maximum(x, low), high);

    /// <summary>e to the power of x.</summary>
    public static Expr Exp(Expr x) => Unary(OpCode.Exp, x);

    /// <summary>2 to the power of x.</summary>
    public static Expr Exp2(Expr x) => Unary(OpCode.Exp2, x);

    /// <summary>exp(x) - 1, exact near 0.</summary>
    public static Expr Expm1(Expr x) => Unary(OpCode.Expm1, x);

    /// <summary>The natural logarithm of x.</summary>
    public static Expr Log(Expr x) => Unary(OpCode.Log, x);

    /// <summary>The logarithm of x to base 2.</summary>
    public static Expr Log2(Expr x) => Unary(OpCode.Log2, x);

    /// <summary>The logarithm of x to base 10.</summary>
    public static Expr Log10(Expr x) => Unary(OpCode.Log10, x);

    /// <summary>log(1 + x), exact near 0.</summary>
    public static Expr Log1p(Expr x) => Unary(OpCode.Log1p, x);

    /// <summary>The square root of x.</summary>
    public static Expr Sqrt(Expr x) => Unary(OpCode.Sqrt, x);

    /// <summary>1 over the square root of x.</summary>
    public static Expr Rsqrt(Expr x) => Unary(OpCode.Rsqrt, x);

    /// <summary>1 / x.</summary>
    public static Expr Reciprocal(Expr x) => Unary(OpCode.Reciprocal, x);

    /// <summary>x * x.</summary>
    public static Expr Square(Expr x) => Unary(OpCode.Square, x);

    /// <summary>The sine of x.</summary>
    public static Expr Sin(Expr x) => Unary(OpCode.Sin, x);

    /// <summary>The cosine of x.</summary>
    public static Expr Cos(Expr x) => Unary(OpCode.Cos, x);

    /// <summary>The tangent of x.</summary>
    public static Expr Tan(Expr x) => Unary(OpCode.Tan, x);

    /// <summary>The inverse sine of x.</summary>
    public static Expr Asin(Expr x) => Unary(OpCode.Asin, x);

    /// <summary>The inverse cosine of x.</summary>
    public static Expr Acos(Expr x) => Unary(OpCode.Acos, x);

    /// <summary>The inverse tangent of x.</summary>
    public static Expr Atan(Expr x) => Unary(OpCode.Atan, x);

    /// <summary>The hyperbolic sine of x.</summary>
    public static Expr Sinh(Expr x) => Unary(OpCode.Sinh, x);

    /// <summary>The hyperbolic cosine of x.</summary>
    public static Expr Cosh(Expr x) => Unary(OpCode.Cosh, x);

    /// <summary>The hyperbolic tangent of x.</summary>
    public static Expr Tanh(Expr x) => Unary(OpCode.Tanh, x);

    /// <summary>The inverse hyperbolic sine of x.</summary>
    public static Expr Asinh(Expr x) => Unary(OpCode.Asinh, x);

    /// <summary>The inverse hyperbolic cosine of x.</summary>
    public static Expr Acosh(Expr x) => Unary(OpCode.Acosh, x);

    /// <summary>The inverse hyperbolic tangent of x.</summary>
    public static Expr Atanh(Expr x) => Unary(OpCode.Atanh, x);

    /// <summary>1 / (1 + exp(-x)), without overflow.</summary>
    public static Expr Sigmoid(Expr x) => Unary(OpCode.Sigmoid, x);

    /// <summary>log(1 + exp(x)), without overflow.</summary>
    public static Expr Softplus(Expr x) => Unary(OpCode.Softplus, x);

    /// <summary>The error function of x.</summary>
    public static Expr Erf(Expr x) => Unary(OpCode.Erf, x);

    /// <summary>1 - erf(x), exact for large x.</summary>
    public static Expr Erfc(Expr x) => Unary(OpCode.Erfc, x);

    /// <summary>x rounded towards minus infinity; its derivative is 0.</summary>
    public static Expr Floor(Expr x) => Unary(OpCode.Floor, x);

    /// <summary>x rounded towards plus infinity; its derivative is 0.</summary>
    public static Expr Ceil(Expr x) => Unary(OpCode.Ceil, x);

    /// <summary>x rounded to the nearest whole number, halves to even; its derivative is 0.</summary>
    public static Expr Round(Expr x) => Unary(OpCode.Round, x);

    /// <summary>x rounded towards 0; its derivative is 0.</summary>
    public static Expr Trunc(Expr x) => Unary(OpCode.Trunc, x);

    /// <summary>-1, 0 or 1; NaN stays. Its derivative is 0.</summary>
    public static Expr Sign(Expr x) => Unary(OpCode.Sign, x);

    /// <summary>1 where x is 0, else 0.</summary>
    public static Expr Not(Expr x) => Unary(OpCode.Not, x);

    /// <summary>1 where x is NaN, else 0.</summary>
    public static Expr IsNaN(Expr x) => Unary(OpCode.IsNaN, x);

    /// <summary>1 where x is infinite, else 0.</summary>
    public static Expr IsInf(Expr x) => Unary(OpCode.IsInf, x);

    /// <summary>1 where x is neither infinite nor NaN, else 0.</summary>
    public static Expr IsFinite(Expr x) => Unary(OpCode.IsFinite, x);

    /// <summary>The greater of a and b, NaN if either is. Where they are equal the whole gradient goes to a.</summary>
    public static Expr Maximum(Expr a, Expr b) => Binary(OpCode.Maximum, a, b);

    /// <summary>The lesser of a and b, NaN if either is. Where they are equal the whole gradient goes to a.</summary>
    public static Expr Minimum(Expr a, Expr b) => Binary(OpCode.Minimum, a, b);

    /// <summary>The angle of the point (b, a).</summary>
    public static Expr Atan2(Expr a, Expr b) => Binary(OpCode.Atan2, a, b);

    /// <summary>a / b rounded towards minus infinity; its derivative is 0.</summary>
    public static Expr FloorDivide(Expr a, Expr b) => Binary(OpCode.FloorDivide, a, b);

    /// <summary>a modulo b, with the sign of a, as C's fmod.</summary>
    public static Expr FMod(Expr a, Expr b) => Binary(OpCode.FMod, a, b);

    /// <summary>1 where a = b, else 0.</summary>
    public static Expr Equal(Expr a, Expr b) => Binary(OpCode.Equal, a, b);

    /// <summary>1 where a and b differ, else 0.</summary>
    public static Expr NotEqual(Expr a, Expr b) => Binary(OpCode.NotEqual, a, b);

    /// <summary>1 where both are true, else 0.</summary>
    public static Expr And(Expr a, Expr b) => Binary(OpCode.And, a, b);

    /// <summary>1 where either is true, else 0.</summary>
    public static Expr Or(Expr a, Expr b) => Binary(OpCode.Or, a, b);

    /// <summary>1 where one of the two is true, else 0.</summary>
    public static Expr Xor(Expr a, Expr b) => Binary(OpCode.Xor, a, b);

    /// <summary>The bits set in both; integers only.</summary>
    public static Expr BitAnd(Expr a, Expr b) => Binary(OpCode.BitAnd, a, b);

    /// <summary>The bits set in either; integers only.</summary>
    public static Expr BitOr(Expr a, Expr b) => Binary(OpCode.BitOr, a, b);

    /// <summary>The bits set in one of the two; integers only.</summary>
    public static Expr BitXor(Expr a, Expr b) => Binary(OpCode.BitXor, a, b);
}
