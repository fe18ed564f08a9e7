using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeChain;

public sealed partial class Elementwise
{
    /// <summary>The result for arrays and numbers, with no graph.</summary>
    /// <param name="operands">As many as there are inputs, broadcast against each other.</param>
    /// <returns>A new array. Comparisons and logic give bool; division, roots, exponentials and the like of integers float64; all else NumPy's promotion of the dtypes, in which numbers are weak.</returns>
    /// <exception cref="ArgumentException">A wrong number of operands, shapes that do not broadcast, arrays of different devices, several results (see <see cref="ComputeAll"/>).</exception>
    /// <exception cref="ArgumentNullException">An array is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number that the integer dtype of the result cannot hold.</exception>
    public NDArray Compute(params ReadOnlySpan<Operand> operands)
    {
        RequireSingle(nameof(Compute), nameof(ComputeAll));
        var call = new Call(this, operands, Promotion.Arrays);
        NDArray y = call.Allocate(0);
        Kernels.Run(call.Plan.Program, call.Arrays, call.Numbers, [y]);
        return y;
    }

    /// <summary><see cref="Compute(ReadOnlySpan{Operand})"/> of one array.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">This is no function of one input and one result.</exception>
    public NDArray Compute(NDArray x)
    {
        ArgumentNullException.ThrowIfNull(x);
        RequireArity(1);
        Plan plan = PlanOf((ulong)x.DType, Promotion.Arrays);
        NDArray y = NDArray.Allocate(x.Shape, plan.DType, x.Storage.Pool);
        Kernels.Run(plan.Program, x, y);
        return y;
    }

    /// <summary><see cref="Compute(ReadOnlySpan{Operand})"/> of two arrays.</summary>
    /// <exception cref="ArgumentNullException">An array is null.</exception>
    /// <exception cref="ArgumentException">Shapes that do not broadcast, arrays of different devices; or this is no function of two inputs and one result.</exception>
    public NDArray Compute(NDArray a, NDArray b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        RequireArity(2);
        Plan plan = PlanOf(Pack((OperandType)a.DType, (OperandType)b.DType), Promotion.Arrays);
        Shape shape = a.Shape;
        if (shape != b.Shape)
        {
            shape = Broadcast(in shape, b.Shape);
        }

        NDArray y = NDArray.Allocate(in shape, plan.DType, a.Storage.Pool);
        Kernels.Run(plan.Program, a, b, y);
        return y;
    }

    /// <summary><see cref="Compute(ReadOnlySpan{Operand})"/> of an array and a number.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">This is no function of two inputs and one result.</exception>
    public NDArray Compute(NDArray a, double b)
    {
        ArgumentNullException.ThrowIfNull(a);
        return ComputeNumber(a, b, Pack((OperandType)a.DType, OperandType.WeakFloating));
    }

    /// <summary><see cref="Compute(ReadOnlySpan{Operand})"/> of an array and an integer.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">This is no function of two inputs and one result.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dtype of the result cannot hold the number.</exception>
    public NDArray Compute(NDArray a, long b)
    {
        ArgumentNullException.ThrowIfNull(a);
        return ComputeNumber(a, b, Pack((OperandType)a.DType, OperandType.WeakInteger));
    }

    /// <summary><see cref="Compute(ReadOnlySpan{Operand})"/> of a number and an array.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="b"/> is null.</exception>
    /// <exception cref="ArgumentException">This is no function of two inputs and one result.</exception>
    public NDArray Compute(double a, NDArray b)
    {
        ArgumentNullException.ThrowIfNull(b);
        return ComputeNumber(b, a, Pack(OperandType.WeakFloating, (OperandType)b.DType));
    }

    /// <summary><see cref="Compute(ReadOnlySpan{Operand})"/> of an integer and an array.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="b"/> is null.</exception>
    /// <exception cref="ArgumentException">This is no function of two inputs and one result.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dtype of the result cannot hold the number.</exception>
    public NDArray Compute(long a, NDArray b)
    {
        ArgumentNullException.ThrowIfNull(b);
        return ComputeNumber(b, a, Pack(OperandType.WeakInteger, (OperandType)b.DType));
    }

    /// <summary>All results for arrays and numbers, with no graph.</summary>
    /// <inheritdoc cref="Compute(ReadOnlySpan{Operand})"/>
    /// <returns>A new array for each result.</returns>
    public NDArray[] ComputeAll(params ReadOnlySpan<Operand> operands)
    {
        var call = new Call(this, operands, Promotion.Arrays);
        var outputs = new NDArray[Outputs];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = call.Allocate(i);
        }

