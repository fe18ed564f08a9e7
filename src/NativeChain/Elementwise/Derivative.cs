using static NativeChain.Algebra;

namespace NativeChain;

/// <summary>
/// Symbolic partial derivatives, node by node from the operands up: the derivative of a Select is the Select of its branches' derivatives, so nothing
/// ever flows through a branch that is not taken. Null stands for zero. Partials are written in the operands and in the value itself, in forms
/// that neither overflow nor cancel.
/// </summary>
internal sealed class Derivative
{
    private readonly int _slot;
    private readonly Dictionary<ExprNode, ExprNode?> _known = [];

    /// <param name="slot">The operand by which to derive.</param>
    internal Derivative(int slot) => _slot = slot;

    internal ExprNode? Of(ExprNode y)
    {
        if (!_known.TryGetValue(y, out ExprNode? derivative))
        {
            derivative = Derive(y);
            _known.Add(y, derivative);
        }

        return derivative;
    }

    private ExprNode? Derive(ExprNode y)
    {
        if (y.Op == OpCode.Load)
        {
            return y.Slot == _slot ? ExprNode.One : null;
        }

        if (y.IsConstant || y.Op is >= OpCode.BitAnd and <= OpCode.BitXor or >= OpCode.Equal and <= OpCode.Not
            or >= OpCode.IsNaN and <= OpCode.IsFinite or >= OpCode.Floor)
        {
            return null;
        }

        if (y.Op == OpCode.Select)
        {
            return Select(y.A!, Of(y.B!), Of(y.C!));
        }

        ExprNode? da = Of(y.A!);
        if (y.B is null)
        {
            return da is null ? null : DeriveUnary(y, Plain(y.A!), da);
        }

        ExprNode? db = Of(y.B);
        if (y.Op == OpCode.MultiplyAdd)
        {
            ExprNode? product = Sum(Times(da, Plain(y.B)), Times(db, Plain(y.A!)));
            return Sum(product, Of(y.C!));
        }

        return da is null && db is null ? null : DeriveBinary(y, Plain(y.A!), Plain(y.B), da, db);
    }

    private static ExprNode? DeriveBinary(ExprNode y, ExprNode a, ExprNode b, ExprNode? da, ExprNode? db) => y.Op switch
    {
        OpCode.Add => Sum(da, db),
        OpCode.Subtract => Sum(da, db is null ? null : Negate(db)),
        OpCode.Multiply => Sum(Times(da, b), Times(db, a)),
        OpCode.Divide => Sum(
            da is null ? null : Divide(da, b),
            db is null ? null : Negate(Multiply(db, Divide(y, b)))),
        OpCode.Power => Sum(
            da is null ? null : Multiply(da, PowerInBase(a, b)),
            db is null ? null : Multiply(db, PowerInExponent(y, a, b))),
        OpCode.Maximum => Select(new ExprNode(OpCode.GreaterEqual, a, b), da, db),
        OpCode.Minimum => Select(new ExprNode(OpCode.LessEqual, a, b), da, db),
        OpCode.Remainder => Sum(da, Times(db, Negate(new ExprNode(OpCode.Floor, Divide(a, b))))),
        OpCode.FMod => Sum(da, Times(db, Negate(new ExprNode(OpCode.Trunc, Divide(a, b))))),
        OpCode.Atan2 => Sum(
            Times(da, Divide(b, Add(Square(a), Square(b)))),
            Times(db, Negate(Divide(a, Add(Square(a), Square(b)))))),
        OpCode.FloorDivide => null,
        _ => throw new InvalidOperationException($"Elementwise: {y.Op} has no derivative."),
    };

