namespace NativeChain;

/// <summary>Draws from a discrete distribution in constant time per draw (Walker, 1974; Vose, 1991).</summary>
public sealed class WalkerAlias
{
    private static readonly Elementwise s_pick = Elementwise.Of((own, alias, threshold, u) => Expr.Select(u < threshold, own, alias), "WalkerAlias");

    // A draw that falls on value i is i with probability thresholds[i], else aliases[i].
    private readonly NDArray _thresholds;
    private readonly NDArray _aliases;

    /// <summary>A distribution of 0 to n - 1.</summary>
    /// <param name="probs">The probabilities, which need not add up to 1; none is negative.</param>
    /// <exception cref="ArgumentException">There are none, one is negative or not finite, or all are 0.</exception>
    public WalkerAlias(ReadOnlySpan<double> probs)
    {
        double total = 0;
        foreach (double p in probs)
        {
            total += p >= 0 ? p : double.NaN;
        }

        if (!(total > 0) || !double.IsFinite(total))
        {
            throw new ArgumentException("WalkerAlias: probabilities are not negative, and not all 0.", nameof(probs));
        }

        int n = probs.Length;
        var thresholds = new float[n];
        var aliases = new int[n];
        var scaled = new double[n];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < n; i++)
        {
            scaled[i] = probs[i] / total * n;
            (scaled[i] < 1 ? small : large).Push(i);
        }

        // What a small one leaves of its cell is filled up by a large one.
        while (small.Count > 0 && large.Count > 0)
        {
            int low = small.Pop();
            int high = large.Pop();
            thresholds[low] = (float)scaled[low];
            aliases[low] = high;
            scaled[high] -= 1 - scaled[low];
            (scaled[high] < 1 ? small : large).Push(high);
        }

        // All that is left is 1 but for rounding; a probability of 0 has found its large one.
        foreach (int i in small.Concat(large))
        {
            thresholds[i] = 1;
            aliases[i] = i;
        }

        _thresholds = NDArray.FromSpan<float>(thresholds);
        _aliases = NDArray.FromSpan<int>(aliases);
    }

    /// <summary>Independent draws.</summary>
    /// <param name="shape">The shape of the result.</param>
    /// <returns>int32.</returns>
    public NDArray Sample(Shape shape) => Sample(shape, null);

    /// <summary>Independent draws.</summary>
    /// <param name="shape">The shape of the result.</param>
    /// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
    /// <param name="device">The device of the result.</param>
    /// <returns>int32.</returns>
    public NDArray Sample(Shape shape, RandomGenerator? rng, Device device = default)
    {
        rng ??= NDArray.Random.Default;
        NDArray cell = rng.Integers(0, _aliases.Size, shape, DType.Int32, device);
        NDArray u = rng.Uniform(0, 1, shape, DType.Float32, device);
        return s_pick.Compute(cell, _aliases.To(device)[cell], _thresholds.To(device)[cell], u);
    }
}
