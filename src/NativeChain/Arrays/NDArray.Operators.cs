namespace NativeChain;

// Arrays are broadcast against each other and promoted as in NumPy 2. A C# number is weak: it takes the array's dtype, but
// a double makes integers float64, and an integer that the dtype cannot hold is an ArgumentOutOfRangeException. Shapes that do
// not broadcast and arrays of different devices are ArgumentExceptions, null an ArgumentNullException.
public sealed partial class NDArray
{
    /// <summary>Sum, elementwise.</summary>
    public static NDArray operator +(NDArray a, NDArray b) => Ops.Add.Compute(a, b);

    /// <summary>Sum, elementwise.</summary>
    public static NDArray operator +(NDArray a, double b) => Ops.Add.Compute(a, b);

    /// <summary>Sum, elementwise.</summary>
    public static NDArray operator +(NDArray a, long b) => Ops.Add.Compute(a, b);

    /// <summary>Sum, elementwise.</summary>
    public static NDArray operator +(double a, NDArray b) => Ops.Add.Compute(a, b);

    /// <summary>Sum, elementwise.</summary>
    public static NDArray operator +(long a, NDArray b) => Ops.Add.Compute(a, b);

    /// <summary>Difference, elementwise.</summary>
    /// <exception cref="ArgumentException">Two bool arrays; shapes that do not broadcast; different devices.</exception>
    public static NDArray operator -(NDArray a, NDArray b) =>
        a?._dtype == DType.Bool && b?._dtype == DType.Bool
            ? throw new ArgumentException("NDArray -: bools have no difference; ^ tells whether they differ.", nameof(b))
            : Ops.Subtract.Compute(a!, b!);

    /// <summary>Difference, elementwise.</summary>
    public static NDArray operator -(NDArray a, double b) => Ops.Subtract.Compute(a, b);

    /// <summary>Difference, elementwise.</summary>
    public static NDArray operator -(NDArray a, long b) => Ops.Subtract.Compute(a, b);

    /// <summary>Difference, elementwise.</summary>
    public static NDArray operator -(double a, NDArray b) => Ops.Subtract.Compute(a, b);

    /// <summary>Difference, elementwise.</summary>
    public static NDArray operator -(long a, NDArray b) => Ops.Subtract.Compute(a, b);

    /// <summary>Product, elementwise.</summary>
    public static NDArray operator *(NDArray a, NDArray b) => Ops.Multiply.Compute(a, b);

    /// <summary>Product, elementwise.</summary>
    public static NDArray operator *(NDArray a, double b) => Ops.Multiply.Compute(a, b);

    /// <summary>Product, elementwise.</summary>
    public static NDArray operator *(NDArray a, long b) => Ops.Multiply.Compute(a, b);

    /// <summary>Product, elementwise.</summary>
    public static NDArray operator *(double a, NDArray b) => Ops.Multiply.Compute(a, b);

    /// <summary>Product, elementwise.</summary>
    public static NDArray operator *(long a, NDArray b) => Ops.Multiply.Compute(a, b);

    /// <summary>Quotient; integers give float64, elementwise.</summary>
    public static NDArray operator /(NDArray a, NDArray b) => Ops.Divide.Compute(a, b);

    /// <summary>Quotient; integers give float64, elementwise.</summary>
    public static NDArray operator /(NDArray a, double b) => Ops.Divide.Compute(a, b);

    /// <summary>Quotient; integers give float64, elementwise.</summary>
    public static NDArray operator /(NDArray a, long b) => Ops.Divide.Compute(a, b);

    /// <summary>Quotient; integers give float64, elementwise.</summary>
    public static NDArray operator /(double a, NDArray b) => Ops.Divide.Compute(a, b);

    /// <summary>Quotient; integers give float64, elementwise.</summary>
    public static NDArray operator /(long a, NDArray b) => Ops.Divide.Compute(a, b);

    /// <summary>Remainder with the sign of the divisor; 0 for an integer divisor of 0, elementwise.</summary>
    public static NDArray operator %(NDArray a, NDArray b) => Ops.Remainder.Compute(a, b);

    /// <summary>Remainder with the sign of the divisor; 0 for an integer divisor of 0, elementwise.</summary>
    public static NDArray operator %(NDArray a, double b) => Ops.Remainder.Compute(a, b);

    /// <summary>Remainder with the sign of the divisor; 0 for an integer divisor of 0, elementwise.</summary>
    public static NDArray operator %(NDArray a, long b) => Ops.Remainder.Compute(a, b);

