namespace NativeChain.Links;

/// <summary>Multiplies by an array of fewer axes, one that is learnt or a second input, and adds a bias that is learnt.</summary>
/// <remarks>Parameters: `W`, if it has a shape, and `bias/b`, if there is one. See <see cref="F.Scale"/>.</remarks>
public class Scale : Chain
{
    /// <summary>Creates the link.</summary>
    /// <param name="axis">Axis of the input that the first axis of factors and bias goes with.</param>
    /// <param name="wShape">Shape of the factors that are learnt, which start with ones; null to take them as the second input.</param>
    /// <param name="biasTerm">Whether a bias is added.</param>
    /// <param name="biasShape">Shape of the bias, where there are no factors of the link's own.</param>
    /// <exception cref="ArgumentException">There is to be a bias, but neither shape says of which shape.</exception>
    public Scale(int axis = 1, Shape? wShape = null, bool biasTerm = false, Shape? biasShape = null)
    {
        Axis = axis;
        if (wShape is { } shape)
        {
            W = new Parameter(1.0, shape, "W");
        }
        if (biasTerm)
        {
            Bias = new Bias(axis, wShape ?? biasShape ?? throw new ArgumentException(
                "Scale: a bias without factors of the link's own needs a shape", nameof(biasShape)));
        }
    }

    /// <summary>Axis of the input that the first axis of factors and bias goes with.</summary>
    public int Axis { get; }

    /// <summary>The factors that are learnt.</summary>
    /// <value>null: they are the second input.</value>
    public Parameter? W { get; }

    /// <summary>What adds the bias.</summary>
    /// <value>null: there is none.</value>
    public Bias? Bias { get; }

    /// <summary>y = W·x + b.</summary>
    /// <param name="x">Input.</param>
    /// <returns>Output, of the input's shape.</returns>
    /// <exception cref="InvalidTypeException">The shape or dtype of x does not fit.</exception>
    /// <exception cref="ArgumentException">The link has no factors of its own.</exception>
    public override Variable Forward(Variable x) => Multiply(
        x, W ?? throw new ArgumentException("Scale: without a shape of W the link takes two inputs, the second to multiply by"));

    /// <summary>The product of the first input and of W, or of two inputs, and the bias.</summary>
    /// <param name="args">One input if the link has factors of its own, else two.</param>
    /// <returns>Output, of the first input's shape.</returns>
    /// <exception cref="InvalidTypeException">Shapes or dtypes do not fit.</exception>
    /// <exception cref="ArgumentException">There are more or fewer inputs.</exception>
    public override Variable Forward(params Variable[] args) => args switch
    {
        [Variable x] => Forward(x),
        [Variable x, Variable y] when W is null => Multiply(x, y),
        _ => throw new ArgumentException($"Scale: takes {(W is null ? "two inputs" : "one input")}, not {args?.Length}", nameof(args)),
    };

    private Variable Multiply(Variable x, Variable y)
    {
        Variable z = F.Scale(x, y, Axis);
        return Bias is null ? z : Bias.Call(z);
    }
}
