using System.Diagnostics.CodeAnalysis;

namespace NativeChain;

/// <summary>An array that remembers how it was computed, so that <see cref="Backward"/> can compute gradients.</summary>
/// <example><code>
/// var x = new Variable(new float[] { 5 });
/// Variable y = x * x - 2 * x + 1;
/// y.Backward();                           // x.Grad: [8.]
/// </code></example>
public partial class Variable
{
    private readonly bool _requiresGrad;
    private NDArray? _array;
    private VariableNode? _node;

    /// <summary>A leaf of the graph that holds <paramref name="array"/>.</summary>
    /// <param name="array">The data; null leaves the variable without.</param>
    /// <param name="name">A name, for messages.</param>
    /// <param name="grad">The initial gradient, of the data's shape and dtype.</param>
    /// <param name="requiresGrad">Whether backward computes a gradient for it.</param>
    /// <exception cref="InvalidTypeException"><paramref name="grad"/> has another shape or dtype than the data.</exception>
    public Variable(NDArray? array = null, string? name = null, NDArray? grad = null, bool requiresGrad = true)
    {
        _array = VariableNode.Escape(array);
        _requiresGrad = requiresGrad;
        if (name is not null)
        {
            Name = name;
        }
        if (grad is not null)
        {
            Grad = grad;
        }
    }

    /// <summary>Another view of a node: what is computed from it belongs to the node's graph.</summary>
    internal Variable(VariableNode node, NDArray? array)
    {
        _array = array;
        _node = node;
        _requiresGrad = node.RequiresGrad;
    }

    private Variable(NDArray array, bool requiresGrad)
    {
        _array = array;
        _requiresGrad = requiresGrad;
    }

    /// <summary>The data; null while a variable made without is not initialized.</summary>
    /// <value>Setting it replaces the array, not its content; the graph and the gradient stay.</value>
    public NDArray? ArrayOrNull => VariableNode.Escape(_array);

