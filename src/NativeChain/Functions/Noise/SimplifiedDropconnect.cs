namespace NativeChain;

public static partial class F
{
    private static Elementwise MaskedProductElementwise => field ??=
        Elementwise.Of((x, w, mask, scale) => x * w * (mask * scale), "SimplifiedDropconnect");

    private static Elementwise MaskedWeightElementwise => field ??=
        Elementwise.Of((w, mask, scale) => w * (mask * scale), "SimplifiedDropconnect");

    /// <summary>The linear function with weights dropped at random, and the others scaled up, so that the expectation stays.</summary>
    /// <remarks>
    /// y = (W * mask / (1 - ratio)) x + b, with a mask of each example's own or one for all. See L. Wan, M. Zeiler, S. Zhang, Y. LeCun, R. Fergus:
    /// Regularization of Neural Networks using DropConnect, https://proceedings.mlr.press/v28/wan13.html; unlike there, nothing is sampled in test mode.
    /// As in Chainer, <paramref name="train"/> decides, not the configuration.
    /// </remarks>
    /// <param name="x">Input, (N, inSize), or (N, ...) with inSize elements each; floating point.</param>
    /// <param name="W">Weights, (outSize, inSize), of the same dtype.</param>
    /// <param name="b">Bias, (outSize), of the same dtype.</param>
    /// <param name="ratio">The probability that a weight is dropped: at least 0, less than 1.</param>
    /// <param name="train">Whether weights are dropped; if not, the ratio counts as 0.</param>
    /// <param name="mask">What to keep instead of a random choice: bools, or 0 and 1, of shape (N, outSize, inSize), or (outSize, inSize) for all examples.</param>
    /// <param name="useBatchwiseMask">Whether each example has a mask of its own.</param>
    /// <returns>Output, (N, outSize).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratio"/> is outside [0, 1).</exception>
    public static Variable SimplifiedDropconnect(
        Variable x, Variable W, Variable? b = null, double ratio = 0.5, bool train = true, NDArray? mask = null, bool useBatchwiseMask = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(W);
        if (!(ratio >= 0 && ratio < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "SimplifiedDropconnect: ratio must be at least 0 and less than 1");
        }

        CheckDropconnect(x, W, b, mask, useBatchwiseMask);
        int n = x.Shape[0], outSize = W.Shape[0], inSize = W.Shape[1];
        ratio = train ? ratio : 0;
        if (mask is null && ratio == 0)
        {
            return Linear(x, W, b);
        }

        mask ??= NDArray.Random.Bernoulli(
            1 - ratio, useBatchwiseMask ? (n, outSize, inSize) : (outSize, inSize), DType.UInt8, x.Device);
        double scale = 1 / (1 - ratio);
        if (!useBatchwiseMask)
        {
            return Linear(x, MaskedWeightElementwise.Apply(W, mask, scale), b);
        }

        // (N, outSize, 1), summed over inSize without an array of the products.
        Variable y = MaskedProductElementwise.ApplySumTo(
            (n, outSize, 1), (n, outSize, inSize), Reshape(x, (n, 1, inSize)), W, mask, scale);
        y = Reshape(y, (n, outSize));
        return b is null ? y : y + b;
    }

    private static void CheckDropconnect(Variable x, Variable w, Variable? b, NDArray? mask, bool useBatchwiseMask)
    {
        const string Name = "SimplifiedDropconnect";
        TypeCheck.Floating(Name, "x", x.Array);
        TypeCheck.MinNDim(Name, "x", x.Array, 2);
        TypeCheck.SameDType(Name, "W", w.Array, x.DType);
        TypeCheck.NDim(Name, "W", w.Array, 2);
        long inSize = 1;
        foreach (int extent in x.Shape.Span[1..])
        {
            inSize *= extent;
        }

        if (w.Shape[1] != inSize)
        {
            TypeCheck.Throw(Name, "W", $"{inSize} columns", $"shape {w.Shape}");
        }

        if (b is not null)
        {
            TypeCheck.SameDType(Name, "b", b.Array, x.DType);
            TypeCheck.SameShape(Name, "b", b.Array, w.Shape[0]);
        }

        if (mask is not null)
        {
            TypeCheck.SameShape(
                Name, "mask", mask, useBatchwiseMask ? (x.Shape[0], w.Shape[0], w.Shape[1]) : w.Shape);
        }
    }
}
