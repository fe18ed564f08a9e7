using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Highway layer, whose gate says how much of the input passes unchanged: y = t·activate(plain(x)) + (1 - t)·x, with t = sigmoid(transform(x)).</summary>
/// <remarks>
/// Children: `plain` and `transform`, two <see cref="Linear"/>. Srivastava, Greff and Schmidhuber, Highway Networks, 2015.
/// </remarks>
public class Highway : Chain
{
    private static readonly Elementwise s_gate = Elementwise.Of((h, t, x) => x + (Expr.Sigmoid(t) * (h - x)), "Highway");

    /// <summary>Creates the layer.</summary>
    /// <param name="inOutSize">Number of inputs and of outputs.</param>
    /// <param name="nobias">Whether the children have no `b`.</param>
    /// <param name="activate">Activation of the plain output; null for <see cref="F.Relu"/>.</param>
    /// <param name="initWh">Initializer of the plain weights; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initWt">Initializer of the gate's weights; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initBh">Initializer of the plain bias; null for zeros.</param>
    /// <param name="initBt">Initializer of the gate's bias; null for -1, with which most of the input passes at first.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public Highway(
        int inOutSize,
        bool nobias = false,
        Func<Variable, Variable>? activate = null,
        Initializer? initWh = null,
        Initializer? initWt = null,
        Initializer? initBh = null,
        Initializer? initBt = null)
    {
        Activate = activate ?? F.Relu;
        Plain = new Linear(inOutSize, inOutSize, nobias, initWh, initBh);
        Transform = new Linear(inOutSize, inOutSize, nobias, initWt, initBt ?? -1.0);
    }

    /// <summary>Activation of the plain output.</summary>
    public Func<Variable, Variable> Activate { get; }

    /// <summary>What is computed of the input.</summary>
    public Linear Plain { get; }

    /// <summary>What the gate is computed by.</summary>
    public Linear Transform { get; }

    /// <summary>y = t·activate(plain(x)) + (1 - t)·x, with t = sigmoid(transform(x)).</summary>
    /// <param name="x">Input, (N, inOutSize).</param>
    /// <returns>Output, (N, inOutSize).</returns>
    /// <exception cref="InvalidTypeException">x has another size.</exception>
    public override Variable Forward(Variable x) => s_gate.Apply(Activate(Plain.Call(x)), Transform.Call(x), x);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() => [("inOutSize", Plain.OutSize), ("nobias", Plain.B is null)];
}
