namespace NativeChain;

/// <summary>Bytes of one device's memory.</summary>
/// <param name="Live">In blocks that arrays use, those included that no longer can be reached but were not swept yet.</param>
/// <param name="Cached">In free blocks that are kept for reuse.</param>
/// <param name="Peak">The most that <paramref name="Live"/> has been since the last reset.</param>
/// <param name="LiveBlocks">The number of blocks that arrays use.</param>
public readonly record struct MemoryStats(long Live, long Cached, long Peak, long LiveBlocks);

/// <summary>The memory that arrays lie in. Nothing here needs to be called: blocks that cannot be reached any more are found and reused.</summary>
public static class NativeMemory
{
    /// <summary>Bytes that a device's pool hands out before it looks for blocks that can no longer be reached: this many, or a quarter of what is live where that is more.</summary>
    /// <value>32 MB by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public static long Budget
    {
        get => MemoryPool.MinimumBudget;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            MemoryPool.MinimumBudget = value;
        }
    }

    /// <summary>What is live, cached and was at most live on a device.</summary>
    /// <param name="device">The CPU by default.</param>
    public static MemoryStats GetStats(Device device = default) => MemoryPool.For(device).Statistics();

    /// <summary>Lets the peak of a device begin again at what is live now.</summary>
    /// <param name="device">The CPU by default.</param>
    public static void ResetPeak(Device device = default) => MemoryPool.For(device).ResetPeak();

    /// <summary>Collects all generations of managed memory and takes back every block that can no longer be reached, on every device.</summary>
    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        foreach (MemoryPool pool in MemoryPool.All())
        {
            pool.Sweep();
        }
    }

    /// <summary>Gives the memory of free blocks back to the system.</summary>
    /// <param name="device">The CPU by default.</param>
    public static void Trim(Device device = default) => MemoryPool.For(device).Trim();
}
