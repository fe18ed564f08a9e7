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
            throw new ArgumentException($"a gradient of shape {grad.Shape} cannot update a parameter of shape {array.Shape}", nameof(grad));
        }
        Elementwise step = rule.Step;
        Batch? batch = _batches.Find(b => ReferenceEquals(b.Step, step) && b.DType == array.DType && b.Device == array.Device);
        if (batch is null)
        {
            batch = new Batch(step, scalars: step.Inputs - 2 - rule.StateArrays.Length, array.DType, array.Device);
            _batches.Add(batch);
        }
        batch.Add(rule, array, grad);
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

    private sealed class Batch(Elementwise step, int scalars, DType dtype, Device device)
    {
        private readonly List<NDArray> _inputs = [];
        private readonly List<NDArray> _outputs = [];
        private readonly List<Scalar> _scalars = [];
        private readonly HashSet<Storage> _written = new(ReferenceEqualityComparer.Instance);
        private readonly double[] _present = new double[scalars];
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
            foreach (double scalar in _present)
            {
                _scalars.Add(scalar);
            }
            _count++;
        }

        public void Run() => Step.ComputeMany(
            _count, CollectionsMarshal.AsSpan(_inputs), CollectionsMarshal.AsSpan(_scalars), CollectionsMarshal.AsSpan(_outputs));

        public void Clear()
        {
            _inputs.Clear();
            _outputs.Clear();
            _scalars.Clear();
            _written.Clear();
            _count = 0;
        }
    }
}
