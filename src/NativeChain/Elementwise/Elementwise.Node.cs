using System.Numerics;

namespace NativeChain;

public sealed partial class Elementwise
{
    /// <summary>
    /// y = f(x0, x1, ...) with the operands broadcast to one shape, or the sum of that over some of its axes. The gradient at an operand of the broadcast
    /// shape is such a function again, one pass for all of them; that at a smaller one is such a sum.
    /// </summary>
    private sealed class Node : FunctionNode
    {
        private readonly Elementwise _function;
        private readonly NumberOperands? _numbers;
        private readonly SumShapes? _sum;
        private readonly ulong _needed;
        private Shape _full;

        internal Node(Elementwise function, NumberOperands? numbers, SumShapes? sum, ulong needed)
        {
            _function = function;
            _numbers = numbers;
            _sum = sum;
            _needed = needed;
        }

        public override string Label => _function.Name;

        internal override bool ReleasesGradients => true;

        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
        {
            Plan plan = _function.PlanOf(TypesOf(inputs), Promotion.Variables);
            if (plan.MixesFloating)
            {
                _function.ThrowDTypes(inputs);
            }

            _full = _sum is null ? BroadcastAll(inputs) : _sum.Full;
            ReadOnlySpan<Scalar> numbers = _numbers is null ? default : _numbers.Values;
            NDArray[] outputs = IsSum ? MapSum(plan, inputs, numbers) : Map(plan, inputs, numbers);
            if (_needed != 0)
            {
                Retain();
            }

            return outputs;
        }

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
        {
            uint gradMask = 0;
            for (int j = 0; j < gradOutputs.Length; j++)
            {
                gradMask |= gradOutputs[j] is null ? 0 : 1u << j;
            }

            var gradInputs = new Variable?[targetInputs.Length];
            ulong together = 0;
            for (int k = 0; k < targetInputs.Length; k++)
            {
                VariableNode x = Inputs[targetInputs[k]];
                if (x.DType is not DType dtype || !dtype.IsFloating())
                {
                    continue;
                }

                ulong slot = 1UL << SlotOf(targetInputs[k]);
                if (x.Shape != _full)
                {
                    Differentiate(slot, gradMask, gradOutputs, new SumShapes(_full, x.Shape), targetInputs, gradInputs);
                    continue;
                }

                if (BitOperations.PopCount(together) == Program.MaxOutputs)
                {
                    Differentiate(together, gradMask, gradOutputs, null, targetInputs, gradInputs);
                    together = 0;
                }

                together |= slot;
            }

            if (together != 0)
            {
                Differentiate(together, gradMask, gradOutputs, null, targetInputs, gradInputs);
            }

            return gradInputs;
        }

        protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => _function.CheckTypes(inputs);

        // The gradients at the inputs of a mask, which all have one shape: one pass.
        private void Differentiate(
            ulong inputs,
            uint gradMask,
            ReadOnlySpan<Variable?> gradOutputs,
            SumShapes? sum,
            ReadOnlySpan<int> targetInputs,
            Variable?[] gradInputs)
        {
            Gradient gradient = _function.GradientOf(inputs, gradMask, IsSum);
            SumShapes shapes = sum ?? new SumShapes(_full, _full);
            Variable[]? computed = gradient.Function is null ? null : Compute(gradient, gradOutputs, shapes);
            int result = 0;
            for (int k = 0; k < targetInputs.Length; k++)
            {
                if ((inputs >> SlotOf(targetInputs[k]) & 1) == 0)
                {
                    continue;
                }

                int source = gradient.Results[result++];
                if (source >= 0)
                {
                    gradInputs[k] = computed![source];
                }
                else if (source != Gradient.None)
                {
                    Variable gy = gradOutputs[~source]!;
                    gradInputs[k] = gy.RawArray!.Shape == shapes.Result
                        ? gy
                        : s_sum.ApplyCore([gy], null, shapes);
                }
            }
        }

        private Variable[] Compute(Gradient gradient, ReadOnlySpan<Variable?> gradOutputs, SumShapes shapes)
        {
            VariableBuffer buffer = default;
            Span<Variable> variables = buffer;
            int count = 0;
            NumberOperands? numbers = null;
            for (int i = 0; i < gradient.Sources.Length; i++)
            {
                int slot = gradient.Sources[i];
                if (slot >= _function.Inputs + _function.Outputs)
                {
                    variables[count++] = gradOutputs[slot - _function.Inputs - _function.Outputs]!;
                }
                else if (slot >= _function.Inputs)
                {
                    variables[count++] = GetRetainedOutput(slot - _function.Inputs);
                }
                else if (IsNumber(slot))
                {
                    (numbers ??= new NumberOperands()).Add(i, _numbers!.At(slot));
                }
                else
                {
                    variables[count++] = GetRetainedInput(IndexOf(slot));
                }
            }

            Elementwise function = gradient.Function!;
            variables = variables[..count];
            return function.Outputs == 1
                ? [function.ApplyCore(variables, numbers, shapes)]
                : new Node(function, numbers, shapes, function.NeededInputs(variables, numbers)).Apply(variables);
        }

