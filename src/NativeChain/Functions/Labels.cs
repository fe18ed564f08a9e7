namespace NativeChain;

/// <summary>What functions of labels and indices check.</summary>
internal static class Labels
{
    private static readonly Elementwise s_isOutside = Elementwise.Of((t, n) => Expr.Or(t < 0, t >= n), "Labels");
    private static readonly Elementwise s_isOutsideAndCounts =
        Elementwise.Of((t, n, ignored) => Expr.And(Expr.NotEqual(t, ignored), Expr.Or(t < 0, t >= n)), "Labels");

    /// <summary>Refuses integers that are neither from 0 to n - 1 nor the ignored one. One reduction, which the host waits for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is one.</exception>
    public static void CheckInRange(string function, string argument, NDArray t, int n, long? ignored = null)
    {
        NDArray outside = ignored is long label
            ? s_isOutsideAndCounts.Reduce(Reduction.Sum, Axes.All, keepDims: false, t, (long)n, label)
            : s_isOutside.Reduce(Reduction.Sum, Axes.All, keepDims: false, t, (long)n);
        if (outside.Item<long>() is > 0 and long count)
        {
            throw new ArgumentOutOfRangeException(argument, $"{function}: {count} of the integers in {argument} are not from 0 to {n - 1}.");
        }
    }
}
