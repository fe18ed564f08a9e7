using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>What the GRU links have in common: their weights.</summary>
/// <remarks>Children, each with a bias: `W_r`, `W_z` and `W` for the input, `U_r`, `U_z` and `U` for the output of the step before.</remarks>
public abstract class GRUBase : Chain
{
    // Of what input and state give to r, and the state: r h.
    private static readonly Elementwise s_reset = Elementwise.Of((wr, ur, h) => Expr.Sigmoid(wr + ur) * h, "GRU");

    // Of what input and state give to z and to the candidate, and the state: the next state.
    private static readonly Elementwise s_next = Elementwise.Of(
        (wz, uz, w, u, h) =>
        {
            Expr z = Expr.Sigmoid(wz + uz);
            return (z * Expr.Tanh(w + u)) + ((1 - z) * h);
        },
        "GRU");

    // The first step.
    private static readonly Elementwise s_first = Elementwise.Of((wz, w) => Expr.Sigmoid(wz) * Expr.Tanh(w), "GRU");

    private protected GRUBase(int? inSize, int outSize, Initializer? init, Initializer? innerInit, Initializer? biasInit)
    {
        Wr = new Linear(inSize, outSize, initialW: init, initialBias: biasInit);
        Ur = new Linear(outSize, outSize, initialW: innerInit, initialBias: biasInit);
        Wz = new Linear(inSize, outSize, initialW: init, initialBias: biasInit);
        Uz = new Linear(outSize, outSize, initialW: innerInit, initialBias: biasInit);
        W = new Linear(inSize, outSize, initialW: init, initialBias: biasInit);
        U = new Linear(outSize, outSize, initialW: innerInit, initialBias: biasInit);
        StateSize = outSize;
    }

    /// <summary>The layer of the input to the reset gate.</summary>
    [Child("W_r")]
    public Linear Wr { get; }

    /// <summary>The layer of the state to the reset gate.</summary>
    [Child("U_r")]
    public Linear Ur { get; }

    /// <summary>The layer of the input to the update gate.</summary>
    [Child("W_z")]
    public Linear Wz { get; }

    /// <summary>The layer of the state to the update gate.</summary>
    [Child("U_z")]
    public Linear Uz { get; }

    /// <summary>The layer of the input to the candidate.</summary>
    public Linear W { get; }

    /// <summary>The layer of the state, after the reset gate, to the candidate.</summary>
    public Linear U { get; }

    /// <summary>Number of units.</summary>
    public int StateSize { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() => [("inSize", W.InSize), ("outSize", StateSize)];

    // Without a state neither the reset gate nor any layer of the state takes part.
    private protected Variable Next(Variable? h, Variable x) => h is null
        ? s_first.Apply(Wz.Call(x), W.Call(x))
        : s_next.Apply(Wz.Call(x), Uz.Call(h), W.Call(x), U.Call(s_reset.Apply(Wr.Call(x), Ur.Call(h), h)), h);
}

/// <summary>Gated recurrent units that are handed their state, and return the next: r, z = σ(W x + U h), h̄ = tanh(W x + U (r h)), h' = z h̄ + (1 - z) h.</summary>
/// <remarks><inheritdoc cref="GRUBase"/> See K. Cho and others: On the Properties of Neural Machine Translation, https://arxiv.org/abs/1409.1259.</remarks>
public class StatelessGRU : GRUBase
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inSize">Number of inputs; null waits for the first call.</param>
    /// <param name="outSize">Number of units.</param>
    /// <param name="init">Initializer of the weights of the input; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="innerInit">Initializer of the weights of the state; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="biasInit">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public StatelessGRU(int? inSize, int outSize, Initializer? init = null, Initializer? innerInit = null, Initializer? biasInit = null)
        : base(inSize, outSize, init, innerInit, biasInit)
    {
    }

    /// <summary>One step.</summary>
    /// <param name="h">State, (N, outSize).</param>
    /// <param name="x">Input, (N, inSize).</param>
    /// <returns>The state after the step, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public Variable Forward(Variable h, Variable x)
    {
        ArgumentNullException.ThrowIfNull(h);
        ArgumentNullException.ThrowIfNull(x);
        return Next(h, x);
    }

    /// <summary><see cref="Forward(Variable, Variable)"/> between the hooks.</summary>
    /// <inheritdoc cref="Forward(Variable, Variable)"/>
    public Variable Call(Variable h, Variable x) => HasHooks ? Hooked(() => Forward(h, x), h, x) : Forward(h, x);
}

/// <summary>Gated recurrent units that remember their state from call to call: r, z = σ(W x + U h), h̄ = tanh(W x + U (r h)), h' = z h̄ + (1 - z) h.</summary>
/// <remarks>
/// <inheritdoc cref="GRUBase"/> The first step uses neither `W_r` nor any of the `U`: they get no gradient from it. The state is no part of what is saved.
/// </remarks>
public class StatefulGRU : GRUBase
{
    /// <summary>Creates the layer, without state.</summary>
    /// <inheritdoc cref="StatelessGRU(int?, int, Initializer, Initializer, Initializer)"/>
    public StatefulGRU(int? inSize, int outSize, Initializer? init = null, Initializer? innerInit = null, Initializer? biasInit = null)
        : base(inSize, outSize, init, innerInit, biasInit)
    {
    }

    /// <summary>State after the last call, (N, outSize).</summary>
    /// <value>null: there is none.</value>
    public Variable? H { get; private set; }

    /// <summary>Sets the state.</summary>
    /// <param name="h">State, (N, outSize).</param>
    /// <exception cref="ArgumentNullException"><paramref name="h"/> is null.</exception>
    public void SetState(Variable h)
    {
        ArgumentNullException.ThrowIfNull(h);
        H = h;
    }

    /// <summary>Forgets the state.</summary>
    public void ResetState() => H = null;

    /// <summary>One step, which updates the state.</summary>
    /// <param name="x">Input, (N, inSize).</param>
    /// <returns>The state after the step, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public override Variable Forward(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        H = Next(H, x);
        return H;
    }

    /// <inheritdoc/>
    public override Link ToDevice(Device device)
    {
        base.ToDevice(device);
        H = Moved(H, device);
        return this;
    }
}

/// <summary>Another name of <see cref="StatefulGRU"/>.</summary>
public class GRU : StatefulGRU
{
    /// <inheritdoc/>
    public GRU(int? inSize, int outSize, Initializer? init = null, Initializer? innerInit = null, Initializer? biasInit = null)
        : base(inSize, outSize, init, innerInit, biasInit)
    {
    }

    /// <summary>One step of one input.</summary>
    /// <param name="args">The input.</param>
    /// <returns>The state after the step.</returns>
    /// <exception cref="ArgumentException">More or fewer inputs; for a state that is handed over there is <see cref="StatelessGRU"/>.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length == 1
            ? Forward(args[0])
            : throw new ArgumentException($"GRU: takes one input, but was given {args.Length}; StatelessGRU takes state and input.", nameof(args));
    }
}
