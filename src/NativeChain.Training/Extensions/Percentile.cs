namespace NativeChain.Training.Extensions;

/// <summary>Percentiles of arrays, with linear interpolation, as NumPy computes them.</summary>
internal static class Percentile
{
    /// <summary>The values below which given percentages of an array lie.</summary>
    public static double[] Of(NDArray x, IReadOnlyList<double> percentages)
    {
        double[] sorted = x.AsType(DType.Float64).Ravel().ToArray<double>();
        Array.Sort(sorted);
        return [.. percentages.Select(percentage =>
        {
            double at = percentage / 100 * (sorted.Length - 1);
            int below = (int)at;
            return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
        })];
    }
}
