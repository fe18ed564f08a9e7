using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Fully connected layer whose weights are dropped at random in training.</summary>
/// <remarks>
/// Parameters: `W`, (outSize, inSize), and `b`, (outSize). The first mask that a call is given is kept as the persistent `mask`, for snapshots, and
/// plays no other part. See <see cref="F.SimplifiedDropconnect"/>.
/// </remarks>
public class SimplifiedDropconnect : Link
{
    private bool _hasMask;

    /// <summary>Creates the layer.</summary>
    /// <param name="inSize">Number of inputs; null waits for the first call.</param>
    /// <param name="outSize">Number of outputs.</param>
    /// <param name="ratio">Probability that a weight is dropped: at least 0, less than 1.</param>
    /// <param name="nobias">Whether there is no `b`.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="HeNormal"/> of scale 1/√2.</param>
    /// <param name="initialBias">Initializer of `b`; null for zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the ratio is outside [0, 1).</exception>
    public SimplifiedDropconnect(
        int? inSize, int outSize, double ratio = 0.5, bool nobias = false, Initializer? initialW = null, Initializer? initialBias = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outSize);
        if (inSize is <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(inSize), inSize, "must be positive, or null");
        }
        if (!(ratio >= 0 && ratio < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "must be at least 0 and less than 1");
        }
        OutSize = outSize;
        Ratio = ratio;
        W = new Parameter(initialW ?? new HeNormal(1 / Math.Sqrt(2)), inSize is { } size ? new Shape(outSize, size) : (Shape?)null, "W");
        if (!nobias)
        {
            B = new Parameter(initialBias ?? 0.0, new Shape(outSize), "b");
        }
    }

    /// <summary>Number of outputs.</summary>
    public int OutSize { get; }

    /// <summary>Probability that a weight is dropped.</summary>
    public double Ratio { get; }

    /// <summary>Weights, (outSize, inSize).</summary>
    public Parameter W { get; }

    /// <summary>Bias, (outSize).</summary>
    /// <value>null: there is none.</value>
    [Child("b")]
    public Parameter? B { get; }

    /// <summary>The layer with weights dropped, each example's by themselves.</summary>
    /// <param name="x">Input, (N, inSize), or (N, ...) with inSize elements each.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">x has another size.</exception>
    public override Variable Forward(Variable x) => Forward(x, train: true);

    /// <summary>The layer with weights dropped or not.</summary>
    /// <param name="x">Input, (N, inSize), or (N, ...) with inSize elements each.</param>
    /// <param name="train">Whether weights are dropped. As in Chainer, the configuration plays no part.</param>
    /// <param name="mask">What to keep instead of a random choice: (N, outSize, inSize), or (outSize, inSize) for all examples.</param>
    /// <param name="useBatchwiseMask">Whether each example has a mask of its own.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">x or the mask has another shape.</exception>
    public Variable Forward(Variable x, bool train, NDArray? mask = null, bool useBatchwiseMask = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!W.IsInitialized)
        {
            TypeCheck.MinNDim("SimplifiedDropconnect", "x", x.Array, 2);
            lock (W)
            {
                if (!W.IsInitialized)
                {
                    W.Initialize(new Shape(OutSize, checked((int)(x.Size / Math.Max(1, x.Shape[0])))));
                }
            }
        }
        Variable y = F.SimplifiedDropconnect(x, W, B, Ratio, train, mask, useBatchwiseMask);
        if (mask is not null && !_hasMask)
        {
            AddPersistent("mask", mask);
            _hasMask = true;
        }
        return y;
    }

    /// <summary><see cref="Forward(Variable, bool, NDArray?, bool)"/> between the hooks.</summary>
    /// <param name="x">Input.</param>
    /// <param name="train">Whether weights are dropped.</param>
    /// <param name="mask">What to keep instead of a random choice.</param>
    /// <param name="useBatchwiseMask">Whether each example has a mask of its own.</param>
    /// <returns>Output, (N, outSize).</returns>
    public Variable Call(Variable x, bool train = true, NDArray? mask = null, bool useBatchwiseMask = true) => HasHooks
        ? Hooked(() => Forward(x, train, mask, useBatchwiseMask), x, train, mask, useBatchwiseMask)
        : Forward(x, train, mask, useBatchwiseMask);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("outSize", OutSize), ("ratio", Ratio), ("nobias", B is null)];
}
