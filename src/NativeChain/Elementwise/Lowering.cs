namespace NativeChain;

/// <summary>Turns expressions into the instructions of a program: every common subexpression once, in the order of need.</summary>
internal sealed class Lowering
{
    private readonly ExprTable _table = new();
    private readonly Dictionary<ExprNode, int> _values = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ExprNode, int> _uses = new(ReferenceEqualityComparer.Instance);
    private readonly ulong _parameters;
    private readonly DType _compute;
    private Instruction[] _code = new Instruction[16];
    private int _count;

    private Lowering(ulong parameters, DType compute)
    {
        _parameters = parameters;
        _compute = compute;
    }

    /// <summary>Builds the program.</summary>
    /// <param name="name">For the text of an error.</param>
    /// <param name="outputs">What it stores.</param>
    /// <param name="operands">How many operands there are.</param>
    /// <param name="parameters">Bit k is set if operand k is a number: a parameter of the program, numbered among such.</param>
    /// <param name="compute">int64, float32 or float64.</param>
    /// <param name="flags">How it runs; denormals are flushed only in float32.</param>
    internal static Program Build(
        string name, ReadOnlySpan<ExprNode> outputs, int operands, ulong parameters, DType compute, ProgramFlags flags)
    {
        var lowering = new Lowering(parameters, compute);
        var shared = new ExprNode[outputs.Length];
        for (int k = 0; k < shared.Length; k++)
        {
            shared[k] = lowering._table.Share(outputs[k]);
            lowering.CountUses(shared[k]);
        }

        for (int k = 0; k < shared.Length; k++)
        {
            int value = lowering.Emit(shared[k]);
            lowering.Add(new Instruction(OpCode.Store, value, k));
        }

        int numbers = System.Numerics.BitOperations.PopCount(parameters);
        try
        {
            return new Program(
                lowering._code.AsSpan(0, lowering._count), operands - numbers, numbers, outputs.Length, compute, compute == DType.Float32 ? flags : ProgramFlags.None);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{name}: {e.Message}", e);
        }
    }

    private void CountUses(ExprNode? node)
    {
        if (node is null)
        {
            return;
        }

        if (_uses.TryGetValue(node, out int uses))
        {
            _uses[node] = uses + 1;
            return;
        }

        _uses.Add(node, 1);
        CountUses(node.A);
        CountUses(node.B);
        CountUses(node.C);
    }

    private int Emit(ExprNode node)
    {
        if (!_values.TryGetValue(node, out int value))
        {
            value = EmitNew(node);
            _values.Add(node, value);
        }

        return value;
    }

    private int EmitNew(ExprNode node)
    {
        switch (node.Op)
        {
            case OpCode.Load:
                bool isNumber = (_parameters >> node.Slot & 1) != 0;
                ulong below = (1UL << node.Slot) - 1;
                int index = System.Numerics.BitOperations.PopCount((isNumber ? _parameters : ~_parameters) & below);
                return Add(new Instruction(isNumber ? OpCode.Parameter : OpCode.Load, index));
            case OpCode.Constant:
                return Add(new Instruction(OpCode.Constant, F64: node.F64, I64: node.I64));
            case OpCode.Add when IsProductUsedOnce(node.A!):
                return EmitMultiplyAdd(node.A!, node.B!);
            case OpCode.Add when IsProductUsedOnce(node.B!):
                return EmitMultiplyAdd(node.B!, node.A!);
            case OpCode.Power when node.B!.Is(2):
                return Add(new Instruction(OpCode.Square, Emit(node.A!)));
            case OpCode.Power when node.B!.Is(3):
                int a = Emit(node.A!);
                return Add(new Instruction(OpCode.Multiply, Emit(_table.Share(new ExprNode(OpCode.Square, node.A!))), a));
            case OpCode.Power when node.B!.Is(1):
                return Emit(node.A!);
            case OpCode.Power when node.B!.Is(-1) && _compute != DType.Int64:
                return Add(new Instruction(OpCode.Reciprocal, Emit(node.A!)));
        }

        int first = Emit(node.A!);
        int second = node.B is null ? 0 : Emit(node.B);
        int third = node.C is null ? 0 : Emit(node.C);
        return Add(new Instruction(node.Op, first, second, third));
    }

    private bool IsProductUsedOnce(ExprNode node) => node.Op == OpCode.Multiply && _uses[node] == 1;

    private int EmitMultiplyAdd(ExprNode product, ExprNode addend)
    {
        int a = Emit(product.A!);
        int b = Emit(product.B!);
        return Add(new Instruction(OpCode.MultiplyAdd, a, b, Emit(addend)));
    }

    private int Add(Instruction instruction)
    {
        if (_count == _code.Length)
        {
            Array.Resize(ref _code, 2 * _count);
        }

        _code[_count] = instruction;
        return _count++;
    }
}
