using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>
/// One run of backpropagation: a heap of functions ordered by rank, and the gradients that wait at the nodes. Its buffers are reused by the
/// next pass on the same thread; a pass inside another (a Backward that differentiates a graph of its own) takes buffers of its own.
/// </summary>
internal sealed class BackwardPass
{
    // Above this many, buffers are left to the garbage collector after a pass over an unusually large graph.
    private const int MaxKept = 1 << 16;

    private static long s_lastPass;

    [ThreadStatic]
    private static BackwardPass? t_idle;

    private (long Key, FunctionNode Function)[] _heap = new (long, FunctionNode)[64];
    private int _heapCount;
    private Slot[] _slots = new Slot[128];
    private int _slotCount;
    private (FunctionNode Function, long Outer)[] _queued = new (FunctionNode, long)[64];
    private int _queuedCount;
    private int[] _targets = new int[16];
    private long _pass;
    private bool _loadsLeaves;
    private bool _inPlace;
    private bool _debug;

    /// <summary>The gradient that waits at a node, and what the node held before this pass.</summary>
    private struct Slot
    {
        public VariableNode Node;
        public Variable? Grad;
        public long OuterPass;
        public int OuterSlot;
    }

    /// <summary>Backpropagates from one node to all leaves, and leaves their gradients there.</summary>
    public static void Run(VariableNode y, Variable gy, bool retainGrad, bool enableDoubleBackprop, double? lossScale)
    {
        BackwardPass pass = Begin(enableDoubleBackprop, loadsLeaves: true);
        Variable? given = y.RawGradVar;
        try
        {
            y.RawGradVar = null;
            using (Config.Using(Config.Current.WithEnableBackprop(enableDoubleBackprop)))
            {
                pass.ToLeaves(y, gy, retainGrad, lossScale);
            }
        }
        catch
        {
            y.RawGradVar = given;
            throw;
        }
        finally
        {
            pass.End();
        }
    }

    /// <summary>Backpropagates to the given inputs alone, through the functions between; leaves no gradient anywhere.</summary>
    /// <param name="outputs">Where it starts.</param>
    /// <param name="gradOutputs">The gradient at each of them.</param>
    /// <param name="inputs">Where it ends.</param>
    /// <param name="gradInputs">What is added to the gradient at each of them; null for nothing.</param>
    /// <param name="required">All nodes on the way, the inputs included.</param>
    /// <param name="retainGrad">Whether to keep the gradients on the way.</param>
    /// <param name="enableDoubleBackprop">Whether to record the graph of the gradients.</param>
    /// <param name="lossScale">The scale to note beside gradients that are kept.</param>
    public static Variable?[] Run(
        VariableNode[] outputs,
        Variable[] gradOutputs,
        VariableNode[] inputs,
        Variable?[]? gradInputs,
        HashSet<VariableNode> required,
        bool retainGrad,
        bool enableDoubleBackprop,
        double? lossScale)
    {
        BackwardPass pass = Begin(enableDoubleBackprop, loadsLeaves: false);
        try
        {
            using (Config.Using(Config.Current.WithEnableBackprop(enableDoubleBackprop)))
            {
                return pass.ToInputs(outputs, gradOutputs, inputs, gradInputs, required, retainGrad, lossScale);
            }
        }
        finally
        {
            pass.End();
        }
    }

    private static BackwardPass Begin(bool enableDoubleBackprop, bool loadsLeaves)
    {
        BackwardPass pass = t_idle ?? new BackwardPass();
        t_idle = null;
        pass._pass = Interlocked.Increment(ref s_lastPass);
        pass._inPlace = !enableDoubleBackprop;
        pass._loadsLeaves = loadsLeaves;
        pass._debug = Config.Debug;
        return pass;
    }

    private void End()
    {
        // Last in, first out: a node may have been reached by several passes, one inside the other.
        for (int i = _slotCount - 1; i >= 0; i--)
        {
            ref Slot slot = ref _slots[i];
            slot.Node.Pass = slot.OuterPass;
            slot.Node.Slot = slot.OuterSlot;
        }
        for (int i = _queuedCount - 1; i >= 0; i--)
        {
            _queued[i].Function.Pass = _queued[i].Outer;
        }
        System.Array.Clear(_slots, 0, _slotCount);
        System.Array.Clear(_queued, 0, _queuedCount);
        System.Array.Clear(_heap, 0, _heapCount);
        bool keep = _slots.Length <= MaxKept && _queued.Length <= MaxKept;
        _slotCount = 0;
        _queuedCount = 0;
        _heapCount = 0;
        if (keep)
        {
            t_idle = this;
        }
    }

