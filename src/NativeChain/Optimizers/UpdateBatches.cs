using System.Runtime.InteropServices;

namespace NativeChain;

/// <summary>Updates to come, grouped by step, each group run in one pass. Its buffers are kept from step to step.</summary>
internal sealed class UpdateBatches
{
    private readonly List<Batch> _batches = [];

    public void Add(ElementwiseUpdateRule rule, NDArray array, NDArray grad)
    {
        if (grad.Shape != array.Shape)
        {
            throw OtherShape(array, grad);
        }
        BatchOf(rule, array).Add(rule, array, grad);
    }

    public void Run()
    {
        foreach (Batch batch in _batches)
        {
            batch.Run();
        }
    }

    public void Clear()
    {
        foreach (Batch batch in _batches)
        {
            batch.Clear();
        }
    }

    private static ArgumentException OtherShape(NDArray array, NDArray grad) =>
        new($"a gradient of shape {grad.Shape} cannot update a parameter of shape {array.Shape}", nameof(grad));

    private Batch BatchOf(ElementwiseUpdateRule rule, NDArray array)
    {
        Elementwise step = rule.Step;
        foreach (Batch batch in _batches)
        {
            if (ReferenceEquals(batch.Step, step) && batch.DType == array.DType && batch.Device == array.Device)
            {
                return batch;
            }
        }
        Batch added = new(step, scalars: step.Inputs - 2 - rule.StateArrays.Length, array.DType, array.Device);
        _batches.Add(added);
        return added;
    }

    private sealed class Batch(Elementwise step, int scalars, DType dtype, Device device)
    {
        private readonly List<NDArray> _inputs = [];
        private readonly List<NDArray> _outputs = [];
        private readonly HashSet<Storage> _written = new(ReferenceEqualityComparer.Instance);
        private readonly double[] _present = new double[scalars];
        private Scalar[] _scalars = [];
        private int _count;

        public Elementwise Step { get; } = step;

        public DType DType { get; } = dtype;

        public Device Device { get; } = device;

        public void Add(ElementwiseUpdateRule rule, NDArray array, NDArray grad)
        {
            // Parameters that share an array are updated one after the other.
            if (!_written.Add(array.Storage))
            {
                Run();
                Clear();
                _written.Add(array.Storage);
            }
            rule.GetScalars(_present, DType == DType.Float64 ? DType.Float64 : DType.Float32);
            _inputs.Add(array);
            _inputs.Add(grad);
            _outputs.Add(array);
            foreach (NDArray state in rule.StateArrays)
            {
                _inputs.Add(state);
                _outputs.Add(state);
            }
            int first = _count * _present.Length;
            if (first + _present.Length > _scalars.Length)
            {
                Array.Resize(ref _scalars, Math.Max(2 * _scalars.Length, _present.Length));
            }
            for (int i = 0; i < _present.Length; i++)
            {
                _scalars[first + i] = _present[i];
            }
            _count++;
        }

        public void Run() => Step.ComputeMany(
            _count, CollectionsMarshal.AsSpan(_inputs), _scalars.AsSpan(0, _count * _present.Length), CollectionsMarshal.AsSpan(_outputs));

        public void Clear()
        {
            _inputs.Clear();
            _outputs.Clear();
            _written.Clear();
            _count = 0;
        }
    }
}
