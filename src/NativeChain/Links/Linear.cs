using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Fully connected layer: y = x·Wᵀ + b.</summary>
/// <remarks>Parameters: `W`, (outSize, inSize), and `b`, (outSize).</remarks>
public class Linear : Link
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inSize">Number of inputs; null waits for the first call. If it is the only size, it is <paramref name="outSize"/>.</param>
    /// <param name="outSize">Number of outputs.</param>
    /// <param name="nobias">Whether there is no `b`.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of `b`; null for zeros.</param>
    /// <exception cref="ArgumentException">A size is not positive, or none is given.</exception>
    public Linear(int? inSize, int? outSize = null, bool nobias = false, Initializer? initialW = null, Initializer? initialBias = null)
    {
        if (outSize is null)
        {
            (inSize, outSize) = (null, inSize);
        }
        if (outSize is not > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(outSize), outSize, "must be positive");
        }
        if (inSize is <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(inSize), inSize, "must be positive, or null");
        }
        OutSize = outSize.Value;
        W = new Parameter(initialW ?? new LeCunNormal(), inSize is { } size ? new Shape(OutSize, size) : (Shape?)null, "W");
        if (!nobias)
        {
            B = new Parameter(initialBias ?? 0.0, new Shape(OutSize), "b");
        }
    }

    /// <summary>Number of inputs.</summary>
    /// <value>null: the first call will say.</value>
    public int? InSize => W.IsInitialized ? W.Shape[1] : null;

    /// <summary>Number of outputs.</summary>
    public int OutSize { get; }

    /// <summary>Weights, (outSize, inSize).</summary>
    public Parameter W { get; }

    /// <summary>Bias, (outSize).</summary>
    /// <value>null: there is none.</value>
    [Child("b")]
    public Parameter? B { get; }

    /// <summary>y = x·Wᵀ + b; axes of x after the first are taken together.</summary>
    /// <param name="x">Input, (N, inSize) or (N, ...) with inSize elements each.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">x has another size.</exception>
    public override Variable Forward(Variable x) => Forward(x, nBatchAxes: 1);

    /// <summary>y = x·Wᵀ + b over the axes that follow the first <paramref name="nBatchAxes"/>.</summary>
    /// <param name="x">Input, (N..., inSize) or (N..., ...) with inSize elements each.</param>
    /// <param name="nBatchAxes">Number of leading axes that are kept.</param>
    /// <returns>Output, (N..., outSize).</returns>
    /// <exception cref="InvalidTypeException">x has another size.</exception>
    public Variable Forward(Variable x, int nBatchAxes)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!W.IsInitialized)
        {
            Initialize(x, nBatchAxes);
        }
        return F.Linear(x, W, B, nBatchAxes);
    }

    /// <summary><see cref="Forward(Variable, int)"/> between the hooks.</summary>
    /// <param name="x">Input.</param>
    /// <param name="nBatchAxes">Number of leading axes that are kept.</param>
    /// <returns>Output, (N..., outSize).</returns>
    public Variable Call(Variable x, int nBatchAxes) =>
        HasHooks ? Hooked(() => Forward(x, nBatchAxes), x, nBatchAxes) : Forward(x, nBatchAxes);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
        [("inSize", InSize), ("outSize", OutSize), ("nobias", B is null)];

    // The first calls may come from several threads.
    private void Initialize(Variable x, int nBatchAxes)
    {
        if (nBatchAxes < 1 || nBatchAxes > x.NDim)
        {
            throw new ArgumentOutOfRangeException(nameof(nBatchAxes), nBatchAxes, $"must be 1 to the number of axes of x, {x.NDim}");
        }
        long size = 1;
        for (int i = nBatchAxes; i < x.NDim; i++)
        {
            size *= x.Shape[i];
        }
        lock (W)
        {
            if (!W.IsInitialized)
            {
                W.Initialize(new Shape(OutSize, checked((int)size)));
            }
        }
    }
}
