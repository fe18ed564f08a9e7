using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>What both LSTM links have in common: their weights.</summary>
/// <remarks>
/// Children: `upward`, for the input, with a bias, and `lateral`, for the output of the step before, without. Rows of weights and bias are
/// interleaved as <see cref="F.LSTM"/> has the gates: a, i, f, o of unit u at 4u to 4u + 3.
/// </remarks>
public abstract class LSTMBase : Chain
{
    private readonly Initializer _lateralInit;
    private readonly Initializer _upwardInit;
    private readonly Initializer _biasInit;
    private readonly Initializer _forgetBiasInit;

    private protected LSTMBase(
        int? inSize, int? outSize, Initializer? lateralInit, Initializer? upwardInit, Initializer? biasInit, Initializer? forgetBiasInit)
    {
        if (outSize is null)
        {
            (inSize, outSize) = (null, inSize);
        }

        if (outSize is not > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(outSize), outSize, "must be positive");
        }

        StateSize = outSize.Value;
        _lateralInit = lateralInit ?? new LeCunNormal();
        _upwardInit = upwardInit ?? new LeCunNormal();
        _biasInit = biasInit ?? 0.0;
        _forgetBiasInit = forgetBiasInit ?? 1.0;
        Upward = new Linear(inSize, checked(4 * StateSize), initialW: 0.0);
        Lateral = new Linear(StateSize, 4 * StateSize, nobias: true, initialW: 0.0);
        if (inSize is not null)
        {
            InitializeWeights();
        }
    }

    /// <summary>The layer of the input.</summary>
    public Linear Upward { get; }

    /// <summary>The layer of the output of the step before.</summary>
    public Linear Lateral { get; }

    /// <summary>Number of units.</summary>
    public int StateSize { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() => [("inSize", Upward.InSize), ("outSize", StateSize)];

    // The gates before their activation.
    private protected Variable Gates(Variable x, Variable? h)
    {
        if (!Upward.W.IsInitialized)
        {
            long size = 1;
            for (int i = 1; i < x.NDim; i++)
            {
                size *= x.Shape[i];
            }

            // The first calls may come from several threads.
            lock (Upward)
            {
                if (!Upward.W.IsInitialized)
                {
                    var shape = new Shape(4 * StateSize, checked((int)size));
                    NDArray W = NDArray.Zeros(shape, Upward.W.DType, Upward.W.Device);
                    InitializeWeights(W);
                    Upward.W.Load(W);
                }
            }
        }

        Variable gates = Upward.Call(x);
        return h is null ? gates : gates + Lateral.Call(h);
    }

    private protected Variable ZeroState(Variable x) => NDArray.Zeros([x.Shape[0], StateSize], x.DType, x.Device);

    private void InitializeWeights() => InitializeWeights(Upward.W.Array);

    // The weights by blocks of as many rows as there are units, the biases gate by gate.
    private void InitializeWeights(NDArray upward)
    {
        NDArray lateral = Lateral.W.Array;
        for (int row = 0; row < 4 * StateSize; row += StateSize)
        {
            _lateralInit.Fill(lateral[row..(row + StateSize)]);
            _upwardInit.Fill(upward[row..(row + StateSize)]);
        }

        NDArray gates = Upward.B!.Array.Reshape([StateSize, 4]);
        for (int gate = 0; gate < 4; gate++)
        {
            (gate == 2 ? _forgetBiasInit : _biasInit).Fill(gates[.., gate]);
        }
    }
}

