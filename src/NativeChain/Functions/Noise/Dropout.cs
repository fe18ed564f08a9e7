namespace NativeChain;

public static partial class F
{
    private static Elementwise DropoutElementwise => field ??=
        Elementwise.Of((x, kept, scale) => x * (kept * scale), "Dropout");

    /// <summary>Drops elements at random, and scales up the others, so that the expectation stays. In test mode, <c>Config.Using(train: false)</c>, it returns its input.</summary>
    /// <remarks>
    /// See N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: Dropout: A Simple Way to Prevent Neural Networks from Overfitting,
    /// https://jmlr.org/papers/v15/srivastava14a.html.
    /// </remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="ratio">The probability that an element is dropped: at least 0, less than 1.</param>
    /// <param name="mask">What to multiply by instead of a random mask, of the shape and dtype of <paramref name="x"/>; <paramref name="ratio"/> plays no part then.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or <paramref name="mask"/> is of another shape or dtype.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratio"/> is outside [0, 1).</exception>
    public static Variable Dropout(Variable x, double ratio = 0.5, NDArray? mask = null)
    {
        if (!Config.Train)
        {
            ArgumentNullException.ThrowIfNull(x);
            return x;
        }

        CheckDropout(x, ratio, mask);
        return mask is null
            ? DropoutElementwise.Apply(x, NDArray.Random.Bernoulli(1 - ratio, x.Shape, DType.UInt8, x.Device), 1 / (1 - ratio))
            : DropoutElementwise.Apply(x, mask, 1.0);
    }

    /// <summary>Drops elements at random, and gives the mask that it used.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="ratio">The probability that an element is dropped: at least 0, less than 1.</param>
    /// <param name="mask">What to multiply by instead of a random mask, of the shape and dtype of <paramref name="x"/>.</param>
    /// <param name="returnMask">Whether to return the mask.</param>
    /// <returns>The result, and the mask: 0 or 1 / (1 - ratio) for each element; null in test mode or if it was not asked for.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or <paramref name="mask"/> is of another shape or dtype.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratio"/> is outside [0, 1).</exception>
    public static (Variable Y, NDArray? Mask) Dropout(Variable x, double ratio, NDArray? mask, bool returnMask)
    {
        if (!Config.Train || !returnMask)
        {
            return (Dropout(x, ratio, mask), null);
        }

        CheckDropout(x, ratio, mask);
        if (mask is null)
        {
            mask = NDArray.Random.Bernoulli(1 - ratio, x.Shape, x.DType, x.Device);
            Ops.Multiply.ComputeInto([mask], mask, 1 / (1 - ratio));
        }

        return (DropoutElementwise.Apply(x, mask, 1.0), mask);
    }

    private static void CheckDropout(Variable x, double ratio, NDArray? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!(ratio >= 0 && ratio < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "Dropout: ratio must be at least 0 and less than 1");
        }

        if (Config.TypeCheck)
        {
            TypeCheck.Floating("Dropout", "x", x.Array);
            if (mask is not null)
            {
                TypeCheck.SameDType("Dropout", "mask", mask, x.DType);
                TypeCheck.SameShape("Dropout", "mask", mask, x.Shape);
            }
        }
    }
}
