namespace NativeChain;

/// <summary>A node of a traced expression: an operation on other nodes, an operand of the program, or a constant. Immutable.</summary>
internal sealed class ExprNode
{
    internal static readonly ExprNode Zero = Constant(0L);
    internal static readonly ExprNode One = Constant(1L);

    internal ExprNode(OpCode op, ExprNode a, ExprNode? b = null, ExprNode? c = null)
    {
        Op = op;
        A = a;
        B = b;
        C = c;
    }

    private ExprNode(OpCode op, int slot, double f64, long i64, bool isInteger)
    {
        Op = op;
        Slot = slot;
        F64 = f64;
        I64 = i64;
        IsInteger = isInteger;
    }

    internal OpCode Op { get; }

    internal ExprNode? A { get; }

    internal ExprNode? B { get; }

    internal ExprNode? C { get; }

    /// <summary>Which operand a <see cref="OpCode.Load"/> reads; whether it is an array or a number, the call decides.</summary>
    internal int Slot { get; }

    internal double F64 { get; }

    internal long I64 { get; }

    /// <summary>True of a constant that was an integer in C#, which leaves an integer array's dtype as it is.</summary>
    internal bool IsInteger { get; }

    internal bool IsConstant => Op == OpCode.Constant;

    internal static ExprNode Load(int slot) => new(OpCode.Load, slot, 0, 0, false);

    internal static ExprNode Constant(double value) => new(OpCode.Constant, 0, value, (long)value, false);

    internal static ExprNode Constant(long value) => new(OpCode.Constant, 0, value, value, true);

    /// <summary>True of a constant of this value.</summary>
    internal bool Is(double value) => IsConstant && F64 == value;
}
