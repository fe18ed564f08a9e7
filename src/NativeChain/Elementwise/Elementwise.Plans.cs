using System.Numerics;

namespace NativeChain;

public sealed partial class Elementwise
{
    // Operand types are packed four bits each, the first lowest. Up to two operands index a table; more are looked for in a list.
    private const int TypeBits = 4;

    private readonly Plan?[]?[] _tables = new Plan?[]?[2];
    private readonly Plan[][] _lists = [[], []];
    private readonly Lock _lock = new();

    private static ulong Pack(OperandType a, OperandType b) => (ulong)a | ((ulong)b << TypeBits);

    /// <summary>Bit k is set where operand k is a number.</summary>
    private static ulong NumbersOf(ulong types, int count)
    {
        ulong mask = 0;
        for (int i = 0; i < count; i++)
        {
            mask |= (types >> (i * TypeBits + 3) & 1) << i;
        }

        return mask;
    }

    /// <summary>The program for operands of these types, built the first time.</summary>
    private Plan PlanOf(ulong types, Promotion promotion)
    {
        if (Inputs <= 2)
        {
            return _tables[(int)promotion] is Plan?[] table && table[types] is Plan known ? known : AddPlan(types, promotion);
        }

        foreach (Plan plan in Volatile.Read(ref _lists[(int)promotion]))
        {
            if (plan.Types == types)
            {
                return plan;
            }
        }

        return AddPlan(types, promotion);
    }

    private Plan AddPlan(ulong types, Promotion promotion)
    {
        var operands = new OperandType[Inputs];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = (OperandType)(types >> (i * TypeBits) & 0xF);
        }

        var inference = new TypeInference(operands, promotion);
        var dtypes = new DType[Outputs];
        for (int i = 0; i < dtypes.Length; i++)
        {
            dtypes[i] = inference.Output(OutputNodes[i]);
        }

        Program program = Lowering.Build(Name, OutputNodes, Inputs, NumbersOf(types, Inputs), inference.ComputeDType, _flags);
        var plan = new Plan(types, program, dtypes, MixesFloating(operands));
        lock (_lock)
        {
            if (Inputs <= 2)
            {
                Plan?[] table = _tables[(int)promotion] ??= new Plan?[1 << (TypeBits * 2)];
                Volatile.Write(ref table[types], plan);
            }
            else
            {
                ref Plan[] list = ref _lists[(int)promotion];
                Volatile.Write(ref list, [.. list, plan]);
            }
        }

        return plan;
    }

    private static bool MixesFloating(ReadOnlySpan<OperandType> operands)
    {
        OperandType? first = null;
        foreach (OperandType type in operands)
        {
            if (type < OperandType.WeakInteger && ((DType)type).IsFloating())
            {
                first ??= type;
                if (type != first)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>A compiled program, and the dtypes that its outputs are allocated in.</summary>
    private sealed class Plan(ulong types, Program program, DType[] dtypes, bool mixesFloating)
    {
        internal readonly ulong Types = types;
        internal readonly Program Program = program;
        internal readonly DType[] DTypes = dtypes;
        internal readonly DType DType = dtypes[0];

        /// <summary>True of operands of different floating point dtypes, which Variables refuse.</summary>
        internal readonly bool MixesFloating = mixesFloating;
    }
}
