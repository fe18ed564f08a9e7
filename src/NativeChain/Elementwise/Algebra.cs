namespace NativeChain;

/// <summary>
/// Builds the expressions of derivatives in simplified form: constants folded, no x * 1, x + 0 or 1 / (1 / x), negations moved outwards. All
/// of it computes in floating point, so constants that are whole numbers are interchangeable with integers. A factor 0 is kept (0 * NaN
/// is NaN): a derivative that is zero by structure is null, and never gets here.
/// </summary>
internal static class Algebra
{
    internal static ExprNode Number(double value) =>
        Math.Floor(value) == value && Math.Abs(value) < 1e15 ? ExprNode.Constant((long)value) : ExprNode.Constant(value);

    internal static ExprNode Unary(OpCode op, ExprNode a) => op == OpCode.Negate ? Negate(a) : new ExprNode(op, a);

    internal static ExprNode Negate(ExprNode a) =>
        a.IsConstant ? Number(-a.F64) : a.Op == OpCode.Negate ? a.A! : new ExprNode(OpCode.Negate, a);

    /// <summary>a + b, where null is zero.</summary>
    internal static ExprNode? Sum(ExprNode? a, ExprNode? b) => a is null ? b : b is null ? a : Add(a, b);

    internal static ExprNode Add(ExprNode a, ExprNode b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Number(a.F64 + b.F64);
        }

        if (a.Is(0))
        {
            return b;
        }

        if (b.Is(0))
        {
            return a;
        }

        if (b.Op == OpCode.Negate)
        {
            return Subtract(a, b.A!);
        }

        return a.Op == OpCode.Negate ? Subtract(b, a.A!) : new ExprNode(OpCode.Add, a, b);
    }

    internal static ExprNode Subtract(ExprNode a, ExprNode b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Number(a.F64 - b.F64);
        }

        if (b.Is(0))
        {
            return a;
        }

        if (a.Is(0))
        {
            return Negate(b);
        }

        return b.Op == OpCode.Negate ? Add(a, b.A!) : new ExprNode(OpCode.Subtract, a, b);
    }

    internal static ExprNode Multiply(ExprNode a, ExprNode b)
    {
        if (a.IsConstant)
        {
            (a, b) = (b, a);
        }

        if (a.IsConstant)
        {
            return Number(a.F64 * b.F64);
        }

        if (b.Is(1))
        {
            return a;
        }

        if (b.Is(-1))
        {
            return Negate(a);
        }

        if (a.Op == OpCode.Negate)
        {
            return Negate(Multiply(a.A!, b));
        }

        if (b.Op == OpCode.Negate)
        {
            return Negate(Multiply(a, b.A!));
        }

        if (b.Op == OpCode.Divide && b.A!.Is(1))
        {
            return Divide(a, b.B!);
        }

        if (a.Op == OpCode.Divide && a.A!.Is(1))
        {
            return Divide(b, a.B!);
        }

        // Constants gather on the right: (x * k) * y = (x * y) * k.
        if (a.Op == OpCode.Multiply && a.B!.IsConstant)
        {
            return b.IsConstant ? Multiply(a.A!, Number(a.B.F64 * b.F64)) : Multiply(Multiply(a.A!, b), a.B);
        }

        if (b.Op == OpCode.Multiply && b.B!.IsConstant)
        {
            return Multiply(Multiply(a, b.A!), b.B);
        }

        // a * Select(c, x, 0) = Select(c, a * x, 0): the branch not taken gives 0 whatever a is.
        if (b.Op == OpCode.Select && (b.B!.Is(0) || b.C!.Is(0)))
        {
            return MultiplyBranches(a, b);
        }

        if (a.Op == OpCode.Select && (a.B!.Is(0) || a.C!.Is(0)))
        {
            return MultiplyBranches(b, a);
        }

        return new ExprNode(OpCode.Multiply, a, b);
    }

    internal static ExprNode Divide(ExprNode a, ExprNode b)
    {
        if (b.Is(1))
        {
            return a;
        }

        if (a.IsConstant && b.IsConstant)
        {
            return Number(a.F64 / b.F64);
        }

        if (a.Op == OpCode.Negate)
        {
            return Negate(Divide(a.A!, b));
        }

        return new ExprNode(OpCode.Divide, a, b);
    }

    internal static ExprNode Square(ExprNode a) =>
        a.IsConstant ? Number(a.F64 * a.F64) : new ExprNode(OpCode.Square, a);

    /// <summary>a to the power of b, where b is not 0.</summary>
    internal static ExprNode Power(ExprNode a, ExprNode b) =>
        b.Is(1) ? a : b.Is(2) ? Square(a) : new ExprNode(OpCode.Power, a, b);

    /// <summary>condition ? a : b, where null is zero; null if both are.</summary>
    internal static ExprNode? Select(ExprNode condition, ExprNode? a, ExprNode? b)
    {
        if (a is null && b is null)
        {
            return null;
        }

        a ??= ExprNode.Zero;
        b ??= ExprNode.Zero;
        return a == b || (a.IsConstant && b.Is(a.F64)) ? a : new ExprNode(OpCode.Select, condition, a, b);
    }

    private static ExprNode MultiplyBranches(ExprNode factor, ExprNode select) => new(
        OpCode.Select,
        select.A!,
        select.B!.Is(0) ? ExprNode.Zero : Multiply(factor, select.B),
        select.C!.Is(0) ? ExprNode.Zero : Multiply(factor, select.C));
}
