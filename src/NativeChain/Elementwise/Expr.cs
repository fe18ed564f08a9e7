namespace NativeChain;

/// <summary>
/// A value inside an elementwise program while it is traced: <see cref="Elementwise.Of(Func{Expr, Expr}, string, ProgramFlags)"/> calls the function that it is
/// given once, with such values, and records what the operators do. Comparisons give truth values, 1 or 0, which take part in arithmetic.
/// C# numbers are constants of the program, and weak: they take the dtype of what they meet.
/// </summary>
public readonly partial struct Expr
{
    private readonly ExprNode? _node;

    internal Expr(ExprNode node) => _node = node;

    internal bool IsDefault => _node is null;

    internal ExprNode Node => _node ?? throw new ArgumentException("Expr: a default value stands for no expression.");

    /// <summary>A constant of floating point.</summary>
    public static implicit operator Expr(double value) => new(ExprNode.Constant(value));

    /// <summary>A constant integer.</summary>
    public static implicit operator Expr(long value) => new(ExprNode.Constant(value));

    /// <summary>a + b.</summary>
    public static Expr operator +(Expr a, Expr b) => Binary(OpCode.Add, a, b);

    /// <summary>a - b.</summary>
    public static Expr operator -(Expr a, Expr b) => Binary(OpCode.Subtract, a, b);

    /// <summary>a * b.</summary>
    public static Expr operator *(Expr a, Expr b) => Binary(OpCode.Multiply, a, b);

    /// <summary>a / b, in floating point whatever the operands.</summary>
    public static Expr operator /(Expr a, Expr b) => Binary(OpCode.Divide, a, b);

    /// <summary>a modulo b, with the sign of b, as in NumPy.</summary>
    public static Expr operator %(Expr a, Expr b) => Binary(OpCode.Remainder, a, b);

    /// <summary>-a.</summary>
    public static Expr operator -(Expr a) => Unary(OpCode.Negate, a);

    /// <summary>1 where a is less than b, else 0.</summary>
    public static Expr operator <(Expr a, Expr b) => Binary(OpCode.Less, a, b);

    /// <summary>1 where a is greater than b, else 0.</summary>
    public static Expr operator >(Expr a, Expr b) => Binary(OpCode.Greater, a, b);

    /// <summary>1 where a is at most b, else 0.</summary>
    public static Expr operator <=(Expr a, Expr b) => Binary(OpCode.LessEqual, a, b);

    /// <summary>1 where a is at least b, else 0.</summary>
    public static Expr operator >=(Expr a, Expr b) => Binary(OpCode.GreaterEqual, a, b);

    private static Expr Unary(OpCode op, Expr x) => x.Node.IsConstant && op == OpCode.Negate
        ? new(x.Node.IsInteger ? ExprNode.Constant(-x.Node.I64) : ExprNode.Constant(-x.Node.F64))
        : new(new ExprNode(op, x.Node));

    private static Expr Binary(OpCode op, Expr a, Expr b) => new(new ExprNode(op, a.Node, b.Node));
}
