namespace NativeChain;

/// <summary>Expressions with equal subexpressions shared: two nodes of one table are the same object if they are the same expression.</summary>
internal sealed class ExprTable
{
    private readonly Dictionary<Key, ExprNode> _nodes = [];
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

            var key = new Key(node.Op, a, b, c, node.Slot, BitConverter.DoubleToInt64Bits(node.F64), node.I64, node.IsInteger);
            if (!_nodes.TryGetValue(key, out shared))
            {
                shared = a == node.A && b == node.B && c == node.C ? node : new ExprNode(node.Op, a!, b, c);
                _nodes.Add(key, shared);
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

    private readonly record struct Key(
        OpCode Op, ExprNode? A, ExprNode? B, ExprNode? C, int Slot, long Bits, long I64, bool IsInteger);
}
