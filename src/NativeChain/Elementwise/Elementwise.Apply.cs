using System.Diagnostics.CodeAnalysis;

namespace NativeChain;

public sealed partial class Elementwise
{
    private static readonly Elementwise s_sum = new("Sum", 1, [ExprNode.Load(0)], ProgramFlags.None) { IsGradient = true };

    /// <summary>The result for Variables, arrays and numbers, recorded in the graph.</summary>
    /// <param name="operands">As many as there are inputs, broadcast against each other. Floating point ones have one dtype; integers and bools may stand beside them, and take it. Arrays and numbers carry no gradient.</param>
    /// <exception cref="InvalidTypeException">Floating point operands of different dtypes, or shapes that do not broadcast.</exception>
    /// <exception cref="ArgumentException">A wrong number of operands, arrays of different devices, several results (see <see cref="ApplyAll"/>).</exception>
    /// <exception cref="ArgumentNullException">An operand is null.</exception>
    public Variable Apply(params ReadOnlySpan<Operand> operands)
    {
        RequireSingle(nameof(Apply), nameof(ApplyAll));
        VariableBuffer buffer = default;
        Span<Variable> variables = Sort(operands, buffer, out NumberOperands? numbers);
        return ApplyCore(variables, numbers, null);
    }

    /// <summary><see cref="Apply(ReadOnlySpan{Operand})"/> of one Variable.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">This is no function of one input and one result.</exception>
    public Variable Apply(Variable x)
    {
        RequireNotNull(x, 0);
        RequireArity(1);
        return ApplyCore([x], null, null);
    }

    /// <summary><see cref="Apply(ReadOnlySpan{Operand})"/> of two Variables.</summary>
    /// <exception cref="InvalidTypeException">Floating point operands of different dtypes, or shapes that do not broadcast.</exception>
    /// <exception cref="ArgumentNullException">A Variable is null.</exception>
    /// <exception cref="ArgumentException">Arrays of different devices; or this is no function of two inputs and one result.</exception>
    public Variable Apply(Variable a, Variable b)
    {
        RequireNotNull(a, 0);
        RequireNotNull(b, 1);
        RequireArity(2);
        return ApplyCore([a, b], null, null);
    }

    /// <summary>All results for Variables, arrays and numbers, recorded in the graph.</summary>
    /// <inheritdoc cref="Apply(ReadOnlySpan{Operand})"/>
    public Variable[] ApplyAll(params ReadOnlySpan<Operand> operands)
    {
        VariableBuffer buffer = default;
        Span<Variable> variables = Sort(operands, buffer, out NumberOperands? numbers);
        return new Node(this, numbers, null, NeededInputs(variables, numbers)).Apply(variables);
    }

    /// <summary>The sum of the results over all elements, without an array of them.</summary>
    /// <param name="shape">That of the operands, broadcast against each other.</param>
    /// <param name="operands">As many as there are inputs.</param>
    internal Variable ApplySum(Shape shape, params ReadOnlySpan<Operand> operands) => ApplySumTo(Shape.Scalar, shape, operands);

    /// <summary>The sums of the results over the axes that another shape lacks or has with extent 1, without an array of the results.</summary>
    /// <param name="result">A shape that broadcasts to <paramref name="shape"/>.</param>
    /// <param name="shape">That of the operands, broadcast against each other.</param>
    /// <param name="operands">As many as there are inputs.</param>
    internal Variable ApplySumTo(Shape result, Shape shape, params ReadOnlySpan<Operand> operands)
    {
        VariableBuffer buffer = default;
        Span<Variable> variables = Sort(operands, buffer, out NumberOperands? numbers);
        return ApplyCore(variables, numbers, new SumShapes(shape, result));
    }

    /// <summary>The result, broadcast to one shape and summed over the axes that another lacks or has with extent 1.</summary>
    private Variable ApplyCore(ReadOnlySpan<Variable> variables, NumberOperands? numbers, SumShapes? shapes)
    {
        Configuration config = Config.Current;
        bool requiresGrad = false;
        foreach (Variable x in variables)
        {
            requiresGrad |= x.RequiresGrad;
        }

        ulong needed = requiresGrad && config.EnableBackprop ? NeededInputs(variables, numbers) : 0;
        return new Node(this, numbers, shapes, needed).ApplySingle(variables);
    }