        Kernels.Run(call.Plan.Program, call.Arrays, call.Numbers, outputs);
        return outputs;
    }

    /// <summary>Writes the results into arrays that exist, cast to their dtypes. Allocates nothing.</summary>
    /// <param name="outputs">As many as there are results, of one shape to which the operands broadcast. One may be the same array as an operand of its dtype.</param>
    /// <param name="operands">As many as there are inputs.</param>
    /// <exception cref="ArgumentException">Wrong numbers, shapes or devices; nothing is written.</exception>
    public void ComputeInto(ReadOnlySpan<NDArray> outputs, params ReadOnlySpan<Operand> operands)
    {
        var call = new Call(this, operands, Promotion.Arrays);
        Kernels.Run(call.Plan.Program, call.Arrays, call.Numbers, outputs);
    }

    /// <summary>Writes the results of many tuples of arrays in one pass over all of them, such as an optimizer's step over every parameter of a model.</summary>
    /// <param name="count">The number of tuples.</param>
    /// <param name="arrays">The arrays of the first tuple, then those of the second, and so on; those of a tuple are the first inputs of the function.</param>
    /// <param name="numbers">The remaining inputs, tuple by tuple.</param>
    /// <param name="outputs">Where the results go, tuple by tuple. One may be the same array as an input of its tuple.</param>
    /// <exception cref="ArgumentException">Wrong numbers, shapes or devices, or a tuple that writes what another reads; nothing is written.</exception>
    public void ComputeMany(int count, ReadOnlySpan<NDArray> arrays, ReadOnlySpan<Scalar> numbers, ReadOnlySpan<NDArray> outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
        {
            return;
        }

        int perTuple = arrays.Length / count;
        int numbersPerTuple = Inputs - perTuple;
        if (perTuple * count != arrays.Length || numbersPerTuple * count != numbers.Length || Outputs * count != outputs.Length)
        {
            throw new ArgumentException(
                $"{Name}: {count} tuples of {Inputs} inputs and {Outputs} outputs do not match {arrays.Length} arrays, {numbers.Length} numbers and {outputs.Length} outputs.");
        }

        // Neighbours of equal dtypes share a call.
        for (int first = 0; first < count;)
        {
            ulong types = TypesOfTuple(arrays.Slice(first * perTuple, perTuple));
            int last = first + 1;
            while (last < count && TypesOfTuple(arrays.Slice(last * perTuple, perTuple)) == types)
            {
                last++;
            }

            Kernels.RunMany(
                PlanOf(types, Promotion.Arrays).Program,
                last - first,
                arrays[(first * perTuple)..(last * perTuple)],
                numbers[(first * numbersPerTuple)..(last * numbersPerTuple)],
                outputs[(first * Outputs)..(last * Outputs)]);
            first = last;
        }
    }

    /// <summary>Reduces the result over axes in the same pass: no array of the unreduced values is made.</summary>
    /// <param name="op">The reduction.</param>
    /// <param name="axis">The axes of the broadcast shape to reduce.</param>
    /// <param name="keepDims">Whether those axes stay with extent 1.</param>
    /// <param name="operands">As many as there are inputs, broadcast against each other.</param>
    /// <returns>A new array: sums and products of integers in int64, means of integers in float64, indices in int64, all else in the result's dtype.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Compute(ReadOnlySpan{Operand})"/>, and minima, maxima or indices of no elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Reduce(Reduction op, Axes axis, bool keepDims, params ReadOnlySpan<Operand> operands)
    {
        RequireSingle(nameof(Reduce), "a function of its own for each");
        var call = new Call(this, operands, Promotion.Arrays);
        DType dtype = call.Plan.DType;
        if (op == Reduction.Mean && !dtype.IsFloating())
        {
            NDArray sum = Reduce(Reduction.Sum, axis, keepDims, operands);
            return Ops.Divide.Compute(sum, (double)(call.Shape.Size / Math.Max(1, sum.Size)));
        }

        if (op is Reduction.ArgMax or Reduction.ArgMin || (op is Reduction.Sum or Reduction.Prod && !dtype.IsFloating()))
        {
            dtype = DType.Int64;
        }

        uint mask = axis.Mask(call.Shape.NDim, Name, nameof(axis));
        NDArray y = NDArray.Allocate(Axes.Reduce(in call.Shape, mask, keepDims: true), dtype, call.Pool);
        Kernels.Reduce(op, call.Plan.Program, call.Arrays, call.Numbers, [y]);
        return keepDims ? y : y.WithShapeInPlace(Axes.Reduce(in call.Shape, mask, keepDims: false));
    }

    private NDArray ComputeNumber(NDArray x, Scalar number, ulong types)
    {
        RequireArity(2);
        Plan plan = PlanOf(types, Promotion.Arrays);
        if (plan.DType is DType.UInt8 or DType.Int32)
        {
            CheckHolds(plan.DType, number.I64);
        }

        NDArray y = NDArray.Allocate(x.Shape, plan.DType, x.Storage.Pool);
        Kernels.Run(plan.Program, x, number, y);
        return y;
    }

    private ulong TypesOfTuple(ReadOnlySpan<NDArray> arrays)
    {
        ulong types = 0;
        for (int i = 0; i < Inputs; i++)
        {
            OperandType type = i < arrays.Length
                ? (OperandType)(arrays[i] ?? throw new ArgumentNullException(nameof(arrays), $"{Name}: an array is null.")).DType
                : OperandType.WeakFloating;
            types |= (ulong)type << (i * TypeBits);
        }

        return types;
    }

    private Shape Broadcast(in Shape a, in Shape b)
    {
        if (!Shape.TryBroadcast(in a, in b, out Shape shape))
        {
            ThrowShapes(a, b);
        }

        return shape;
    }

    private void RequireArity(int inputs)
    {
        if (Inputs != inputs || Outputs != 1)
        {
            ThrowArity(inputs);
        }
    }

    private void RequireSingle(string method, string instead)
    {
        if (Outputs != 1)
        {
            throw new ArgumentException($"{Name} has {Outputs} results; {method} is for one, use {instead}.");
        }
    }

    private void CheckHolds(DType dtype, long value)
    {
        if (!dtype.Holds(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"{Name}: {dtype.Name()} does not hold this number");
        }
    }

    [DoesNotReturn]
    private void ThrowArity(int inputs) => throw new ArgumentException(Outputs != 1
        ? $"{Name} has {Outputs} results; Compute and Apply are for one, use {nameof(ComputeAll)} or {nameof(ApplyAll)}."
        : $"{Name} takes {Inputs} operands, but was given {inputs}.");

    [DoesNotReturn]
    private void ThrowShapes(Shape a, Shape b) =>
        throw new ArgumentException($"{Name}: shapes {a} and {b} do not broadcast against each other.");

    /// <summary>The operands of one call, sorted into arrays and numbers.</summary>
    private ref struct Call
    {
        private ArrayBuffer _arrays;
        private NumberBuffer _numbers;
        private int _arrayCount;
        private int _numberCount;

        internal Call(Elementwise function, ReadOnlySpan<Operand> operands, Promotion promotion)
        {
            if (operands.Length != function.Inputs)
            {
                throw new ArgumentException($"{function.Name} takes {function.Inputs} operands, but was given {operands.Length}.", nameof(operands));
            }

            ulong types = 0;
            bool integers = false;
            for (int i = 0; i < operands.Length; i++)
            {
                ref readonly Operand operand = ref operands[i];
                if (operand.IsNumber)
                {
                    _numbers[_numberCount++] = operand.Number;
                    integers |= operand.Type == OperandType.WeakInteger;
                }
                else
                {
                    NDArray x = operand.ToArray(function.Name, i);
                    Shape = _arrayCount == 0 ? x.Shape : Shape == x.Shape ? Shape : function.Broadcast(in Shape, x.Shape);
                    Pool ??= x.Storage.Pool;
                    _arrays[_arrayCount++] = x;
                }

                types |= (ulong)operand.Type << (i * TypeBits);
            }

            Pool ??= MemoryPool.Cpu;
            Plan = function.PlanOf(types, promotion);
            if (integers && Plan.DType is DType.UInt8 or DType.Int32)
            {
                foreach (ref readonly Operand operand in operands)
                {
                    if (operand.IsNumber && operand.Type == OperandType.WeakInteger)
                    {
                        function.CheckHolds(Plan.DType, operand.Number.I64);
                    }
                }
            }
        }

        internal Plan Plan { get; }

        internal MemoryPool Pool { get; }

        /// <summary>That of the arrays, broadcast; () where all operands are numbers.</summary>
        internal readonly Shape Shape;

        [UnscopedRef]
        internal readonly ReadOnlySpan<NDArray> Arrays => ((ReadOnlySpan<NDArray>)_arrays)[.._arrayCount];

        [UnscopedRef]
        internal readonly ReadOnlySpan<Scalar> Numbers => ((ReadOnlySpan<Scalar>)_numbers)[.._numberCount];

        internal readonly NDArray Allocate(int output) => NDArray.Allocate(in Shape, Plan.DTypes[output], Pool);
    }

    [InlineArray(Program.MaxInputs)]
    private struct ArrayBuffer
    {
        private NDArray _first;
    }

    [InlineArray(Program.MaxInputs)]
    private struct NumberBuffer
    {
        private Scalar _first;
    }
}
