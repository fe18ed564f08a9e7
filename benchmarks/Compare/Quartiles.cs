namespace NativeChain.Compare;

/// <summary>Median and quartiles.</summary>
internal readonly record struct Quartiles(double Lower, double Median, double Upper)
{
    /// <summary>The interquartile range over the median.</summary>
    public double Range => (Upper - Lower) / Median;

    public static Quartiles Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Quartiles(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75));
    }

    private static double At(double[] sorted, double quantile)
    {
        double position = quantile * (sorted.Length - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