/// <summary>A fully connected LSTM layer that is handed its state, and returns the next.</summary>
/// <remarks><inheritdoc cref="LSTMBase"/></remarks>
public class StatelessLSTM : LSTMBase
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inSize">Number of inputs; null waits for the first call. If it is the only size, it is <paramref name="outSize"/>.</param>
    /// <param name="outSize">Number of units.</param>
    /// <param name="lateralInit">Initializer of the lateral weights, for blocks of as many rows as there are units; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="upwardInit">Initializer of the upward weights, likewise.</param>
    /// <param name="biasInit">Initializer of the biases of cell input, input gate and output gate; null for zeros.</param>
    /// <param name="forgetBiasInit">Initializer of the biases of the forget gate; null for ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or none is given.</exception>
    public StatelessLSTM(
        int? inSize,
        int? outSize = null,
        Initializer? lateralInit = null,
        Initializer? upwardInit = null,
        Initializer? biasInit = null,
        Initializer? forgetBiasInit = null)
        : base(inSize, outSize, lateralInit, upwardInit, biasInit, forgetBiasInit)
    {
    }

    /// <summary>One step.</summary>
    /// <param name="c">Cell state, (N, outSize); null for zeros.</param>
    /// <param name="h">Output of the step before, (N, outSize); null for zeros.</param>
    /// <param name="x">Input, (N, inSize).</param>
    /// <returns>The cell state after the step, and the output, (N, outSize) each.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public (Variable C, Variable H) Forward(Variable? c, Variable? h, Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Variable gates = Gates(x, h);
        return F.LSTM(c ?? ZeroState(x), gates);
    }

    /// <summary><see cref="Forward(Variable, Variable, Variable)"/> between the hooks.</summary>
    /// <inheritdoc cref="Forward(Variable, Variable, Variable)"/>
    public (Variable C, Variable H) Call(Variable? c, Variable? h, Variable x) =>
        HasHooks ? Hooked(() => Forward(c, h, x), c, h, x) : Forward(c, h, x);
}

/// <summary>A fully connected LSTM layer that remembers its state from call to call.</summary>
/// <remarks>
/// <inheritdoc cref="LSTMBase"/> A batch may be smaller than the one before: it updates the first rows of the state, so that sequences sorted by
/// falling length can end one after the other. The state is no part of what is saved.
/// </remarks>
public class LSTM : LSTMBase
{
    /// <summary>Creates the layer, without state.</summary>
    /// <inheritdoc cref="StatelessLSTM(int?, int?, Initializer, Initializer, Initializer, Initializer)"/>
    public LSTM(
        int? inSize,
        int? outSize = null,
        Initializer? lateralInit = null,
        Initializer? upwardInit = null,
        Initializer? biasInit = null,
        Initializer? forgetBiasInit = null)
        : base(inSize, outSize, lateralInit, upwardInit, biasInit, forgetBiasInit)
    {
    }

    /// <summary>Cell state after the last call, (B, outSize).</summary>
    /// <value>null: there is none.</value>
    public Variable? C { get; private set; }

    /// <summary>Output of the last call, with the rows that it did not update, (B, outSize).</summary>
    /// <value>null: there is none.</value>
    public Variable? H { get; private set; }

    /// <summary>Sets the state.</summary>
    /// <param name="c">Cell state, (B, outSize).</param>
    /// <param name="h">Output of the step before, (B, outSize).</param>
    /// <exception cref="ArgumentNullException">One is null.</exception>
    public void SetState(Variable c, Variable h)
    {
        ArgumentNullException.ThrowIfNull(c);
        ArgumentNullException.ThrowIfNull(h);
        (C, H) = (c, h);
    }

    /// <summary>Forgets the state.</summary>
    public void ResetState() => (C, H) = (null, null);

    /// <summary>One step, which updates the state.</summary>
    /// <param name="x">Input, (N, inSize), N up to the batch size of the state.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="ArgumentException">The batch is greater than the state's.</exception>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public override Variable Forward(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int rows = x.Shape[0];
        Variable? h = H;
        Variable? rest = null;
        if (h is not null)
        {
            if (rows > h.Shape[0])
            {
                throw new ArgumentException($"LSTM: a batch of {rows}, but the state has {h.Shape[0]} rows; the batch may shrink, not grow.", nameof(x));
            }

            if (rows < h.Shape[0])
            {
                Variable[] parts = F.SplitAxis(h, [rows], 0);
                (h, rest) = (rows == 0 ? null : parts[0], parts[1]);
            }
        }

        (Variable c, Variable y) = F.LSTM(C ?? ZeroState(x), Gates(x, h));
        C = c;
        H = rest is null ? y : rows == 0 ? rest : F.Concat([y, rest], 0);
        return y;
    }

    /// <inheritdoc/>
    public override Link ToDevice(Device device)
    {
        base.ToDevice(device);
        C = Moved(C, device);
        H = Moved(H, device);
        return this;
    }
}