    /// <summary>Remainder with the sign of the divisor; 0 for an integer divisor of 0, elementwise.</summary>
    public static NDArray operator %(double a, NDArray b) => Ops.Remainder.Compute(a, b);

    /// <summary>Remainder with the sign of the divisor; 0 for an integer divisor of 0, elementwise.</summary>
    public static NDArray operator %(long a, NDArray b) => Ops.Remainder.Compute(a, b);

    /// <summary>Whether a is less than b, elementwise; bool.</summary>
    public static NDArray operator <(NDArray a, NDArray b) => Ops.Less.Compute(a, b);

    /// <summary>Whether a is less than b, elementwise; bool.</summary>
    public static NDArray operator <(NDArray a, double b) => Ops.Less.Compute(a, b);

    /// <summary>Whether a is less than b, elementwise; bool.</summary>
    public static NDArray operator <(NDArray a, long b) => Ops.Less.Compute(a, b);

    /// <summary>Whether a is less than b, elementwise; bool.</summary>
    public static NDArray operator <(double a, NDArray b) => Ops.Less.Compute(a, b);

    /// <summary>Whether a is less than b, elementwise; bool.</summary>
    public static NDArray operator <(long a, NDArray b) => Ops.Less.Compute(a, b);

    /// <summary>Whether a is at most b, elementwise; bool.</summary>
    public static NDArray operator <=(NDArray a, NDArray b) => Ops.LessEqual.Compute(a, b);

    /// <summary>Whether a is at most b, elementwise; bool.</summary>
    public static NDArray operator <=(NDArray a, double b) => Ops.LessEqual.Compute(a, b);

    /// <summary>Whether a is at most b, elementwise; bool.</summary>
    public static NDArray operator <=(NDArray a, long b) => Ops.LessEqual.Compute(a, b);

    /// <summary>Whether a is at most b, elementwise; bool.</summary>
    public static NDArray operator <=(double a, NDArray b) => Ops.LessEqual.Compute(a, b);

    /// <summary>Whether a is at most b, elementwise; bool.</summary>
    public static NDArray operator <=(long a, NDArray b) => Ops.LessEqual.Compute(a, b);

    /// <summary>Whether a is greater than b, elementwise; bool.</summary>
    public static NDArray operator >(NDArray a, NDArray b) => Ops.Greater.Compute(a, b);

    /// <summary>Whether a is greater than b, elementwise; bool.</summary>
    public static NDArray operator >(NDArray a, double b) => Ops.Greater.Compute(a, b);

    /// <summary>Whether a is greater than b, elementwise; bool.</summary>
    public static NDArray operator >(NDArray a, long b) => Ops.Greater.Compute(a, b);

    /// <summary>Whether a is greater than b, elementwise; bool.</summary>
    public static NDArray operator >(double a, NDArray b) => Ops.Greater.Compute(a, b);

    /// <summary>Whether a is greater than b, elementwise; bool.</summary>
    public static NDArray operator >(long a, NDArray b) => Ops.Greater.Compute(a, b);

    /// <summary>Whether a is at least b, elementwise; bool.</summary>
    public static NDArray operator >=(NDArray a, NDArray b) => Ops.GreaterEqual.Compute(a, b);

    /// <summary>Whether a is at least b, elementwise; bool.</summary>
    public static NDArray operator >=(NDArray a, double b) => Ops.GreaterEqual.Compute(a, b);

    /// <summary>Whether a is at least b, elementwise; bool.</summary>
    public static NDArray operator >=(NDArray a, long b) => Ops.GreaterEqual.Compute(a, b);

    /// <summary>Whether a is at least b, elementwise; bool.</summary>
    public static NDArray operator >=(double a, NDArray b) => Ops.GreaterEqual.Compute(a, b);

    /// <summary>Whether a is at least b, elementwise; bool.</summary>
    public static NDArray operator >=(long a, NDArray b) => Ops.GreaterEqual.Compute(a, b);

    /// <summary>Whether a is equal to b, elementwise; bool. To ask whether there is an array: <c>is null</c>.</summary>
    public static NDArray operator ==(NDArray a, NDArray b) => Ops.Equal.Compute(a, b);

    /// <summary>Whether a is equal to b, elementwise; bool. To ask whether there is an array: <c>is null</c>.</summary>
    public static NDArray operator ==(NDArray a, double b) => Ops.Equal.Compute(a, b);

