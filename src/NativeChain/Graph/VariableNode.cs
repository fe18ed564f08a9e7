namespace NativeChain;

/// <summary>
/// A variable as the graph sees it: who created it, and its gradient. Functions refer to the nodes of their inputs, never to the
/// <see cref="Variable"/>s, so that data no backward needs is let go while the graph lives on.
/// </summary>
public sealed class VariableNode
{
    // The entry of the backward pass that now collects a gradient for this node; the pass puts back what it found.
    internal long Pass;
    internal int Slot;

    private FunctionNode? _creator;
    private NDArray? _data;
    private Variable? _gradVar;

    internal VariableNode(NDArray? array, bool requiresGrad)
    {
        RequiresGrad = requiresGrad;
        Describe(array);
    }

    /// <summary>The function that made it; null for a leaf of the graph.</summary>
    /// <value>Setting it cuts the graph here (null), or joins it again (the former creator).</value>
    public FunctionNode? Creator
    {
        get => _creator;
        set
        {
            _creator = value;
            if (value is not null)
            {
                Rank = value.Rank + 1;
            }
        }
    }

    /// <summary>The data, where a function retained it for its backward; else null.</summary>
    public NDArray? Data => Escape(_data);

    /// <summary>The gradient; null where there is none.</summary>
    public NDArray? Grad => _gradVar?.Array;

    /// <summary>The gradient as a variable, with its own graph after a differentiable backward; null where there is none.</summary>
    public Variable? GradVar
    {
        get
        {
            Escape(_gradVar?.RawArray);
            return _gradVar;
        }
    }

    /// <summary>The factor by which <see cref="Grad"/> is too large; null for one.</summary>
    public double? LossScale { get; internal set; }

    /// <summary>The name given to the variable.</summary>
    public string? Name { get; set; }

    /// <summary>The number of functions on the longest way to a leaf.</summary>
    public int Rank { get; private set; }

    /// <summary>Whether backward computes a gradient here.</summary>
    public bool RequiresGrad { get; }

    /// <summary>The shape of the data; that of a scalar while the variable is not initialized.</summary>
    public Shape Shape { get; private set; }

    /// <summary>The dtype of the data; null while the variable is not initialized.</summary>
    public DType? DType { get; private set; }

    /// <summary>Shape and dtype, such as <c>(2, 3), float32</c>.</summary>
    public string Label => DType is not DType dtype ? "uninitialized"
        : Shape.NDim == 0 ? dtype.Name() : $"{Shape}, {dtype.Name()}";

    /// <summary>The gradient, without handing it out of the library: its memory may still be reused.</summary>
    internal Variable? RawGradVar
    {
        get => _gradVar;
        set => _gradVar = value;
    }

    internal NDArray? RawData => _data;

    /// <summary>Makes the variable a leaf: backward stops here.</summary>
    public void Unchain() => _creator = null;

    internal void Describe(NDArray? array)
    {
        if (array is null)
        {
            Shape = default;
            DType = null;
        }
        else
        {
            Shape = array.Shape;
            DType = array.DType;
        }
        if (_data is not null)
        {
            _data = array;
        }
    }

    internal void Retain(NDArray array) => _data = array;

    /// <summary>Marks an array as seen from outside: from now on only the garbage collector frees it.</summary>
    internal static NDArray? Escape(NDArray? array)
    {
        if (array is not null)
        {
            array.IsScratch = false;
        }
        return array;
    }
}
