using System.Diagnostics;

namespace NativeChain.Benchmarks;

/// <summary>What one operation takes.</summary>
/// <param name="Seconds">Elapsed time.</param>
/// <param name="Bytes">Managed memory that the calling thread allocates.</param>
/// <param name="Digest">Count, sum and sum of squares of what the first one came to.</param>
public readonly record struct Sample(double Seconds, double Bytes, double[]? Digest = null)
{
    private const double SampleSeconds = 0.03;
    private const int Loops = 5;

    /// <summary>The median of the means of five loops of about 30 ms together, collections of garbage included, after as many to warm up.</summary>
    /// <param name="operation">The operation.</param>
    public static Sample Of(Func<NDArray> operation)
    {
        double[] digest = DigestOf(operation());
        for (int count = 1; ; count *= 2)
        {
            if (OfLoop(operation, count).Seconds * count > SampleSeconds / 2)
            {
                int length = (count + Loops - 1) / Loops;
                Sample[] loops = [.. Enumerable.Range(0, Loops).Select(_ => OfLoop(operation, length)).OrderBy(loop => loop.Seconds)];
                return loops[Loops / 2] with { Digest = digest };
            }
        }
    }

    /// <summary>The mean over a loop.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="count">How many times it runs.</param>
    public static Sample OfLoop(Func<NDArray> operation, int count)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            _ = operation();
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Sample(seconds / count, (double)(GC.GetAllocatedBytesForCurrentThread() - bytes) / count);
    }

    private static double[] DigestOf(NDArray result)
    {
        double[] values = result.AsType(DType.Float64).ToArray<double>();
        return [values.Length, values.Sum(), values.Sum(value => value * value)];
    }
}
