using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>The hierarchical softmax loss of a large vocabulary over a binary tree of its words (Morin and Bengio, 2005; Mikolov et al., 2013).</summary>
/// <remarks>
/// loss = sum over the nodes on the way to a word of log(1 + exp(-code x W[node])), where code is 1 to the left and -1 to the right. Nodes are numbered from the root, the left
/// tree before the right one. Parameter: `W`, (nodes, inSize).
/// </remarks>
public class BinaryHierarchicalSoftmax : Link
{
    // For each word the nodes on the way to it and which way it goes, (words, depth); -1 and 0 behind its end.
    private readonly NDArray _paths;
    private readonly NDArray _codes;

    /// <summary>Creates the layer.</summary>
    /// <param name="inSize">Size of the inputs.</param>
    /// <param name="tree">The words, from 0 on, at the leaves of a tree; see <see cref="CreateHuffmanTree"/>.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="Uniform"/> from -1 to 1.</param>
    /// <exception cref="ArgumentException">The tree is but a leaf, or a word is negative or stands twice in it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public BinaryHierarchicalSoftmax(int inSize, BinaryTree tree, Initializer? initialW = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inSize);
        ArgumentNullException.ThrowIfNull(tree);
        var words = new SortedDictionary<int, (int Node, int Code)[]>();
        int nodes = 0;
        Walk(tree, [], words, ref nodes);
        if (nodes == 0)
        {
            throw new ArgumentException("BinaryHierarchicalSoftmax: a tree of one word has no node.", nameof(tree));
        }

        int count = checked(words.Keys.Max() + 1);
        int depth = words.Values.Max(path => path.Length);
        var paths = new int[count * depth];
        var codes = new int[count * depth];
        Array.Fill(paths, -1);
        foreach ((int word, (int Node, int Code)[] path) in words)
        {
            for (int i = 0; i < path.Length; i++)
            {
                (paths[(word * depth) + i], codes[(word * depth) + i]) = path[i];
            }
        }

        _paths = NDArray.FromSpan<int>(paths, (count, depth));
        _codes = NDArray.FromSpan<int>(codes, (count, depth));
        W = new Parameter(initialW ?? new Uniform(1.0), (nodes, inSize), "W");
    }

    /// <summary>Weights of the nodes, (nodes, inSize).</summary>
    public Parameter W { get; }

    /// <summary>The tree of least mean depth for words that occur so often.</summary>
    /// <param name="wordCounts">How often each word occurs.</param>
    /// <exception cref="ArgumentException">There are no words.</exception>
    public static BinaryTree CreateHuffmanTree(IReadOnlyDictionary<int, int> wordCounts) => BinaryTree.Huffman(wordCounts);

    /// <summary>The sum of the losses of examples.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Words, (N,); int32 or int64. One that is not in the tree has no loss.</param>
    /// <returns>A 0-d array.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A word behind all those in the tree, or a negative one.</exception>
    public Variable Forward(Variable x, Variable t)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        F.CheckWords("BinaryHierarchicalSoftmax", x.Array, t.Array, W.Array);
        Labels.CheckInRange("BinaryHierarchicalSoftmax", "t", t.Array, _paths.Shape[0]);
        NDArray codes = _codes.To(x.Device)[t.Array];
        return F.Logistic(x, W, _paths.To(x.Device)[t.Array], (-codes).AsType(x.DType), codes.AsType(DType.Bool), all: true);
    }

    /// <summary><see cref="Forward(Variable, Variable)"/> of two inputs.</summary>
    /// <param name="args">Inputs and words.</param>
    /// <returns>A 0-d array.</returns>
    /// <exception cref="ArgumentException">Not two inputs.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length == 2
            ? Forward(args[0], args[1])
            : throw new ArgumentException($"BinaryHierarchicalSoftmax: {args.Length} inputs, but it takes two.", nameof(args));
    }

    /// <summary><see cref="Forward(Variable, Variable)"/> between the hooks.</summary>
    /// <param name="x">(N, inSize), floating point.</param>
    /// <param name="t">Words, (N,).</param>
    /// <returns>A 0-d array.</returns>
    public Variable Call(Variable x, Variable t) => HasHooks ? Hooked(() => Forward(x, t), x, t) : Forward(x, t);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("inSize", W.Shape[1]), ("nodes", W.Shape[0])];

    private static void Walk(BinaryTree tree, List<(int Node, int Code)> way, SortedDictionary<int, (int Node, int Code)[]> words, ref int nodes)
    {
        if (tree.Value is int word)
        {
            if (word < 0 || !words.TryAdd(word, [.. way]))
            {
                throw new ArgumentException($"BinaryHierarchicalSoftmax: word {word} is negative, or stands twice in the tree.", nameof(tree));
            }

            return;
        }

        int node = nodes++;
        foreach ((BinaryTree child, int code) in new[] { (tree.Left!, 1), (tree.Right!, -1) })
        {
            way.Add((node, code));
            Walk(child, way, words, ref nodes);
            way.RemoveAt(way.Count - 1);
        }
    }
}
