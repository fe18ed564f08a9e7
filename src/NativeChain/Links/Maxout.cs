using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Fully connected maxout layer: each output is the greatest of a pool of linear functions of the input.</summary>
/// <remarks>Child: `linear`, a <see cref="Linear"/> of outSize·poolSize outputs. See <see cref="F.Maxout"/>.</remarks>
public class Maxout : Chain
{
    /// <summary>Creates the layer, with a bias that starts with zeros.</summary>
    /// <param name="inSize">Number of inputs; null waits for the first call.</param>
    /// <param name="outSize">Number of outputs.</param>
    /// <param name="poolSize">Number of linear functions of each output.</param>
    /// <param name="initialW">Initializer of the weights; null for <see cref="LeCunNormal"/>. An array is (outSize, poolSize, inSize).</param>
    /// <exception cref="ArgumentException">A size is not positive, or an array is of another shape.</exception>
    public Maxout(int? inSize, int outSize, int poolSize, Initializer? initialW = null)
        : this(inSize, outSize, poolSize, 0.0, initialW)
    {
    }

    /// <summary>Creates the layer, with a bias or without.</summary>
    /// <param name="inSize">Number of inputs; null waits for the first call.</param>
    /// <param name="outSize">Number of outputs.</param>
    /// <param name="poolSize">Number of linear functions of each output.</param>
    /// <param name="initialBias">Initializer of the bias; null for none. An array is (outSize, poolSize).</param>
    /// <param name="initialW">Initializer of the weights; null for <see cref="LeCunNormal"/>. An array is (outSize, poolSize, inSize).</param>
    /// <exception cref="ArgumentException">A size is not positive, or an array is of another shape.</exception>
    public Maxout(int? inSize, int outSize, int poolSize, Initializer? initialBias, Initializer? initialW = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(poolSize);
        OutSize = outSize;
        PoolSize = poolSize;
        NDArray? w = (initialW as Constant)?.Source, b = (initialBias as Constant)?.Source;
        if (w is not null)
        {
            if (w.NDim != 3 || w.Shape[0] != outSize || w.Shape[1] != poolSize || (inSize ?? w.Shape[2]) != w.Shape[2])
            {
                throw new ArgumentException(
                    $"Maxout: initialW must be ({outSize}, {poolSize}, {inSize?.ToString() ?? "inSize"}), not {w.Shape}", nameof(initialW));
            }
            initialW = w.Reshape((outSize * poolSize, w.Shape[2]));
        }
        if (b is not null)
        {
            if (b.Shape != new Shape(outSize, poolSize))
            {
                throw new ArgumentException($"Maxout: initialBias must be ({outSize}, {poolSize}), not {b.Shape}", nameof(initialBias));
            }
            initialBias = b.Reshape(outSize * poolSize);
        }
        Linear = new Linear(inSize, checked(outSize * poolSize), nobias: initialBias is null, initialW, initialBias);
    }

    /// <summary>Number of outputs.</summary>
    public int OutSize { get; }

    /// <summary>Number of linear functions of each output.</summary>
    public int PoolSize { get; }

    /// <summary>The linear functions, those of one output side by side.</summary>
    public Linear Linear { get; }

    /// <summary>The greatest of each pool of linear functions.</summary>
    /// <param name="x">Input, (N, inSize) or (N, ...) with inSize elements each.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">x has another size.</exception>
    public override Variable Forward(Variable x) => F.Maxout(Linear.Call(x), PoolSize);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() => [("outSize", OutSize), ("poolSize", PoolSize)];
}
