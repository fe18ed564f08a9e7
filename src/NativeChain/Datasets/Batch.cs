using System.Collections;

namespace NativeChain;

/// <summary>A minibatch: one array for each part of an example, examples along the first axis. The parts may have names.</summary>
/// <remarks>
/// <code>foreach (var (x, t) in iterator)</code>
/// Examples whose shapes differ stay as they are, in <see cref="Examples"/>, for a converter to do with them what it wants; what needs
/// them as arrays says that they are none.
/// </remarks>
public sealed class Batch : IReadOnlyList<NDArray>
{
    private readonly NDArray[]? _arrays;
    private readonly NDArray[][]? _examples;
    private readonly string[]? _names;

    /// <summary>Creates a minibatch.</summary>
    /// <param name="arrays">Its arrays, all with one extent of the first axis.</param>
    public Batch(params NDArray[] arrays)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        _arrays = arrays;
    }

    /// <summary>Creates a minibatch whose arrays have names.</summary>
    /// <param name="arrays">Its arrays by name, all with one extent of the first axis.</param>
    /// <exception cref="ArgumentException">Two have one name.</exception>
    public Batch(IReadOnlyList<(string Name, NDArray Array)> arrays)
        : this([.. arrays.Select(entry => entry.Array)], null, [.. arrays.Select(entry => entry.Name)])
    {
    }

    private Batch(NDArray[]? arrays, NDArray[][]? examples, string[]? names)
    {
        _arrays = arrays;
        _examples = examples;
        _names = names;
        if (names is not null && names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw new ArgumentException($"Batch: two arrays have one name: {string.Join(", ", names)}", nameof(names));
        }
    }

    /// <summary>Number of arrays.</summary>
    public int Count => _arrays?.Length ?? _examples![0].Length;

    /// <summary>Number of examples.</summary>
    public int Size => _examples?.Length ?? (_arrays!.Length == 0 ? 0 : _arrays[0].Shape[0]);

    /// <summary>Names of the arrays.</summary>
    /// <value>null: they have none.</value>
    public IReadOnlyList<string>? Names => _names;

    /// <summary>Whether the examples have been stacked to arrays; else their shapes differ.</summary>
    public bool IsStacked => _arrays is not null;

    /// <summary>The examples, each of its arrays; views where they have been stacked.</summary>
    public IReadOnlyList<NDArray[]> Examples =>
        _examples ?? [.. Enumerable.Range(0, Size).Select(i => Array.ConvertAll(_arrays!, array => array[i]))];

    /// <summary>One of the arrays.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="InvalidOperationException">The shapes of the examples differ.</exception>
    public NDArray this[int index] => Stacked[index];

    /// <summary>One of the arrays, by its name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="InvalidOperationException">The shapes of the examples differ.</exception>
    public NDArray this[string name]
    {
        get
        {
            int index = Array.IndexOf(_names ?? [], name);
            return index >= 0 ? Stacked[index] : throw new KeyNotFoundException(
                $"the minibatch has no {name}, but {(_names is null ? "arrays without names" : string.Join(", ", _names))}");
        }
    }

    private NDArray[] Stacked => _arrays ?? throw new InvalidOperationException(
        $"examples of shapes {string.Join(", ", _examples!.Take(8).Select(example => string.Join(" ", example.Select(array => array.Shape.ToString()))))}"
        + $"{(_examples!.Length > 8 ? ", ..." : "")} cannot be stacked: use a converter that takes the minibatch's Examples, or its Pad");

    /// <summary>A minibatch of examples: stacked, if the shapes of each part are equal.</summary>
    /// <param name="examples">The examples, each of as many arrays.</param>
    /// <param name="names">Names of the arrays; null for none.</param>
    /// <exception cref="ArgumentException">The examples, or the names, have different numbers of arrays.</exception>
    public static Batch FromExamples(IReadOnlyList<NDArray[]> examples, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(examples);
        string[]? parts = names?.ToArray();
        if (examples.Count == 0)
        {
            return new Batch();
        }
        int count = examples[0].Length;
        foreach (NDArray[] example in examples)
        {
            if (example.Length != count || (parts is not null && parts.Length != count))
            {
                throw new ArgumentException(
                    $"Batch: an example of {example.Length} arrays among ones of {count}{(parts is null ? "" : $", named {string.Join(", ", parts)}")}",
                    nameof(examples));
            }
        }
        NDArray[] arrays = new NDArray[count];
        for (int k = 0; k < count; k++)
        {
            NDArray[] part = [.. examples.Select(example => example[k])];
            if (Array.Exists(part, array => array.Shape != part[0].Shape))
            {
                return new Batch(null, [.. examples], parts);
            }
            arrays[k] = NDArray.Stack(part, axis: 0);
        }
        return new Batch(arrays, null, parts);
    }

    /// <summary>The minibatch with its examples stacked, shorter ones filled up at the ends of their axes.</summary>
    /// <param name="padding">What they are filled up with.</param>
    /// <exception cref="InvalidOperationException">Examples of a part have different numbers of axes.</exception>
    public Batch Pad(Scalar padding)
    {
        if (_examples is null)
        {
            return this;
        }
        NDArray[] arrays = new NDArray[Count];
        for (int k = 0; k < arrays.Length; k++)
        {
            arrays[k] = Pad([.. _examples.Select(example => example[k])], padding);
        }
        return new Batch(arrays, null, _names);
    }

    /// <summary>The first two arrays of a minibatch of two.</summary>
    /// <param name="x">The first.</param>
    /// <param name="t">The second.</param>
    /// <exception cref="InvalidOperationException">It has another number of arrays.</exception>
    public void Deconstruct(out NDArray x, out NDArray t)
    {
        NDArray[] arrays = Check(2);
        (x, t) = (arrays[0], arrays[1]);
    }

    /// <summary>The arrays of a minibatch of three.</summary>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <exception cref="InvalidOperationException">It has another number of arrays.</exception>
    public void Deconstruct(out NDArray a, out NDArray b, out NDArray c)
    {
        NDArray[] arrays = Check(3);
        (a, b, c) = (arrays[0], arrays[1], arrays[2]);
    }

    /// <summary>The arrays of a minibatch of four.</summary>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    /// <exception cref="InvalidOperationException">It has another number of arrays.</exception>
    public void Deconstruct(out NDArray a, out NDArray b, out NDArray c, out NDArray d)
    {
        NDArray[] arrays = Check(4);
        (a, b, c, d) = (arrays[0], arrays[1], arrays[2], arrays[3]);
    }

    /// <summary>The minibatch on a device.</summary>
    /// <param name="device">The device.</param>
    public Batch To(Device device) => new(
        _arrays is null ? null : Array.ConvertAll(_arrays, array => array.To(device)),
        _examples is null ? null : Array.ConvertAll(_examples, example => Array.ConvertAll(example, array => array.To(device))),
        _names);

    /// <summary>The arrays as variables that take no gradient, such as a loss wants them.</summary>
    /// <exception cref="InvalidOperationException">The shapes of the examples differ.</exception>
    public Variable[] ToVariables() => Array.ConvertAll(Stacked, array => (Variable)array);

    /// <summary>The arrays as variables that take no gradient, with their names.</summary>
    /// <exception cref="InvalidOperationException">They have no names, or the shapes of the examples differ.</exception>
    public (string Name, Variable Value)[] ToNamedVariables() => _names is { } names
        ? [.. names.Zip(ToVariables())]
        : throw new InvalidOperationException("the arrays of the minibatch have no names");

    /// <summary>The arrays by their names.</summary>
    /// <exception cref="InvalidOperationException">They have no names, or the shapes of the examples differ.</exception>
    public Dictionary<string, NDArray> ToDictionary() => _names is { } names
        ? names.Zip(Stacked).ToDictionary(entry => entry.First, entry => entry.Second, StringComparer.Ordinal)
        : throw new InvalidOperationException("the arrays of the minibatch have no names");

    /// <summary>The arrays, in order.</summary>
    public IEnumerator<NDArray> GetEnumerator() => ((IEnumerable<NDArray>)Stacked).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static NDArray Pad(NDArray[] part, Scalar padding)
    {
        int[] extents = part[0].Shape.ToArray();
        foreach (NDArray array in part)
        {
            if (array.NDim != extents.Length)
            {
                throw new InvalidOperationException($"examples of shapes {part[0].Shape} and {array.Shape} cannot be padded to one");
            }
            for (int axis = 0; axis < extents.Length; axis++)
            {
                extents[axis] = Math.Max(extents[axis], array.Shape[axis]);
            }
        }
        NDArray padded = NDArray.Full(new Shape([part.Length, .. extents]), padding, part[0].DType, part[0].Device);
        for (int i = 0; i < part.Length; i++)
        {
            NDArray view = padded[i];
            for (int axis = 0; axis < extents.Length; axis++)
            {
                IndexExpr[] index = [.. Enumerable.Repeat((IndexExpr)Range.All, axis), 0..part[i].Shape[axis]];
                view = view[index];
            }
            part[i].CopyTo(view);
        }
        return padded;
    }

    private NDArray[] Check(int count) => Count == count
        ? Stacked
        : throw new InvalidOperationException($"a minibatch of {Count} arrays cannot be taken apart into {count}");
}