    /// <summary>Whether a is equal to b, elementwise; bool. To ask whether there is an array: <c>is null</c>.</summary>
    public static NDArray operator ==(NDArray a, long b) => Ops.Equal.Compute(a, b);

    /// <summary>Whether a is equal to b, elementwise; bool. To ask whether there is an array: <c>is null</c>.</summary>
    public static NDArray operator ==(double a, NDArray b) => Ops.Equal.Compute(a, b);

    /// <summary>Whether a is equal to b, elementwise; bool. To ask whether there is an array: <c>is null</c>.</summary>
    public static NDArray operator ==(long a, NDArray b) => Ops.Equal.Compute(a, b);

    /// <summary>Whether a and b differ, elementwise; bool. To ask whether there is an array: <c>is not null</c>.</summary>
    public static NDArray operator !=(NDArray a, NDArray b) => Ops.NotEqual.Compute(a, b);

    /// <summary>Whether a and b differ, elementwise; bool. To ask whether there is an array: <c>is not null</c>.</summary>
    public static NDArray operator !=(NDArray a, double b) => Ops.NotEqual.Compute(a, b);

    /// <summary>Whether a and b differ, elementwise; bool. To ask whether there is an array: <c>is not null</c>.</summary>
    public static NDArray operator !=(NDArray a, long b) => Ops.NotEqual.Compute(a, b);

    /// <summary>Whether a and b differ, elementwise; bool. To ask whether there is an array: <c>is not null</c>.</summary>
    public static NDArray operator !=(double a, NDArray b) => Ops.NotEqual.Compute(a, b);

    /// <summary>Whether a and b differ, elementwise; bool. To ask whether there is an array: <c>is not null</c>.</summary>
    public static NDArray operator !=(long a, NDArray b) => Ops.NotEqual.Compute(a, b);

    /// <summary>And of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator &(NDArray a, NDArray b) => Ops.BitAnd.Compute(CheckBits(a, "&", nameof(a)), CheckBits(b, "&", nameof(b)));

    /// <summary>And of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator &(NDArray a, long b) => Ops.BitAnd.Compute(CheckBits(a, "&", nameof(a)), b);

    /// <summary>And of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator &(long a, NDArray b) => Ops.BitAnd.Compute(a, CheckBits(b, "&", nameof(b)));

    /// <summary>Or of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator |(NDArray a, NDArray b) => Ops.BitOr.Compute(CheckBits(a, "|", nameof(a)), CheckBits(b, "|", nameof(b)));

    /// <summary>Or of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator |(NDArray a, long b) => Ops.BitOr.Compute(CheckBits(a, "|", nameof(a)), b);

    /// <summary>Or of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator |(long a, NDArray b) => Ops.BitOr.Compute(a, CheckBits(b, "|", nameof(b)));

    /// <summary>Exclusive or of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator ^(NDArray a, NDArray b) => Ops.BitXor.Compute(CheckBits(a, "^", nameof(a)), CheckBits(b, "^", nameof(b)));

    /// <summary>Exclusive or of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator ^(NDArray a, long b) => Ops.BitXor.Compute(CheckBits(a, "^", nameof(a)), b);

    /// <summary>Exclusive or of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">Floating point arrays.</exception>
    public static NDArray operator ^(long a, NDArray b) => Ops.BitXor.Compute(a, CheckBits(b, "^", nameof(b)));

    /// <summary>The negative, elementwise.</summary>
    /// <exception cref="ArgumentException">A bool array.</exception>
    public static NDArray operator -(NDArray x) => Guard.NotNull(x, nameof(x), "NDArray -")._dtype != DType.Bool
        ? Ops.Negate.Compute(x)
        : throw new ArgumentException("NDArray -: bools have no negative; ~ is their not.", nameof(x));

    /// <summary>Not of bools, bitwise of integers, elementwise.</summary>
    /// <exception cref="ArgumentException">A floating point array.</exception>
    public static NDArray operator ~(NDArray x) =>
        CheckBits(x, "~", nameof(x))._dtype == DType.Bool ? Ops.LogicalNot.Compute(x) : Ops.Invert.Compute(x);

    /// <summary>Whether both are the same object; == compares elements.</summary>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <summary>That of the object, whatever its elements.</summary>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    private static NDArray CheckBits(NDArray x, string function, string parameter) => !Guard.NotNull(x, parameter, function)._dtype.IsFloating()
        ? x
        : throw new ArgumentException($"NDArray {function}: a bool or integer array, not {x._dtype.Name()}.", parameter);
}
