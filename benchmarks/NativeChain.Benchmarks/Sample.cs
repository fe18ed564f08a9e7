using System.Diagnostics;

namespace NativeChain.Benchmarks;

/// <summary>What one operation takes.</summary>
/// <param name="Seconds">Elapsed time.</param>
/// <param name="Bytes">Managed memory that the calling thread allocates.</param>
public readonly record struct Sample(double Seconds, double Bytes)
{
    private const double LoopSeconds = 0.03;

    /// <summary>The mean over a loop of about 30 ms, after a loop as long to warm up.</summary>
    /// <param name="operation">The operation.</param>
    public static Sample Of(Action operation)
    {
        for (int count = 1; ; count *= 2)
        {
            if (OfLoop(operation, count).Seconds * count > LoopSeconds / 2)
            {
                return OfLoop(operation, count);
            }
        }
    }

    /// <summary>The mean over a loop.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="count">How many times it runs.</param>
    public static Sample OfLoop(Action operation, int count)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            operation();
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Sample(seconds / count, (double)(GC.GetAllocatedBytesForCurrentThread() - bytes) / count);
    }
}