    private static ExprNode? DeriveUnary(ExprNode y, ExprNode a, ExprNode da) => y.Op switch
    {
        OpCode.Negate => Negate(da),
        OpCode.Absolute => Multiply(da, new ExprNode(OpCode.Sign, a)),
        OpCode.Sign => null,
        OpCode.Square => Multiply(Multiply(da, a), Number(2)),
        OpCode.Reciprocal => Negate(Multiply(da, Square(y))),
        OpCode.Sqrt => Divide(Multiply(da, Number(0.5)), y),
        OpCode.Rsqrt => Multiply(Multiply(da, Multiply(Square(y), y)), Number(-0.5)),
        OpCode.Exp => Multiply(da, y),
        OpCode.Exp2 => Multiply(Multiply(da, y), Number(Math.Log(2))),
        OpCode.Expm1 => Multiply(da, Add(y, Number(1))),
        OpCode.Log => Divide(da, a),
        OpCode.Log2 => Divide(Multiply(da, Number(1 / Math.Log(2))), a),
        OpCode.Log10 => Divide(Multiply(da, Number(1 / Math.Log(10))), a),
        OpCode.Log1p => Divide(da, Add(a, Number(1))),
        OpCode.Sin => Multiply(da, new ExprNode(OpCode.Cos, a)),
        OpCode.Cos => Negate(Multiply(da, new ExprNode(OpCode.Sin, a))),
        OpCode.Tan => Multiply(da, Add(Square(y), Number(1))),
        OpCode.Asin => Multiply(da, new ExprNode(OpCode.Rsqrt, Subtract(Number(1), Square(a)))),
        OpCode.Acos => Negate(Multiply(da, new ExprNode(OpCode.Rsqrt, Subtract(Number(1), Square(a))))),
        OpCode.Atan => Divide(da, Add(Square(a), Number(1))),
        OpCode.Sinh => Multiply(da, new ExprNode(OpCode.Cosh, a)),
        OpCode.Cosh => Multiply(da, new ExprNode(OpCode.Sinh, a)),
        OpCode.Tanh => Multiply(da, Subtract(Number(1), Square(y))),
        OpCode.Asinh => Multiply(da, new ExprNode(OpCode.Rsqrt, Add(Square(a), Number(1)))),
        OpCode.Acosh => Multiply(da, new ExprNode(OpCode.Rsqrt, Subtract(Square(a), Number(1)))),
        OpCode.Atanh => Divide(da, Subtract(Number(1), Square(a))),
        OpCode.Sigmoid => Multiply(da, Multiply(y, Subtract(Number(1), y))),
        OpCode.Softplus => Multiply(da, new ExprNode(OpCode.Sigmoid, a)),
        OpCode.Erf => Multiply(Multiply(da, Gaussian(a)), Number(2 / Math.Sqrt(Math.PI))),
        OpCode.Erfc => Multiply(Multiply(da, Gaussian(a)), Number(-2 / Math.Sqrt(Math.PI))),
        _ => throw new InvalidOperationException($"Elementwise: {y.Op} has no derivative."),
    };

    // b * a^(b - 1), 0 for b = 0 whatever a is.
    private static ExprNode PowerInBase(ExprNode a, ExprNode b)
    {
        if (b.IsConstant)
        {
            return b.Is(0) ? ExprNode.Zero : Multiply(Power(a, Number(b.F64 - 1)), b);
        }

        ExprNode slope = Multiply(b, Power(a, Subtract(b, Number(1))));
        return Select(new ExprNode(OpCode.Equal, b, ExprNode.Zero), null, slope)!;
    }

    // y * log(a), 0 for a = 0 where y is.
    private static ExprNode PowerInExponent(ExprNode y, ExprNode a, ExprNode b)
    {
        if (a.IsConstant && a.F64 > 0)
        {
            return Multiply(y, Number(Math.Log(a.F64)));
        }

        var zero = new ExprNode(
            OpCode.And, new ExprNode(OpCode.Equal, a, ExprNode.Zero), new ExprNode(OpCode.GreaterEqual, b, ExprNode.Zero));
        return Select(zero, null, Multiply(y, new ExprNode(OpCode.Log, a)))!;
    }

    private static ExprNode Gaussian(ExprNode a) => new(OpCode.Exp, Negate(Square(a)));

    private static ExprNode? Times(ExprNode? derivative, ExprNode factor) =>
        derivative is null ? null : Multiply(derivative, factor);

    private static ExprNode Plain(ExprNode node) => node.IsConstant ? Number(node.F64) : node;
}