    /// <summary>The data.</summary>
    /// <value>Setting it replaces the array, not its content; the graph and the gradient stay.</value>
    /// <exception cref="InvalidOperationException">Read while the variable has none.</exception>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public NDArray Array
    {
        get => VariableNode.Escape(RequireArray())!;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            SetArray(value);
        }
    }

    /// <summary>The gradient; null where there is none.</summary>
    /// <value>Setting it cuts the gradient's own graph.</value>
    /// <exception cref="InvalidTypeException">Set to an array of another shape or dtype than the data.</exception>
    public NDArray? Grad
    {
        get => _node?.Grad;
        set => GradVar = value is null ? null : new Variable(value, null, null, requiresGrad: false);
    }

    /// <summary>The gradient as a variable; after a differentiable backward it has a graph of its own. Null where there is none.</summary>
    /// <exception cref="InvalidTypeException">Set to a variable of another shape or dtype than the data.</exception>
    public Variable? GradVar
    {
        get => _node?.GradVar;
        set
        {
            if (value is null)
            {
                if (_node is not null)
                {
                    _node.RawGradVar = null;
                }
                return;
            }
            CheckGradient(value.Array);
            Node.RawGradVar = value;
        }
    }

    /// <summary>The variable's place in the graph.</summary>
    public VariableNode Node => _node ??= new VariableNode(_array, _requiresGrad);

    /// <summary>The function that made it; null for a leaf, and where no graph was recorded or no input requires a gradient.</summary>
    public FunctionNode? Creator
    {
        get => _node?.Creator;
        set => Node.Creator = value;
    }

    /// <summary>The name, for messages.</summary>
    public string? Name
    {
        get => _node?.Name;
        set => Node.Name = value;
    }

    /// <summary>The number of functions on the longest way to a leaf.</summary>
    public int Rank => _node?.Rank ?? 0;

    /// <summary>Whether backward computes a gradient for it.</summary>
    public bool RequiresGrad => _requiresGrad;

    /// <summary>The shape of the data.</summary>
    /// <exception cref="InvalidOperationException">The variable has no data.</exception>
    public Shape Shape => RequireArray().Shape;

    /// <summary>The number of axes of the data.</summary>
    /// <exception cref="InvalidOperationException">The variable has no data.</exception>
    public int NDim => RequireArray().NDim;

    /// <summary>The number of elements of the data.</summary>
    /// <exception cref="InvalidOperationException">The variable has no data.</exception>
    public long Size => RequireArray().Size;

    /// <summary>The dtype of the data.</summary>
    /// <exception cref="InvalidOperationException">The variable has no data.</exception>
    public virtual DType DType => RequireArray().DType;

    /// <summary>The device of the data.</summary>
    /// <exception cref="InvalidOperationException">The variable has no data.</exception>
    public virtual Device Device => RequireArray().Device;

    /// <summary>The data, without handing it out of the library: scratch memory stays scratch.</summary>
    internal NDArray? RawArray => _array;

    /// <summary>The gradient, without handing it out of the library: scratch memory stays scratch.</summary>
    internal NDArray? RawGrad => _node?.RawGradVar?._array;

    /// <summary>The node, if one was needed so far.</summary>
    internal VariableNode? NodeOrNull => _node;

    /// <summary>A constant of the graph: the array requires no gradient.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="array"/> is null.</exception>
    public static implicit operator Variable(NDArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        return new Variable(array, null, null, requiresGrad: false);
    }

    /// <summary>Wraps what a function computed; the array stays scratch if it is.</summary>
    internal static Variable Wrap(NDArray array, bool requiresGrad) => new(array, requiresGrad);

    /// <summary>Drops the gradient.</summary>
    public virtual void ClearGrad()
    {
        if (_node is not null)
        {
            Variable? grad = _node.RawGradVar;
            _node.RawGradVar = null;
            _node.LossScale = null;
            if (grad?._array is { IsScratch: true } array)
            {
                array.ReleaseScratch();
            }
        }
    }

    /// <summary>Fills the gradient with zeros, making one where there is none. <see cref="ClearGrad"/> is faster.</summary>
    public virtual void ZeroGrad()
    {
        if (_array is not null)
        {
            Grad = NDArray.ZerosLike(_array);
        }
    }

    /// <summary>Adds the gradient of <paramref name="source"/>, if it has one, to this variable's.</summary>
    /// <param name="source">A variable of the same shape and dtype, on any device.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="InvalidTypeException">The gradient has another shape or dtype than the data.</exception>
    public void AddGrad(Variable source)
    {
        ArgumentNullException.ThrowIfNull(source);
        NDArray? added = source.Grad;
        if (added is null)
        {
            return;
        }
        if (_array is null)
        {
            InitializeLike(added);
        }
        CheckGradient(added);
        if (added.Device != Device)
        {
            added = added.To(Device);
        }
        Grad = Grad is NDArray grad ? added + grad : added;
    }

    /// <summary>Copies the data of <paramref name="source"/>, on any device, into this variable's array.</summary>
    /// <remarks>Where one of the two is not initialized, it takes the other's shape; where both are not, nothing happens.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void CopyData(Variable source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source._array is null && _array is null)
        {
            return;
        }
        if (source._array is null)
        {
            source.InitializeLike(_array!);
        }
        else if (_array is null)
        {
            InitializeLike(source._array);
        }
        if (source.Shape != Shape)
        {
            throw new ArgumentException(
                $"CopyData: the source has shape {source.Shape}, this variable {Shape}.", nameof(source));
        }
        source.Array.CopyTo(Array);
    }

    /// <summary>Computes the gradients of all leaves that this variable was computed from, and adds them to theirs.</summary>
    /// <remarks>
    /// Starts from <see cref="Grad"/>; a variable of one element needs none and starts from 1. It may be called again on the same graph.
    /// Gradients of variables between here and the leaves are dropped on the way, this one's included, unless kept by
    /// <paramref name="retainGrad"/>.
    /// </remarks>
    /// <param name="retainGrad">Whether to keep the gradients of intermediate variables.</param>
    /// <param name="enableDoubleBackprop">Whether the gradients record their own graph, to be differentiated again.</param>
    /// <param name="lossScale">Multiplies the initial 1; an optimizer divides by it. Keeps small float16 gradients from vanishing.</param>
    /// <exception cref="InvalidOperationException">The variable has several elements and no gradient to start from.</exception>
    public void Backward(bool retainGrad = false, bool enableDoubleBackprop = false, double? lossScale = null)
    {
        NDArray array = RequireArray();
        Variable? grad = GradVar;
        if (grad is null)
        {
            if (array.Size != 1)
            {
                throw new InvalidOperationException(
                    $"Backward: a variable of shape {array.Shape} needs a gradient to start from, because it is not a scalar. "
                    + "Set Grad before calling Backward (to ones, for the gradient of the sum of its elements), or make it a "
                    + "scalar first, for example by F.Sum, F.Mean or F.Squeeze.");
            }
            grad = Wrap(NDArray.FullLike(array, lossScale ?? 1.0), requiresGrad: false);
        }
        BackwardPass.Run(Node, grad, retainGrad, enableDoubleBackprop, lossScale);
    }

    /// <summary>Moves the data and the gradient to a device; nothing happens to what lies there. The graph stays.</summary>
    /// <param name="device">The device.</param>
    public virtual void ToDevice(Device device)
    {
        if (_array is NDArray array && array.Device != device)
        {
            NDArray? grad = Grad?.To(device);
            SetArray(array.To(device));
            Grad = grad;
        }
    }

    /// <summary>Makes the variable a leaf: backward stops here.</summary>
    public void Unchain() => _node?.Unchain();

    /// <summary>Cuts every edge of the graph behind this variable, as truncated backpropagation through time does.</summary>
    public void UnchainBackward()
    {
        if (_node?.Creator is not FunctionNode creator)
        {
            return;
        }
        var open = new Stack<FunctionNode>();
        open.Push(creator);
        while (open.TryPop(out FunctionNode? function))
        {
            foreach (VariableNode x in function.Inputs)
            {
                if (x.Creator is not null)
                {
                    open.Push(x.Creator);
                }
            }
            function.Unchain();
        }
    }

    /// <summary>The name, or the shape and dtype, and the data as NumPy prints it.</summary>
    public override string ToString()
    {
        string prefix = Name is null ? "variable" : $"variable {Name}";
        if (_array is null)
        {
            return prefix + "(None)";
        }
        string indent = "\n" + new string(' ', prefix.Length + 1);
        return prefix + "(" + _array.ToString()!.Replace("\n", indent, StringComparison.Ordinal) + ")";
    }

    /// <summary>Gives the variable an array of the shape of <paramref name="like"/>.</summary>
    internal virtual void InitializeLike(NDArray like) =>
        SetArray(NDArray.Empty(like.Shape, like.DType, like.Device));

    internal void SetArray(NDArray? array)
    {
        _array = VariableNode.Escape(array);
        _node?.Describe(array);
    }

    /// <summary>Refuses a gradient whose shape or dtype is not the data's; a variable without data takes any.</summary>
    private void CheckGradient(NDArray grad)
    {
        if (_array is null)
        {
            return;
        }
        if (grad.DType != _array.DType)
        {
            throw new InvalidTypeException(
                "Variable", "grad", $"the dtype of the data, {_array.DType.Name()}", grad.DType.Name());
        }
        if (grad.Shape != _array.Shape)
        {
            throw new InvalidTypeException("Variable", "grad", $"the shape of the data, {_array.Shape}", $"{grad.Shape}");
        }
    }

    private NDArray RequireArray() => _array ?? ThrowUninitialized();

    [DoesNotReturn]
    private NDArray ThrowUninitialized() =>
        throw new InvalidOperationException($"{Name ?? GetType().Name}: the variable has no data yet.");
}