    // The inputs whose gradient may be asked for.
    private ulong NeededInputs(ReadOnlySpan<Variable> variables, NumberOperands? numbers)
    {
        ulong numberMask = numbers?.Mask ?? 0;
        ulong needed = 0;
        int slot = 0;
        foreach (Variable x in variables)
        {
            while ((numberMask >> slot & 1) != 0)
            {
                slot++;
            }

            if (x.RequiresGrad && x.RawArray is NDArray data && data.DType.IsFloating())
            {
                needed |= 1UL << slot;
            }

            slot++;
        }

        return needed;
    }

    private Span<Variable> Sort(ReadOnlySpan<Operand> operands, Span<Variable> variables, out NumberOperands? numbers)
    {
        if (operands.Length != Inputs)
        {
            throw new ArgumentException($"{Name} takes {Inputs} operands, but was given {operands.Length}.", nameof(operands));
        }

        int count = 0;
        numbers = null;
        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].IsNumber)
            {
                (numbers ??= new NumberOperands()).Add(i, operands[i]);
            }
            else
            {
                variables[count++] = operands[i].ToVariable(Name, i);
            }
        }

        return variables[..count];
    }

    [DoesNotReturn]
    private void ThrowDTypes(ReadOnlySpan<NDArray> inputs)
    {
        DType? expected = null;
        for (int i = 0; i < inputs.Length; i++)
        {
            DType dtype = inputs[i].DType;
            if (dtype.IsFloating())
            {
                expected ??= dtype;
                if (dtype != expected)
                {
                    TypeCheck.SameDType(Name, ArgumentName(i), inputs[i], expected.Value);
                }
            }
        }

        throw new InvalidOperationException($"{Name}: the dtypes of the operands agree.");
    }

    private void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        if (TypeRule == TypeRule.Expression)
        {
            return;
        }

        DType dtype = inputs[0].DType;
        if (TypeRule != TypeRule.SameDType)
        {
            TypeCheck.Floating(Name, ArgumentName(0), inputs[0]);
        }

        for (int i = 1; i < inputs.Length; i++)
        {
            if (inputs[i].DType != dtype)
            {
                TypeCheck.SameDType(Name, ArgumentName(i), inputs[i], dtype);
            }

            if (TypeRule == TypeRule.FloatingSameShape)
            {
                TypeCheck.SameShape(Name, ArgumentName(i), inputs[i], inputs[0].Shape);
            }
        }
    }

    private string ArgumentName(int slot) => Arguments?[slot] ?? $"operands[{slot}]";

    private void RequireNotNull([NotNull] Variable? x, int slot)
    {
        if (x is null)
        {
            throw new ArgumentNullException(ArgumentName(slot), $"{Name}: {ArgumentName(slot)} is null.");
        }
    }

    /// <summary>The numbers among the operands of a call.</summary>
    private sealed class NumberOperands
    {
        private Scalar[] _values = [];

        internal ulong Mask { get; private set; }

        /// <summary>Their types, packed at their places.</summary>
        internal ulong Types { get; private set; }

        internal ReadOnlySpan<Scalar> Values => _values;

        internal void Add(int slot, in Operand operand)
        {
            Mask |= 1UL << slot;
            Types |= (ulong)operand.Type << (slot * TypeBits);
            Array.Resize(ref _values, _values.Length + 1);
            _values[^1] = operand.Number;
        }

        /// <summary>The number at a place, as an operand of another function.</summary>
        internal Operand At(int slot)
        {
            Scalar value = _values[System.Numerics.BitOperations.PopCount(Mask & ((1UL << slot) - 1))];
            return Operand.OfNumber((OperandType)(Types >> (slot * TypeBits) & 0xF), value);
        }
    }

    /// <summary>Shapes of a sum of elementwise results: what the operands are broadcast to, and what is left after the sum.</summary>
    private sealed record SumShapes(Shape Full, Shape Result);

    [System.Runtime.CompilerServices.InlineArray(Program.MaxInputs)]
    private struct VariableBuffer
    {
        private Variable _first;
    }
}