    private void ToLeaves(VariableNode y, Variable gy, bool retainGrad, double? lossScale)
    {
        Add(SlotOf(y), gy, null);
        Enqueue(y.Creator);
        while (_heapCount > 0)
        {
            FunctionNode function = Pop();
            ReadOnlySpan<VariableNode> inputs = function.Inputs;
            if (inputs.Length > _targets.Length)
            {
                _targets = new int[inputs.Length];
            }
            int count = 0;
            for (int i = 0; i < inputs.Length; i++)
            {
                if (inputs[i].RequiresGrad)
                {
                    _targets[count++] = i;
                }
            }
            ReadOnlySpan<int> targets = _targets.AsSpan(0, count);
            Step(function, targets, retainGrad, lossScale);
            foreach (int i in targets)
            {
                if (inputs[i].Pass == _pass)
                {
                    Enqueue(inputs[i].Creator);
                }
            }
        }
        for (int i = 0; i < _slotCount; i++)
        {
            ref Slot slot = ref _slots[i];
            if (slot.Node.Creator is null)
            {
                if (slot.Node.RawGradVar != slot.Grad)
                {
                    ReleaseIfScratch(slot.Node.RawGradVar);
                    slot.Node.RawGradVar = Materialize(slot.Grad);
                }
                slot.Node.LossScale = lossScale;
            }
        }
    }

