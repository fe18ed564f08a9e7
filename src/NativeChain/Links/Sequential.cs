using System.Collections;
using System.Globalization;

namespace NativeChain;

/// <summary>One layer of a <see cref="Sequential"/>: a link or a function.</summary>
public readonly struct Layer
{
    private readonly Link? _link;
    private readonly Func<Variable, Variable>? _function;

    /// <summary>A layer that calls a link.</summary>
    /// <param name="link">The link.</param>
    public Layer(Link link)
    {
        ArgumentNullException.ThrowIfNull(link);
        _link = link;
    }

    /// <summary>A layer that calls a function.</summary>
    /// <param name="function">The function, such as `F.Relu`.</param>
    public Layer(Func<Variable, Variable> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        _function = function;
    }

    /// <summary>The link.</summary>
    /// <value>null: the layer is a function.</value>
    public Link? Link => _link;

    /// <summary>A layer that calls a link.</summary>
    /// <param name="link">The link.</param>
    public static implicit operator Layer(Link link) => new(link);

    /// <summary>A layer that calls a function.</summary>
    /// <param name="function">The function.</param>
    public static implicit operator Layer(Func<Variable, Variable> function) => new(function);

    /// <summary>Runs the layer.</summary>
    /// <param name="x">Input.</param>
    /// <returns>Output.</returns>
    public Variable Call(Variable x) => _link is not null ? _link.Call(x)
        : _function is not null ? _function(x)
        : throw new InvalidOperationException("an empty layer cannot be called");

    /// <summary>The link as text, or the name of the function.</summary>
    public override string ToString() => _link?.ToString() ?? _function?.Method.Name ?? "";

    internal bool Is(Layer other) => ReferenceEquals(_link, other._link) && Equals(_function, other._function);
}

/// <summary>Layers that are called one after the other: links, which are its children, and functions, which are not.</summary>
/// <remarks>
/// <code>Sequential model = new() { new L.Linear(784, 100), F.Relu, new L.Linear(100, 10) };</code>
/// Children are numbered without the functions, and not in the order of the layers: a link inserted at layer i &gt; 0 comes into the list
/// of children at one more than the layer index of the first link before it, or to its end. Three links with functions between them are `/0`, `/2`, `/1`. So
/// Chainer numbers them, and so they are found in files.
/// </remarks>
public class Sequential : Link, IEnumerable<Layer>
{
    private List<Layer> _layers = [];
    private List<Link> _children = [];

    /// <summary>Creates an empty sequence, or one of layers.</summary>
    /// <param name="layers">The layers, in order.</param>
    public Sequential(params ReadOnlySpan<Layer> layers)
    {
        foreach (Layer layer in layers)
        {
            Add(layer);
        }
    }

    /// <summary>Number of layers.</summary>
    public int Count => _layers.Count;

    /// <summary>The layer of an index.</summary>
    /// <param name="index">Index; -1 is the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public Layer this[int index]
    {
        get => _layers[Normalize(index)];
        set
        {
            int i = Normalize(index);
            if (!_layers[i].Is(value))
            {
                RemoveAt(i);
                Insert(i, value);
            }
        }
    }

    /// <summary>Appends a link.</summary>
    /// <param name="link">The link.</param>
    public void Add(Link link) => Add(new Layer(link));

    /// <summary>Appends a function.</summary>
    /// <param name="function">The function, such as `F.Relu`.</param>
    public void Add(Func<Variable, Variable> function) => Add(new Layer(function));

    /// <summary>Appends a layer.</summary>
    /// <param name="layer">The layer.</param>
    public void Add(Layer layer) => Insert(_layers.Count, layer);

    /// <summary>Inserts a layer.</summary>
    /// <param name="index">Index that it is to have.</param>
    /// <param name="layer">The layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is beyond the end.</exception>
    public void Insert(int index, Layer layer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, _layers.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(index, -_layers.Count);
        if (index < 0)
        {
            index += _layers.Count;
        }
        if (layer.Link is { } link)
        {
            int position = 0;
            if (index > 0)
            {
                int first = _layers.FindIndex(0, index, before => before.Link is not null);
                position = Math.Min(Math.Max(first, 0) + 1, _children.Count);
            }
            _children.Insert(position, link);
        }
        _layers.Insert(index, layer);
    }

    /// <summary>Removes a layer; those behind it move up.</summary>
    /// <param name="index">Index; -1 is the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public void RemoveAt(int index)
    {
        int i = Normalize(index);
        if (_layers[i].Link is { } link)
        {
            _children.RemoveAt(_children.FindIndex(child => ReferenceEquals(child, link)));
        }
        _layers.RemoveAt(i);
    }

    /// <summary>A sequence of the same layers, the layers of sequences within it put in their place.</summary>
    public Sequential Flatten()
    {
        Sequential flat = [];
        foreach (Layer layer in _layers)
        {
            foreach (Layer inner in layer.Link is Sequential sequence ? sequence.Flatten()._layers : [layer])
            {
                flat.Add(inner);
            }
        }
        return flat;
    }

    /// <summary>Runs the layers one after the other.</summary>
    /// <param name="x">Input of the first layer.</param>
    /// <returns>Output of the last layer.</returns>
    /// <exception cref="InvalidOperationException">There is no layer.</exception>
    public override Variable Forward(Variable x)
    {
        if (_layers.Count == 0)
        {
            throw new InvalidOperationException("Sequential has no layers");
        }
        foreach (Layer layer in _layers)
        {
            x = layer.Call(x);
        }
        return x;
    }

    /// <summary>Runs the layers one after the other; several inputs go to the first, which must be a link.</summary>
    /// <param name="args">Inputs of the first layer.</param>
    /// <returns>Output of the last layer.</returns>
    /// <exception cref="InvalidOperationException">There is no layer, or the first is a function.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args.Length == 1)
        {
            return Forward(args[0]);
        }
        if (_layers.Count == 0 || _layers[0].Link is not { } first)
        {
            throw new InvalidOperationException($"Sequential cannot pass {args.Length} inputs: its first layer is no link");
        }
        Variable x = first.Call(args);
        foreach (Layer layer in _layers.Skip(1))
        {
            x = layer.Call(x);
        }
        return x;
    }

    /// <summary>The layers, in order.</summary>
    public IEnumerator<Layer> GetEnumerator() => _layers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString()
    {
        CheckTree();
        string layers = string.Concat(_layers.SelectMany(
            (layer, i) => $"({i}): {layer},".Split('\n').Select(line => "  " + line + "\n")));
        return layers.Length == 0 ? $"{GetType().Name}()" : $"{GetType().Name}(\n{layers})";
    }

    private protected override IEnumerable<(string Name, Link Link)> NamedChildren()
    {
        for (int i = 0; i < _children.Count; i++)
        {
            string name = i.ToString(CultureInfo.InvariantCulture);
            _children[i].Name = name;
            yield return (name, _children[i]);
        }
    }

    private protected override void CopyChildren(CopyMode mode, Dictionary<object, object> copies)
    {
        _children = _children.ConvertAll(child => Copy(child, mode, copies));
        _layers = _layers.ConvertAll(layer => layer.Link is { } link ? new Layer(Copy(link, mode, copies)) : layer);
    }

    private int Normalize(int index)
    {
        int normal = index < 0 ? index + _layers.Count : index;
        return normal >= 0 && normal < _layers.Count
            ? normal
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"{GetType().Name} has {_layers.Count} layers");
    }
}
