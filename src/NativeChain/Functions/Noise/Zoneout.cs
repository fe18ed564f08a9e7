namespace NativeChain;

public static partial class F
{
    private static Elementwise ZoneoutElementwise => field ??= Elementwise.Of((h, x, taken) => Expr.Select(taken, x, h), "Zoneout");

    /// <summary>Keeps elements of the old state at random, and takes the others from the new one. In test mode, <c>Config.Using(train: false)</c>, it returns the new state.</summary>
    /// <remarks>
    /// As in Chainer, test mode gives the new state and not the expectation. See D. Krueger et al.: Zoneout: Regularizing RNNs by Randomly Preserving
    /// Hidden Activations, https://arxiv.org/abs/1606.01305.
    /// </remarks>
    /// <param name="h">The old state, of any shape; floating point.</param>
    /// <param name="x">The new state, of the same shape and dtype.</param>
    /// <param name="ratio">The probability that an element of the old state stays: 0 to 1.</param>
    /// <returns>An array of that shape and dtype.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratio"/> is outside [0, 1].</exception>
    public static Variable Zoneout(Variable h, Variable x, double ratio = 0.5)
    {
        ArgumentNullException.ThrowIfNull(h);
        ArgumentNullException.ThrowIfNull(x);
        if (!(ratio >= 0 && ratio <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "Zoneout: ratio must be 0 to 1");
        }

        if (!Config.Train)
        {
            return x;
        }

        if (Config.TypeCheck)
        {
            TypeCheck.Floating("Zoneout", "h", h.Array);
            TypeCheck.SameDType("Zoneout", "x", x.Array, h.DType);
            TypeCheck.SameShape("Zoneout", "x", x.Array, h.Shape);
        }

        return ZoneoutElementwise.Apply(h, x, NDArray.Random.Bernoulli(1 - ratio, x.Shape, DType.UInt8, x.Device));
    }
}
