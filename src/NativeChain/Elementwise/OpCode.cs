namespace NativeChain;

/// <summary>The operations of an elementwise program. The values are the codes of the C ABI; a, b and c are the operands. A truth value is 1 or 0; any value but 0 is true.</summary>
public enum OpCode
{
    /// <summary>Input <c>A</c> of the program at this element, cast to the compute dtype.</summary>
    Load = 0,

    /// <summary><see cref="Instruction.F64"/>, or <see cref="Instruction.I64"/> where the program computes in int64.</summary>
    Constant = 1,

    /// <summary>Parameter <c>A</c> of the call.</summary>
    Parameter = 2,

    /// <summary>Stores value <c>A</c> into output <c>B</c>; defines no value.</summary>
    Store = 3,

    /// <summary>a + b.</summary>
    Add = 10,

    /// <summary>a - b.</summary>
    Subtract = 11,

    /// <summary>a * b.</summary>
    Multiply = 12,

    /// <summary>a / b. Floating point only.</summary>
    Divide = 13,

    /// <summary>a / b rounded towards minus infinity; an integer divided by 0 gives 0.</summary>
    FloorDivide = 14,

    /// <summary>a modulo b, with the sign of b, as NumPy's %.</summary>
    Remainder = 15,

    /// <summary>a modulo b, with the sign of a, as C's fmod.</summary>
    FMod = 16,

    /// <summary>a to the power of b.</summary>
    Power = 17,

    /// <summary>The greater; NaN if either is.</summary>
    Maximum = 18,

    /// <summary>The lesser; NaN if either is.</summary>
    Minimum = 19,

    /// <summary>The angle of the point (b, a). Floating point only.</summary>
    Atan2 = 20,

    /// <summary>Bits set in both. Integers only.</summary>
    BitAnd = 21,

    /// <summary>Bits set in either. Integers only.</summary>
    BitOr = 22,

    /// <summary>Bits set in one of the two. Integers only.</summary>
    BitXor = 23,

    /// <summary>a * b + c, fused or not.</summary>
    MultiplyAdd = 24,

    /// <summary>1 if a = b, else 0.</summary>
    Equal = 30,

    /// <summary>1 if a and b differ, else 0.</summary>
    NotEqual = 31,

    /// <summary>1 if a is less than b, else 0.</summary>
    Less = 32,

    /// <summary>1 if a is at most b, else 0.</summary>
    LessEqual = 33,

    /// <summary>1 if a is greater than b, else 0.</summary>
    Greater = 34,

    /// <summary>1 if a is at least b, else 0.</summary>
    GreaterEqual = 35,

    /// <summary>1 if both are true, else 0.</summary>
    And = 36,

    /// <summary>1 if either is true, else 0.</summary>
    Or = 37,

    /// <summary>1 if one of the two is true, else 0.</summary>
    Xor = 38,

    /// <summary>1 if a is 0, else 0.</summary>
    Not = 39,

    /// <summary>b where a is true, else c; what is not selected does not matter, NaN included.</summary>
    Select = 40,

    /// <summary>1 if a is NaN, else 0.</summary>
    IsNaN = 41,

    /// <summary>1 if a is infinite, else 0.</summary>
    IsInf = 42,

    /// <summary>1 if a is neither infinite nor NaN, else 0.</summary>
    IsFinite = 43,

    /// <summary>-a.</summary>
    Negate = 50,

    /// <summary>|a|.</summary>
    Absolute = 51,

    /// <summary>-1, 0 or 1; NaN stays.</summary>
    Sign = 52,

    /// <summary>a * a.</summary>
    Square = 53,

    /// <summary>1 / a. Floating point only, as are all up to <see cref="Erfc"/>.</summary>
    Reciprocal = 54,

    /// <summary>The square root.</summary>
    Sqrt = 55,

    /// <summary>1 over the square root.</summary>
    Rsqrt = 56,

    /// <summary>e to the power of a.</summary>
    Exp = 57,

    /// <summary>2 to the power of a.</summary>
    Exp2 = 58,

    /// <summary>exp(a) - 1, exact near 0.</summary>
    Expm1 = 59,

    /// <summary>The natural logarithm.</summary>
    Log = 60,

    /// <summary>The logarithm to base 2.</summary>
    Log2 = 61,

    /// <summary>The logarithm to base 10.</summary>
    Log10 = 62,

    /// <summary>log(1 + a), exact near 0.</summary>
    Log1p = 63,

    /// <summary>Sine.</summary>
    Sin = 64,

    /// <summary>Cosine.</summary>
    Cos = 65,

    /// <summary>Tangent.</summary>
    Tan = 66,

    /// <summary>Inverse sine.</summary>
    Asin = 67,

    /// <summary>Inverse cosine.</summary>
    Acos = 68,

    /// <summary>Inverse tangent.</summary>
    Atan = 69,

    /// <summary>Hyperbolic sine.</summary>
    Sinh = 70,

    /// <summary>Hyperbolic cosine.</summary>
    Cosh = 71,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh = 72,

    /// <summary>Inverse hyperbolic sine.</summary>
    Asinh = 73,

    /// <summary>Inverse hyperbolic cosine.</summary>
    Acosh = 74,

    /// <summary>Inverse hyperbolic tangent.</summary>
    Atanh = 75,

    /// <summary>1 / (1 + exp(-a)), without overflow.</summary>
    Sigmoid = 76,

    /// <summary>log(1 + exp(a)), without overflow.</summary>
    Softplus = 77,

    /// <summary>The error function.</summary>
    Erf = 78,

    /// <summary>1 - erf(a), exact for large a.</summary>
    Erfc = 79,

    /// <summary>Rounds towards minus infinity.</summary>
    Floor = 80,

    /// <summary>Rounds towards plus infinity.</summary>
    Ceil = 81,

    /// <summary>Rounds to the nearest, halves to even.</summary>
    Round = 82,

    /// <summary>Rounds towards 0.</summary>
    Trunc = 83,
}
