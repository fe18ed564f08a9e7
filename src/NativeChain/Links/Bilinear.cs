using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Bilinear layer: y = e1·W·e2 + e1·V1 + e2·V2 + b.</summary>
/// <remarks>Parameters: `W`, (leftSize, rightSize, outSize), and `V1`, (leftSize, outSize), `V2`, (rightSize, outSize), and `b`, (outSize). See <see cref="F.Bilinear"/>.</remarks>
public class Bilinear : Link
{
    /// <summary>Creates the layer.</summary>
    /// <param name="leftSize">Size of the left input.</param>
    /// <param name="rightSize">Size of the right input.</param>
    /// <param name="outSize">Number of outputs.</param>
    /// <param name="nobias">Whether there are no `V1`, `V2` and `b`.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializers of `V1`, `V2` and `b`: none or all three. null stands for <see cref="LeCunNormal"/>, of `b` for zeros.</param>
    /// <exception cref="ArgumentException">Another number of initializers, or one that does not suit its parameter.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public Bilinear(
        int leftSize, int rightSize, int outSize, bool nobias = false, Initializer? initialW = null, params Initializer?[]? initialBias)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leftSize);
        ArgumentOutOfRangeException.ThrowIfNegative(rightSize);
        ArgumentOutOfRangeException.ThrowIfNegative(outSize);
        Initializer?[] bias = initialBias is null or [] ? [null, null, null] : initialBias;
        if (bias.Length != 3)
        {
            throw new ArgumentException(
                $"Bilinear: initialBias has {bias.Length} initializers, but should have three, of V1, V2 and b, or none.", nameof(initialBias));
        }

        W = new Parameter(initialW ?? new LeCunNormal(), (leftSize, rightSize, outSize), "W");
        if (!nobias)
        {
            V1 = new Parameter(bias[0] ?? new LeCunNormal(), (leftSize, outSize), "V1");
            V2 = new Parameter(bias[1] ?? new LeCunNormal(), (rightSize, outSize), "V2");
            B = new Parameter(bias[2] ?? 0.0, outSize, "b");
        }
    }

    /// <summary>Weights of the pairs, (leftSize, rightSize, outSize).</summary>
    public Parameter W { get; }

    /// <summary>Weights of the left input, (leftSize, outSize).</summary>
    /// <value>null: there are none.</value>
    [Child("V1")]
    public Parameter? V1 { get; }

    /// <summary>Weights of the right input, (rightSize, outSize).</summary>
    /// <value>null: there are none.</value>
    [Child("V2")]
    public Parameter? V2 { get; }

    /// <summary>Biases, (outSize).</summary>
    /// <value>null: there are none.</value>
    [Child("b")]
    public Parameter? B { get; }

    /// <summary>y = e1·W·e2 + e1·V1 + e2·V2 + b.</summary>
    /// <param name="e1">The left input, (N, leftSize); axes after the first are taken together.</param>
    /// <param name="e2">The right input, (N, rightSize); likewise.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">An input has another size.</exception>
    public Variable Forward(Variable e1, Variable e2) => F.Bilinear(e1, e2, W, V1, V2, B);

    /// <summary><see cref="Forward(Variable, Variable)"/> of the two inputs.</summary>
    /// <param name="args">The left and the right input.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="ArgumentException">Not two inputs.</exception>
    /// <exception cref="InvalidTypeException">An input has another size.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length == 2
            ? Forward(args[0], args[1])
            : throw new ArgumentException($"Bilinear: {args.Length} inputs, but it takes two.", nameof(args));
    }

    /// <summary><see cref="Forward(Variable, Variable)"/> between the hooks.</summary>
    /// <param name="e1">The left input.</param>
    /// <param name="e2">The right input.</param>
    /// <returns>Output, (N, outSize).</returns>
    public Variable Call(Variable e1, Variable e2) => HasHooks ? Hooked(() => Forward(e1, e2), e1, e2) : Forward(e1, e2);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("leftSize", W.Shape[0]), ("rightSize", W.Shape[1]), ("outSize", W.Shape[2]), ("nobias", B is null)];
}