        private NDArray[] Map(Plan plan, ReadOnlySpan<NDArray> inputs, ReadOnlySpan<Scalar> numbers)
        {
            MemoryPool pool = inputs.Length == 0 ? MemoryPool.Cpu : inputs[0].Storage.Pool;
            var outputs = new NDArray[plan.DTypes.Length];
            for (int j = 0; j < outputs.Length; j++)
            {
                outputs[j] = NDArray.Allocate(in _full, plan.DTypes[j], pool);
                outputs[j].IsScratch = _function.IsGradient;
            }

            Kernels.Run(plan.Program, inputs, numbers, outputs);
            return outputs;
        }

        private NDArray[] MapSum(Plan plan, ReadOnlySpan<NDArray> inputs, ReadOnlySpan<Scalar> numbers)
        {
            Shape result = _sum!.Result;
            Shape kept = WithLeadingOnes(in result, _full.NDim);
            var outputs = new NDArray[plan.DTypes.Length];
            for (int j = 0; j < outputs.Length; j++)
            {
                outputs[j] = NDArray.Allocate(in kept, plan.DTypes[j], inputs[0].Storage.Pool);
                outputs[j].IsScratch = _function.IsGradient;
            }

            if (BroadcastAll(inputs) == _full)
            {
                Kernels.Reduce(Reduction.Sum, plan.Program, inputs, numbers, outputs);
            }
            else
            {
                // The kernel takes the shape that it sums over from the inputs.
                using Scratch.Borrowed first = Scratch.BroadcastTo(inputs[0], _full);
                Kernels.Reduce(Reduction.Sum, plan.Program, [first.View, .. inputs[1..]], numbers, outputs);
            }

            foreach (NDArray y in outputs)
            {
                y.WithShapeInPlace(in result);
            }

            return outputs;
        }

        // What the gradients at the needed inputs read.
        private void Retain()
        {
            Gradient gradient = _function.GradientOf(_needed, (1u << _function.Outputs) - 1, IsSum);
            Span<int> inputs = stackalloc int[_function.Inputs];
            Span<int> outputs = stackalloc int[_function.Outputs];
            SplitSources(gradient.Sources, ref inputs, ref outputs);
            if (inputs.Length > 0)
            {
                RetainInputs(inputs);
            }

            if (outputs.Length > 0)
            {
                RetainOutputs(outputs);
            }
        }

        /// <summary>The arrays among a gradient's sources, as indices of the node's inputs and of its outputs. No loop is where stack memory is taken: such a method is compiled with all optimizations at its first call.</summary>
        private void SplitSources(int[] sources, ref Span<int> inputs, ref Span<int> outputs)
        {
            int inputCount = 0;
            int outputCount = 0;
            foreach (int slot in sources)
            {
                if (slot < _function.Inputs)
                {
                    if (!IsNumber(slot))
                    {
                        inputs[inputCount++] = IndexOf(slot);
                    }
                }
                else if (slot < _function.Inputs + _function.Outputs)
                {
                    outputs[outputCount++] = slot - _function.Inputs;
                }
            }

            inputs = inputs[..inputCount];
            outputs = outputs[..outputCount];
        }

        private ulong TypesOf(ReadOnlySpan<NDArray> inputs)
        {
            if (_numbers is null)
            {
                ulong packed = 0;
                for (int i = 0; i < inputs.Length; i++)
                {
                    packed |= (ulong)inputs[i].DType << (i * TypeBits);
                }

                return packed;
            }

            ulong types = _numbers.Types;
            for (int i = 0; i < inputs.Length; i++)
            {
                types |= (ulong)inputs[i].DType << (SlotOf(i) * TypeBits);
            }

            return types;
        }

        private Shape BroadcastAll(ReadOnlySpan<NDArray> inputs)
        {
            Shape shape = inputs.Length == 0 ? Shape.Scalar : inputs[0].Shape;
            for (int i = 1; i < inputs.Length; i++)
            {
                Shape next = inputs[i].Shape;
                if (shape != next)
                {
                    if (!Shape.TryBroadcast(in shape, in next, out Shape both))
                    {
                        TypeCheck.Throw(_function.Name, _function.ArgumentName(SlotOf(i)), $"a shape that broadcasts with {shape}", $"shape {next}");
                    }

                    shape = both;
                }
            }

            return shape;
        }

        private bool IsSum => _sum is not null && _sum.Result != _full;

        private bool IsNumber(int slot) => _numbers is not null && (_numbers.Mask >> slot & 1) != 0;

        // Which of the Variables stands at a place among the operands, and back.
        private int IndexOf(int slot) =>
            _numbers is null ? slot : slot - BitOperations.PopCount(_numbers.Mask & ((1UL << slot) - 1));

        private int SlotOf(int index)
        {
            int slot = index;
            if (_numbers is not null)
            {
                slot = 0;
                for (int left = index; ; slot++)
                {
                    if (!IsNumber(slot) && left-- == 0)
                    {
                        break;
                    }
                }
            }

            return slot;
        }

        private static Shape WithLeadingOnes(in Shape shape, int ndim)
        {
            Span<int> extents = [1, 1, 1, 1, 1, 1, 1, 1];
            shape.Span.CopyTo(extents[(ndim - shape.NDim)..]);
            return new Shape(extents[..ndim]);
        }
    }
}
