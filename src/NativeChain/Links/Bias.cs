namespace NativeChain.Links;

/// <summary>Adds an array of fewer axes: one that is learnt, or a second input.</summary>
/// <remarks>Parameter: `b`, if it has a shape. See <see cref="F.Bias"/>.</remarks>
public class Bias : Link
{
    /// <summary>Creates the link.</summary>
    /// <param name="axis">Axis of the input that the first axis of the bias goes with.</param>
    /// <param name="shape">Shape of the bias that is learnt, which starts with zeros; null to take it as the second input.</param>
    public Bias(int axis = 1, Shape? shape = null)
    {
        Axis = axis;
        if (shape is { } known)
        {
            B = new Parameter(0.0, known, "b");
        }
    }

    /// <summary>Axis of the input that the first axis of the bias goes with.</summary>
    public int Axis { get; }

    /// <summary>The bias that is learnt.</summary>
    /// <value>null: it is the second input.</value>
    [Child("b")]
    public Parameter? B { get; }

    /// <summary>y = x + b.</summary>
    /// <param name="x">Input.</param>
    /// <returns>Output, of the input's shape.</returns>
    /// <exception cref="InvalidTypeException">The shape or dtype of x does not fit b.</exception>
    /// <exception cref="ArgumentException">The link has no bias of its own.</exception>
    public override Variable Forward(Variable x) =>
        F.Bias(x, B ?? throw new ArgumentException("Bias: without a shape the link takes two inputs, the second to be added"), Axis);

    /// <summary>The sum of the first input and of b, or of two inputs.</summary>
    /// <param name="args">One input if the link has a bias of its own, else two.</param>
    /// <returns>Output, of the first input's shape.</returns>
    /// <exception cref="InvalidTypeException">Shapes or dtypes do not fit.</exception>
    /// <exception cref="ArgumentException">There are more or fewer inputs.</exception>
    public override Variable Forward(params Variable[] args) => args switch
    {
        [Variable x] => Forward(x),
        [Variable x, Variable y] when B is null => F.Bias(x, y, Axis),
        _ => throw new ArgumentException($"Bias: takes {(B is null ? "two inputs" : "one input")}, not {args?.Length}", nameof(args)),
    };
}