    private Variable?[] ToInputs(
        VariableNode[] outputs,
        Variable[] gradOutputs,
        VariableNode[] inputs,
        Variable?[]? gradInputs,
        HashSet<VariableNode> required,
        bool retainGrad,
        double? lossScale)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            Add(SlotOf(outputs[i]), gradOutputs[i], null);
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            if (gradInputs?[i] is Variable gx)
            {
                Add(SlotOf(inputs[i]), gx, null);
            }
        }
        foreach (VariableNode y in outputs)
        {
            Enqueue(y.Creator);
        }
        var results = new Dictionary<VariableNode, Variable?>(inputs.Length);
        while (_heapCount > 0)
        {
            FunctionNode function = Pop();
            foreach (VariableNode y in function.Outputs)
            {
                if (y.Pass == _pass && System.Array.IndexOf(inputs, y) >= 0)
                {
                    VariableNode.Escape(_slots[y.Slot].Grad?.RawArray);
                    results[y] = _slots[y.Slot].Grad;
                }
            }
            ReadOnlySpan<VariableNode> nodes = function.Inputs;
            var targets = new List<int>(nodes.Length);
            for (int i = 0; i < nodes.Length; i++)
            {
                if (required.Contains(nodes[i]))
                {
                    targets.Add(i);
                }
            }
            Step(function, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(targets), retainGrad, lossScale);
            foreach (int i in targets)
            {
                if (nodes[i].Pass == _pass)
                {
                    Enqueue(nodes[i].Creator);
                }
            }
        }
        var gradients = new Variable?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            VariableNode x = inputs[i];
            if (!results.TryGetValue(x, out gradients[i]) && x.Pass == _pass)
            {
                gradients[i] = _slots[x.Slot].Grad;
                VariableNode.Escape(gradients[i]?.RawArray);
            }
        }
        return gradients;
    }

    /// <summary>Takes the gradients that wait at a function's outputs, and adds what its backward makes of them to those of its inputs.</summary>
    private void Step(FunctionNode function, ReadOnlySpan<int> targets, bool retainGrad, double? lossScale)
    {
        ReadOnlySpan<VariableNode> outputs = function.Outputs;
        Few buffer = default;
        Span<Variable?> gradOutputs = outputs.Length <= Few.Length ? buffer[..outputs.Length] : new Variable?[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            VariableNode y = outputs[i];
            if (y.Pass == _pass)
            {
                ref Slot slot = ref _slots[y.Slot];
                gradOutputs[i] = slot.Grad;
                slot.Grad = null;
            }
            else if (_loadsLeaves && y.RawGradVar is not null)
            {
                // Nothing flowed back into this output, but the user gave it a gradient.
                gradOutputs[i] = y.GradVar;
                y.RawGradVar = null;
            }
            if (retainGrad)
            {
                VariableNode.Escape(gradOutputs[i]?.RawArray);
                y.RawGradVar = gradOutputs[i];
                y.LossScale = lossScale;
            }
        }
        if (targets.Length == 0)
        {
            return;
        }
        if (!function.ReleasesGradients)
        {
            EscapeAll(gradOutputs);
        }
        Variable?[] gradInputs = function.Backward(targets, gradOutputs);
        ReadOnlySpan<VariableNode> inputs = function.Inputs;
        if (gradInputs.Length != inputs.Length && gradInputs.Length != targets.Length)
        {
            throw GradientCount(function, gradInputs.Length, inputs.Length, targets.Length);
        }
        bool all = gradInputs.Length == inputs.Length;
        if (!function.ReleasesGradients)
        {
            EscapeAll(gradInputs);
        }
        else if (_inPlace)
        {
            SeparateAliases(gradOutputs, gradInputs);
        }
        for (int i = 0; i < targets.Length; i++)
        {
            VariableNode x = inputs[targets[i]];
            if (gradInputs[all ? targets[i] : i] is Variable gx)
            {
                CheckGradient(function, targets[i], x, gx);
                Add(SlotOf(x), gx, function);
            }
        }
        if (_inPlace)
        {
            foreach (Variable? gy in gradOutputs)
            {
                ReleaseIfScratch(gy);
            }
        }
    }

    /// <summary>Adds a gradient to what waits in a slot.</summary>
    private void Add(int index, Variable grad, FunctionNode? function)
    {
        ref Slot slot = ref _slots[index];
        if (slot.Grad is not Variable sum)
        {
            slot.Grad = grad;
            return;
        }
        if (!_inPlace)
        {
            slot.Grad = sum + grad;
            return;
        }
        NDArray a = sum.RawArray!;
        NDArray b = grad.RawArray!;
        // What a leaf brought along stays whole until the pass has succeeded.
        if (a.IsScratch && sum != slot.Node.RawGradVar)
        {
            Kernels.Run(FixedPrograms.Add(a.DType), a, b, a);
            ReleaseIfScratch(grad);
        }
        else if (b.IsScratch)
        {
            Kernels.Run(FixedPrograms.Add(a.DType), a, b, b);
            slot.Grad = grad;
        }
        else
        {
            NDArray y = Scratch.Like(a);
            Kernels.Run(FixedPrograms.Add(a.DType), a, b, y);
            slot.Grad = Variable.Wrap(y, requiresGrad: false);
        }
        if (_debug && DebugMode.ContainsNaN(slot.Grad!.RawArray!))
        {
            throw NaNError(function);
        }
    }

    /// <summary>The slot of a node in this pass; a leaf's starts with the gradient that it already has.</summary>
    private int SlotOf(VariableNode node)
    {
        if (node.Pass == _pass)
        {
            return node.Slot;
        }
        if (_slotCount == _slots.Length)
        {
            System.Array.Resize(ref _slots, 2 * _slots.Length);
        }
        ref Slot slot = ref _slots[_slotCount];
        slot.Node = node;
        slot.OuterPass = node.Pass;
        slot.OuterSlot = node.Slot;
        if (_loadsLeaves && node.Creator is null)
        {
            slot.Grad = node.RawGradVar;
        }
        node.Pass = _pass;
        node.Slot = _slotCount;
        return _slotCount++;
    }

    private void Enqueue(FunctionNode? function)
    {
        if (function is null || function.Pass == _pass)
        {
            return;
        }
        if (_queuedCount == _queued.Length)
        {
            System.Array.Resize(ref _queued, 2 * _queued.Length);
        }
        _queued[_queuedCount] = (function, function.Pass);
        function.Pass = _pass;
        Push(((long)-function.Rank << 32) | (uint)_queuedCount, function);
        _queuedCount++;
    }

    // The smallest key is on top: the highest rank, and of equal ranks the first to be queued.
    private void Push(long key, FunctionNode function)
    {
        if (_heapCount == _heap.Length)
        {
            System.Array.Resize(ref _heap, 2 * _heap.Length);
        }
        int i = _heapCount++;
        while (i > 0)
        {
            int parent = (i - 1) / 2;
            if (_heap[parent].Key <= key)
            {
                break;
            }
            _heap[i] = _heap[parent];
            i = parent;
        }
        _heap[i] = (key, function);
    }

    private FunctionNode Pop()
    {
        FunctionNode top = _heap[0].Function;
        (long Key, FunctionNode Function) last = _heap[--_heapCount];
        _heap[_heapCount] = default;
        int i = 0;
        while (true)
        {
            int child = (2 * i) + 1;
            if (child >= _heapCount)
            {
                break;
            }
            if (child + 1 < _heapCount && _heap[child + 1].Key < _heap[child].Key)
            {
                child++;
            }
            if (_heap[child].Key >= last.Key)
            {
                break;
            }
            _heap[i] = _heap[child];
            i = child;
        }
        if (_heapCount > 0)
        {
            _heap[i] = last;
        }
        return top;
    }

    /// <summary>Takes the scratch mark from arrays that share memory: with each other, or with a gradient that came in.</summary>
    private static void SeparateAliases(ReadOnlySpan<Variable?> gradOutputs, ReadOnlySpan<Variable?> gradInputs)
    {
        for (int i = 0; i < gradInputs.Length; i++)
        {
            if (gradInputs[i]?.RawArray is not NDArray gx)
            {
                continue;
            }
            foreach (Variable? gy in gradOutputs)
            {
                SeparateAlias(gx, gy?.RawArray);
            }
            for (int j = 0; j < i; j++)
            {
                SeparateAlias(gx, gradInputs[j]?.RawArray);
            }
        }
    }

    private static void SeparateAlias(NDArray a, NDArray? b)
    {
        if (b is not null && a.SharesMemoryWith(b))
        {
            a.IsScratch = false;
            b.IsScratch = false;
        }
    }

    /// <summary>A gradient whose elements lie apart: a broadcast one is copied, so that a leaf's may be written to.</summary>
    private static Variable? Materialize(Variable? grad)
    {
        if (grad?.RawArray is not NDArray array || !IsBroadcast(array))
        {
            return grad;
        }
        NDArray copy = array.Copy();
        return grad.NodeOrNull is VariableNode node ? new Variable(node, copy) : Variable.Wrap(copy, grad.RequiresGrad);
    }

    private static bool IsBroadcast(NDArray array)
    {
        if (!array.IsContiguous)
        {
            for (int i = 0; i < array.NDim; i++)
            {
                if (array.Strides[i] == 0 && array.Shape[i] > 1)
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static void EscapeAll(ReadOnlySpan<Variable?> variables)
    {
        foreach (Variable? variable in variables)
        {
            VariableNode.Escape(variable?.RawArray);
        }
    }

    private static void ReleaseIfScratch(Variable? variable)
    {
        if (variable?.RawArray is { IsScratch: true } array)
        {
            array.ReleaseScratch();
        }
    }

    private void CheckGradient(FunctionNode function, int index, VariableNode x, Variable grad)
    {
        NDArray gx = grad.RawArray ?? throw Bug(function, $"its gradient of input {index} has no data");
        if (x.DType is DType dtype && (gx.DType != dtype || gx.Shape != x.Shape))
        {
            throw OtherType(function, index, x, dtype, gx);
        }
        if (_debug && DebugMode.ContainsNaN(gx))
        {
            throw NaNError(function);
        }
    }

    private static InvalidOperationException OtherType(FunctionNode function, int index, VariableNode x, DType dtype, NDArray gx) =>
        Bug(function, gx.DType != dtype
            ? $"the dtype of input {index} is {dtype.Name()}, that of its gradient {gx.DType.Name()}"
            : $"the shape of input {index} is {x.Shape}, that of its gradient {gx.Shape}");

    private static InvalidOperationException Bug(FunctionNode function, string what) => new($"{function.Label} has a bug: {what}.");

    private static InvalidOperationException GradientCount(FunctionNode function, int given, int inputs, int targets) =>
        new($"{function.Label}: Backward returned {given} gradients, expected {inputs}{(inputs == targets ? "." : $" or {targets}.")}");

    private static NotFiniteNumberException NaNError(FunctionNode? function) =>
        new($"NaN is detected on backward computation of {function?.Label ?? "the accumulation of gradients"}.");

    [InlineArray(Length)]
    private struct Few
    {
        public const int Length = 4;
        private Variable? _first;
    }
}
