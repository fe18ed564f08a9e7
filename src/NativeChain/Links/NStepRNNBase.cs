using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>What the n-step links have in common: layers of recurrent units over sequences of any lengths, in any order.</summary>
/// <remarks>Child `i` holds the weights of a layer, or with two directions of half a layer: `w0`, `w1`, ... and `b0`, `b1`, ....</remarks>
public abstract class NStepRNNBase : ChainList
{
    private readonly int _inSize;

    private protected NStepRNNBase(
        int weights, int direction, int nLayers, int inSize, int outSize, double dropout, Initializer? initialW, Initializer? initialBias)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nLayers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outSize);
        if (!(dropout >= 0 && dropout < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "must be at least 0 and less than 1");
        }

        NWeights = weights;
        Direction = direction;
        NLayers = nLayers;
        OutSize = outSize;
        Dropout = dropout;
        _inSize = inSize;
        initialW ??= new LeCunNormal();
        initialBias ??= 0.0;
        for (int i = 0; i < nLayers * direction; i++)
        {
            int width = i < direction ? inSize : outSize * direction;
            AddLink(new LayerWeights(weights, width, outSize, initialW, initialBias));
        }
    }

    /// <summary>Number of layers.</summary>
    public int NLayers { get; }

    /// <summary>Number of hidden units of a layer in one direction.</summary>
    public int OutSize { get; }

    /// <summary>1, or 2 where sequences are read from both ends.</summary>
    public int Direction { get; }

    /// <summary>Whether sequences are read from both ends.</summary>
    public bool UseBiDirection => Direction == 2;

    /// <summary>Number of weights, and of biases, of a layer in one direction.</summary>
    public int NWeights { get; }

    /// <summary>The probability that an output is dropped between layers, in training mode.</summary>
    public double Dropout { get; set; }

    /// <summary>The weights of each layer and direction.</summary>
    public IReadOnlyList<IReadOnlyList<Parameter>> Ws => Weights(0);

    /// <summary>The biases of each layer and direction.</summary>
    public IReadOnlyList<IReadOnlyList<Parameter>> Bs => Weights(NWeights);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("nLayers", NLayers), ("inSize", _inSize), ("outSize", OutSize), ("dropout", Dropout)];

    // The states after the last step and the outputs of each sequence, (L_i, N), in the order of xs.
    private protected (Variable[] States, Variable[] Ys) Run(RecurrentStack stack, ReadOnlySpan<Variable?> initial, IReadOnlyList<Variable> xs)
    {
        string name = GetType().Name;
        PackedSequences sequences = PackedSequences.Of(name, xs, _inSize);
        IReadOnlyList<IReadOnlyList<Variable>> ws = Ws;
        IReadOnlyList<IReadOnlyList<Variable>> bs = Bs;
        stack.Check(name, NLayers, Direction, xs[0].RawArray!, initial, ws, bs, xs.Count);
        for (int k = 0; k < initial.Length; k++)
        {
            if (initial[k] is Variable state)
            {
                TypeCheck.Extent(name, k == 0 ? "hx" : "cx", state.RawArray!, 1, xs.Count);
            }
        }

        Variable packed = sequences.Pack(xs);
        Variable?[] sorted = [.. initial];
        for (int k = 0; k < sorted.Length; k++)
        {
            sorted[k] = sorted[k] is Variable state ? sequences.Sort(state) : null;
        }

        (Variable[] states, Variable y) = stack.Apply(name, NLayers, Direction, Dropout, sorted, ws, bs, packed, sequences.Steps, xs.Count);
        return (Array.ConvertAll(states, sequences.Restore), sequences.Unpack(y));
    }

    private Parameter[][] Weights(int first) =>
        [.. this.Select(layer => ((LayerWeights)layer).All[first..(first + NWeights)])];

    /// <summary>The parameters of one layer in one direction.</summary>
    private sealed class LayerWeights : Link
    {
        internal LayerWeights(int weights, int width, int n, Initializer initialW, Initializer initialBias)
        {
            for (int j = 0; j < weights; j++)
            {
                AddParam($"w{j}", new Shape(n, j < weights / 2 ? width : n), initialW);
                AddParam($"b{j}", new Shape(n), initialBias);
            }
        }

        /// <summary>The weights, then the biases.</summary>
        internal Parameter[] All
        {
            get
            {
                // By name: b0, b1, ..., w0, w1, ....
                Parameter[] sorted = [.. OwnParams().Select(entry => entry.Param)];
                return [.. sorted[(sorted.Length / 2)..], .. sorted[..(sorted.Length / 2)]];
            }
        }
    }
}
