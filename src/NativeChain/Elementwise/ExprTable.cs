using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>Expressions with equal subexpressions shared: two nodes of one table are the same object if they are the same expression.</summary>
internal sealed class ExprTable
{
    private readonly Dictionary<ExprNode, ExprNode> _nodes = new(new SameOperation());
    private readonly Dictionary<ExprNode, ExprNode> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ExprNode, int> _order = new(ReferenceEqualityComparer.Instance);

    /// <summary>The table's own node for an expression.</summary>
    internal ExprNode Share(ExprNode node)
    {
        if (!_known.TryGetValue(node, out ExprNode? shared))
        {
            ExprNode? a = node.A is null ? null : Share(node.A);
            ExprNode? b = node.B is null ? null : Share(node.B);
            ExprNode? c = node.C is null ? null : Share(node.C);
            if (b is not null && IsCommutative(node.Op) && _order[a!] > _order[b])
            {
                (a, b) = (b, a);
            }

            ExprNode candidate = a == node.A && b == node.B && c == node.C ? node : new ExprNode(node.Op, a!, b, c);
            if (!_nodes.TryGetValue(candidate, out shared))
            {
                shared = candidate;
                _nodes.Add(shared, shared);
                _order.Add(shared, _order.Count);
            }

            _known[node] = shared;
            _known[shared] = shared;
        }

        return shared;
    }

    /// <summary>The expression with some of its nodes replaced, outermost first. All are nodes of this table.</summary>
    internal ExprNode Replace(ExprNode node, Dictionary<ExprNode, ExprNode> replacements)
    {
        if (!replacements.TryGetValue(node, out ExprNode? result))
        {
            ExprNode? a = node.A is null ? null : Replace(node.A, replacements);
            ExprNode? b = node.B is null ? null : Replace(node.B, replacements);
            ExprNode? c = node.C is null ? null : Replace(node.C, replacements);
            result = a == node.A && b == node.B && c == node.C ? node : Share(new ExprNode(node.Op, a!, b, c));
            replacements.Add(node, result);
        }

        return result;
    }

    private static bool IsCommutative(OpCode op) => op is OpCode.Add or OpCode.Multiply or OpCode.Equal or OpCode.NotEqual
        or OpCode.And or OpCode.Or or OpCode.Xor or OpCode.BitAnd or OpCode.BitOr or OpCode.BitXor;

    /// <summary>Nodes are equal that do the same with the same operands: their operands are compared as objects.</summary>
    private sealed class SameOperation : IEqualityComparer<ExprNode>
    {
        public bool Equals(ExprNode? x, ExprNode? y) =>
            x!.Op == y!.Op && x.A == y.A && x.B == y.B && x.C == y.C && x.Slot == y.Slot && x.I64 == y.I64 && x.IsInteger == y.IsInteger
            && BitConverter.DoubleToInt64Bits(x.F64) == BitConverter.DoubleToInt64Bits(y.F64);

        public int GetHashCode(ExprNode node) =>
            HashCode.Combine((int)node.Op, HashOf(node.A), HashOf(node.B), HashOf(node.C), node.Slot, node.F64.GetHashCode());

        private static int HashOf(ExprNode? operand) => RuntimeHelpers.GetHashCode(operand);
    }
}
