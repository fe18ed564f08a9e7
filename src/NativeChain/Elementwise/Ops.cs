using static NativeChain.Expr;

namespace NativeChain;

/// <summary>The elementwise functions that the operators and methods of arrays and Variables share.</summary>
internal static class Ops
{
    internal static readonly Elementwise Add = Elementwise.Of((a, b) => a + b);
    internal static readonly Elementwise Subtract = Elementwise.Of((a, b) => a - b);
    internal static readonly Elementwise Multiply = Elementwise.Of((a, b) => a * b);
    internal static readonly Elementwise Divide = Elementwise.Of((a, b) => a / b);
    internal static readonly Elementwise FloorDivide = Elementwise.Of((a, b) => FloorDivide(a, b));
    internal static readonly Elementwise Remainder = Elementwise.Of((a, b) => a % b);
    internal static readonly Elementwise Power = Elementwise.Of((a, b) => Pow(a, b));
    internal static readonly Elementwise Maximum = Elementwise.Of((a, b) => Maximum(a, b));
    internal static readonly Elementwise Minimum = Elementwise.Of((a, b) => Minimum(a, b));
    internal static readonly Elementwise Equal = Elementwise.Of((a, b) => Equal(a, b));
    internal static readonly Elementwise NotEqual = Elementwise.Of((a, b) => NotEqual(a, b));
    internal static readonly Elementwise Less = Elementwise.Of((a, b) => a < b);
    internal static readonly Elementwise LessEqual = Elementwise.Of((a, b) => a <= b);
    internal static readonly Elementwise Greater = Elementwise.Of((a, b) => a > b);
    internal static readonly Elementwise GreaterEqual = Elementwise.Of((a, b) => a >= b);
    internal static readonly Elementwise BitAnd = Elementwise.Of((a, b) => BitAnd(a, b));
    internal static readonly Elementwise BitOr = Elementwise.Of((a, b) => BitOr(a, b));
    internal static readonly Elementwise BitXor = Elementwise.Of((a, b) => BitXor(a, b));
    internal static readonly Elementwise Negate = Elementwise.Of(x => -x);
    internal static readonly Elementwise Absolute = Elementwise.Of(x => Abs(x));
    internal static readonly Elementwise Sign = Elementwise.Of(x => Sign(x));
    internal static readonly Elementwise Square = Elementwise.Of(x => Square(x));
    internal static readonly Elementwise Sqrt = Elementwise.Of(x => Sqrt(x));
    internal static readonly Elementwise Exp = Elementwise.Of(x => Exp(x));
    internal static readonly Elementwise Exp2 = Elementwise.Of(x => Exp2(x));
    internal static readonly Elementwise Expm1 = Elementwise.Of(x => Expm1(x));
    internal static readonly Elementwise Log = Elementwise.Of(x => Log(x));
    internal static readonly Elementwise Log2 = Elementwise.Of(x => Log2(x));
    internal static readonly Elementwise Log10 = Elementwise.Of(x => Log10(x));
    internal static readonly Elementwise Log1p = Elementwise.Of(x => Log1p(x));
    internal static readonly Elementwise Sin = Elementwise.Of(x => Sin(x));
    internal static readonly Elementwise Cos = Elementwise.Of(x => Cos(x));
    internal static readonly Elementwise Tan = Elementwise.Of(x => Tan(x));
    internal static readonly Elementwise Asin = Elementwise.Of(x => Asin(x));
    internal static readonly Elementwise Acos = Elementwise.Of(x => Acos(x));
    internal static readonly Elementwise Atan = Elementwise.Of(x => Atan(x));
    internal static readonly Elementwise Atan2 = Elementwise.Of((a, b) => Atan2(a, b));
    internal static readonly Elementwise Sinh = Elementwise.Of(x => Sinh(x));
    internal static readonly Elementwise Cosh = Elementwise.Of(x => Cosh(x));
    internal static readonly Elementwise Asinh = Elementwise.Of(x => Asinh(x));
    internal static readonly Elementwise Acosh = Elementwise.Of(x => Acosh(x));
    internal static readonly Elementwise Atanh = Elementwise.Of(x => Atanh(x));
    internal static readonly Elementwise Tanh = Elementwise.Of(x => Tanh(x));
    internal static readonly Elementwise Sigmoid = Elementwise.Of(x => Sigmoid(x));
    internal static readonly Elementwise Floor = Elementwise.Of(x => Floor(x));
    internal static readonly Elementwise Ceil = Elementwise.Of(x => Ceil(x));
    internal static readonly Elementwise Round = Elementwise.Of(x => Round(x));
    internal static readonly Elementwise Trunc = Elementwise.Of(x => Trunc(x));
    internal static readonly Elementwise IsNaN = Elementwise.Of(x => IsNaN(x));
    internal static readonly Elementwise IsInf = Elementwise.Of(x => IsInf(x));
    internal static readonly Elementwise IsFinite = Elementwise.Of(x => IsFinite(x));
    internal static readonly Elementwise LogicalAnd = Elementwise.Of((a, b) => And(a, b));
    internal static readonly Elementwise LogicalOr = Elementwise.Of((a, b) => Or(a, b));
    internal static readonly Elementwise LogicalXor = Elementwise.Of((a, b) => Xor(a, b));
    internal static readonly Elementwise LogicalNot = Elementwise.Of(x => Not(x));
    internal static readonly Elementwise Where = Elementwise.Of((condition, a, b) => Select(condition, a, b));

    /// <summary>~x of integers; of bool see <see cref="LogicalNot"/>.</summary>
    internal static readonly Elementwise Invert = Elementwise.Of(x => BitXor(x, -1));
}
