namespace NativeChain;

/// <summary>What is known of an operand or a value before a program is chosen: its dtype, or that it is a C# number, which is weak (NEP 50).</summary>
internal enum OperandType : byte
{
    /// <summary>The dtypes have their own codes.</summary>
    Bool = DType.Bool,

    /// <summary>A C# integer.</summary>
    WeakInteger = 8,

    /// <summary>A C# floating point number.</summary>
    WeakFloating = 9,
}

/// <summary>How dtypes combine.</summary>
internal enum Promotion
{
    /// <summary>NumPy 2's table: what arrays follow.</summary>
    Arrays,

    /// <summary>Integers and bools take the dtype of the floating point operands: what Variables follow, whose floating point dtypes have to be equal.</summary>
    Variables,
}

/// <summary>Derives the dtypes of an expression's values from those of its operands.</summary>
internal ref struct TypeInference
{
    private readonly ReadOnlySpan<OperandType> _operands;
    private readonly Promotion _promotion;
    // The values are OperandTypes: a dictionary of int is compiled already, one of an enumeration of ours at the start of every program.
    private readonly Dictionary<ExprNode, int> _known = new(ReferenceEqualityComparer.Instance);
    private readonly OperandType _floating = (OperandType)DType.Float64;
    private DType _compute = DType.Int64;

    internal TypeInference(ReadOnlySpan<OperandType> operands, Promotion promotion)
    {
        _operands = operands;
        _promotion = promotion;
        if (promotion == Promotion.Variables)
        {
            foreach (OperandType type in operands)
            {
                if (type < OperandType.WeakInteger && IsFloating(type))
                {
                    _floating = type;
                    break;
                }
            }
        }
    }

    /// <summary>The dtype in which all that was asked for so far can be computed: int64, float32 or float64.</summary>
    internal readonly DType ComputeDType => _compute;

    /// <summary>The dtype of an output. C# numbers alone give int64 or float64.</summary>
    internal DType Output(ExprNode node)
    {
        OperandType type = Of(node);
        return type switch
        {
            OperandType.WeakInteger => DType.Int64,
            OperandType.WeakFloating => (DType)Seen(_floating),
            _ => (DType)type,
        };
    }

    private OperandType Of(ExprNode node)
    {
        if (!_known.TryGetValue(node, out int type))
        {
            type = (int)Infer(node);
            _known.Add(node, type);
        }

        return (OperandType)type;
    }

    private OperandType Infer(ExprNode node)
    {
        switch (node.Op)
        {
            case OpCode.Load:
                return Seen(_operands[node.Slot]);
            case OpCode.Constant:
                return Seen(node.IsInteger ? OperandType.WeakInteger : OperandType.WeakFloating);
            case OpCode.Select:
                Of(node.A!);
                return Promote(Of(node.B!), Of(node.C!));
        }

        OperandType type = Of(node.A!);
        if (node.B is not null)
        {
            type = Promote(type, Of(node.B));
        }

        if (node.C is not null)
        {
            type = Promote(type, Of(node.C));
        }

        if (node.Op is >= OpCode.Equal and <= OpCode.Not or >= OpCode.IsNaN and <= OpCode.IsFinite)
        {
            return OperandType.Bool;
        }

        if (node.Op is >= OpCode.BitAnd and <= OpCode.BitXor)
        {
            return !IsFloating(type)
                ? type
                : throw new ArgumentException($"Elementwise: {node.Op} takes integers and bools, not {Name(type)}.");
        }

        bool floating = node.Op is OpCode.Divide or OpCode.Atan2 or >= OpCode.Reciprocal and <= OpCode.Erfc;
        return floating && !IsFloating(type)
            ? Seen(type == OperandType.WeakInteger ? OperandType.WeakFloating : _floating)
            : type;
    }

    private OperandType Promote(OperandType a, OperandType b)
    {
        if (a == b)
        {
            return a;
        }

        if (a > b)
        {
            (a, b) = (b, a);
        }

        if (b == OperandType.WeakFloating)
        {
            return a == OperandType.WeakInteger ? b : IsFloating(a) ? a : Seen(_floating);
        }

        if (b == OperandType.WeakInteger)
        {
            return (OperandType)DTypes.PromoteInteger((DType)a);
        }

        return _promotion == Promotion.Variables && IsFloating(b) && !IsFloating(a)
            ? b
            : Seen((OperandType)DTypes.Promote((DType)a, (DType)b));
    }

    private OperandType Seen(OperandType type)
    {
        switch (type)
        {
            case (OperandType)DType.Float64:
                _compute = DType.Float64;
                break;
            case (OperandType)DType.Float16 or (OperandType)DType.BFloat16 or (OperandType)DType.Float32 or OperandType.WeakFloating:
                Widen(DType.Float32);
                break;
        }

        return type;
    }

    private DType Widen(DType dtype) => _compute = _compute > dtype ? _compute : dtype;

    private static bool IsFloating(OperandType type) =>
        type == OperandType.WeakFloating || (type < OperandType.WeakInteger && ((DType)type).IsFloating());

    private static string Name(OperandType type) => type < OperandType.WeakInteger ? ((DType)type).Name() : "a C# number";
}
