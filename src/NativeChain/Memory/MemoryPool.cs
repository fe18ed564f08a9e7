using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NativeChain.Interop;

namespace NativeChain;

/// <summary>
/// The memory of one device as C# sees it. Blocks come from the native pool, go to a <see cref="Storage"/>, and come back
/// when it is released, or when a sweep finds that the garbage collector has cleared the block's weak handle. Sweeps follow
/// collections that happen by themselves, and those that the pool asks for when what is live passes the budget.
/// </summary>
internal sealed unsafe class MemoryPool
{
    /// <summary>The managed side of one live block, about: array, storage, block, handle.</summary>
    private const long ManagedBytes = 256;

    /// <summary>
    /// Blocks handed out between two sweeps, at least. Fewer sweeps would cost less, but more blocks in turn use do not fit the
    /// processor's caches: an addition of ten numbers took 290 ns without this limit and 160 with it.
    /// </summary>
    private const long MinimumCount = 4096;

    private const int CudaDevices = 64;

    private static readonly Lock s_poolsLock = new();
    private static readonly MemoryPool?[] s_cuda = new MemoryPool?[CudaDevices];

    // Bytes and number of the blocks in use, in one word, so that handing out costs one atomic addition.
    private const int UnitShift = 6;
    private const int CountShift = 38;
    private const long UnitMask = (1L << CountShift) - 1;

    // What a small model's steps may add to the process, all included, is 64 MB: half of it is left to managed memory, native
    // workspaces and code. A collection of generation 1 for every 32 MB is lost in the time that filling them takes.
    private static long s_minimumBudget = 32 << 20;

    private readonly Lock _lock = new();
    private readonly Block?[] _free = new Block?[SizeClass.Count];
    private readonly int[] _lastUsed = new int[SizeClass.Count];
    private readonly List<Block> _blocks = [];

    private long _use;
    private long _peak;
    private long _owned;
    private long _budget = s_minimumBudget;
    private long _ownedLimit = s_minimumBudget;
    private long _countLimit = MinimumCount;
    private long _leftBySweep;
    private int _collections;
    private int _sweeps;

    private MemoryPool(Device device, int index)
    {
        Device = device;
        Index = index;
    }

    internal static MemoryPool Cpu { get; } = new(Device.Cpu, 0);

    internal static long MinimumBudget
    {
        get => Volatile.Read(ref s_minimumBudget);
        set
        {
            Volatile.Write(ref s_minimumBudget, value);
            foreach (MemoryPool pool in All())
            {
                lock (pool._lock)
                {
                    pool.SetLimits(pool._leftBySweep);
                }
            }
        }
    }

    internal Device Device { get; }

    /// <summary>0 for the CPU, 1 and up for the GPUs.</summary>
    internal int Index { get; }

    /// <summary>Bytes in blocks in use.</summary>
    internal long Live => Bytes(Volatile.Read(ref _use));

    /// <summary>Live bytes, managed ones included, above which the pool asks for a collection.</summary>
    internal long Budget => Volatile.Read(ref _budget);

    internal static MemoryPool For(Device device)
    {
        if (device.IsCpu)
        {
            return Cpu;
        }

        if (device.Id >= CudaDevices)
        {
            throw new ArgumentOutOfRangeException(nameof(device), device.ToString(), $"more than {CudaDevices} devices");
        }

        lock (s_poolsLock)
        {
            return s_cuda[device.Id] ??= new MemoryPool(device, device.Id + 1);
        }
    }

    internal static IEnumerable<MemoryPool> All()
    {
        yield return Cpu;
        foreach (MemoryPool? pool in s_cuda)
        {
            if (pool is not null)
            {
                yield return pool;
            }
        }
    }

    /// <summary>A block of at least <paramref name="nbytes"/>; its content is not defined.</summary>
    /// <exception cref="OutOfDeviceMemoryException">The device has no such block, even after a full collection.</exception>
    internal Storage Allocate(long nbytes)
    {
        int sizeClass = SizeClass.Of(nbytes);
        long use = Volatile.Read(ref _use);
        if (GC.CollectionCount(0) != Volatile.Read(ref _collections) || Charge(use) + nbytes > Budget
            || use >> CountShift >= Volatile.Read(ref _countLimit))
        {
            Reclaim(nbytes);
        }

        BlockCache cache = ThreadContext.Current.Cache(this);
        Block block = cache.TryPop(sizeClass) ?? Refill(cache, sizeClass, nbytes);
        var storage = new Storage(this, block, nbytes);
        block.Begin(storage);
        long live = Bytes(Interlocked.Add(ref _use, Unit(block)));
        if (live > Volatile.Read(ref _peak))
        {
            RaisePeak(live);
        }

        return storage;
    }

    /// <summary>Takes back a block whose use the caller has ended.</summary>
    internal void Free(Block block)
    {
        Interlocked.Add(ref _use, -Unit(block));
        Poison(block);
        if (!ThreadContext.Current.Cache(this).TryPush(block))
        {
            lock (_lock)
            {
                Push(block);
            }
        }
    }

    /// <summary>Takes back every block whose storage the garbage collector has found unreachable.</summary>
    internal void Sweep()
    {
        lock (_lock)
        {
            SweepLocked();
        }
    }

    /// <summary>Gives every free block that no thread has for itself to the native pool, and its memory to the system.</summary>
    internal void Trim()
    {
        lock (_lock)
        {
            ReleaseFree(long.MaxValue);
        }
    }

    internal void ResetPeak() => Volatile.Write(ref _peak, Live);

    internal MemoryStats Statistics()
    {
        lock (_lock)
        {
            long use = Volatile.Read(ref _use);
            return new MemoryStats(Bytes(use), Math.Max(0, _owned - Bytes(use)), Volatile.Read(ref _peak), use >> CountShift);
        }
    }

    private static long Unit(Block block) => (1L << CountShift) + (block.Capacity >> UnitShift);

    private static long Bytes(long use) => (use & UnitMask) << UnitShift;

    private static long Charge(long use) => Bytes(use) + ((use >> CountShift) * ManagedBytes);

    private void RaisePeak(long live)
    {
        long peak = Volatile.Read(ref _peak);
        while (live > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peak, live, peak);
            if (seen == peak)
            {
                return;
            }

            peak = seen;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Reclaim(long nbytes)
    {
        if (Charge(Volatile.Read(ref _use)) + nbytes <= Budget)
        {
            // A collection has happened by itself, or there are many new blocks. Where another thread sweeps, this one need not wait.
            if (_lock.TryEnter())
            {
                try
                {
                    if (GC.CollectionCount(0) == _collections)
                    {
                        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                    }

                    SweepLocked();
                }
                finally
                {
                    _lock.Exit();
                }
            }

            return;
        }

        lock (_lock)
        {
            long before = Charge(Volatile.Read(ref _use));
            if (before + nbytes <= _budget)
            {
                return;
            }

            // Generation 1, not 0 alone, which would promote the activations of the step in flight for good.
            GC.Collect(1, GCCollectionMode.Forced, blocking: true);
            SweepLocked();
            if (before - Charge(Volatile.Read(ref _use)) < (before - _leftBySweep) / 2)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true);
                SweepLocked();
            }

            _leftBySweep = Charge(Volatile.Read(ref _use));
            SetLimits(_leftBySweep + nbytes);
        }
    }

    // A collection costs less than filling the minimum does, so what is garbage need not be much more than that; but blocks that
    // are free stay, since what a step does not use at one moment it does at the next.
    private void SetLimits(long live)
    {
        long minimum = Volatile.Read(ref s_minimumBudget);
        Volatile.Write(ref _budget, live + Math.Max(minimum, live / 4));
        _ownedLimit = Math.Max(minimum, 2 * live);
    }

    private void SweepLocked()
    {
        // Read first: what a collection during the sweep clears is left to the next sweep.
        Volatile.Write(ref _collections, GC.CollectionCount(0));
        _sweeps++;
        long ended = 0;
        foreach (Block block in CollectionsMarshal.AsSpan(_blocks))
        {
            if (block.TryEndIfUnreachable())
            {
                ended += Unit(block);
                Poison(block);
                Push(block);
            }
        }

        long left = Interlocked.Add(ref _use, -ended) >> CountShift;
        Volatile.Write(ref _countLimit, left + Math.Max(MinimumCount, left));
    }

    private void Push(Block block)
    {
        block.Next = _free[block.Class];
        _free[block.Class] = block;
    }

    private Block? TryPop(int sizeClass)
    {
        Block? block = _free[sizeClass];
        if (block is not null)
        {
            _free[sizeClass] = block.Next;
            block.Next = null;
        }

        return block;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Block Refill(BlockCache cache, int sizeClass, long nbytes)
    {
        lock (_lock)
        {
            _lastUsed[sizeClass] = _sweeps;
            Block block = TryPop(sizeClass) ?? Create(sizeClass, nbytes);
            if (_free[sizeClass] is Block first)
            {
                _free[sizeClass] = cache.Fill(first, BlockCache.Capacity(sizeClass) / 2);
            }

            return block;
        }
    }

    private Block Create(int sizeClass, long nbytes)
    {
        long bytes = SizeClass.Bytes(sizeClass);
        long excess = _owned + bytes - Math.Max(_budget, _ownedLimit);
        if (excess > 0)
        {
            ReleaseFree(excess);
        }

        nc_context* context = ThreadContext.Current.Context(this);
        void* pointer;
        int status = Native.nc_alloc(context, bytes, &pointer, null);
        if (status == (int)nc_status_code.NC_OUT_OF_MEMORY)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true);
            SweepLocked();
            if (TryPop(sizeClass) is Block swept)
            {
                return swept;
            }

            ReleaseFree(long.MaxValue);
            status = Native.nc_alloc(context, bytes, &pointer, null);
            if (status == (int)nc_status_code.NC_OUT_OF_MEMORY)
            {
                long live = Live;
                throw new OutOfDeviceMemoryException($"{Device} has no memory left for an array", nbytes, live, _owned - live);
            }
        }

        Status.Check(status);
        var block = new Block((nint)pointer, sizeClass) { Index = _blocks.Count };
        _blocks.Add(block);
        _owned += bytes;
        return block;
    }

    // Free blocks go back until so many bytes have, those of the classes first that were not asked for the longest.
    private void ReleaseFree(long bytes)
    {
        Span<int> classes = stackalloc int[SizeClass.Count];
        int n = 0;
        for (int i = 0; i < SizeClass.Count; i++)
        {
            if (_free[i] is not null)
            {
                classes[n++] = i;
            }
        }

        classes[..n].Sort((a, b) => _lastUsed[a] != _lastUsed[b] ? _lastUsed[a].CompareTo(_lastUsed[b]) : b.CompareTo(a));
        if (n == 0)
        {
            return;
        }

        nc_context* context = ThreadContext.Current.Context(this);
        for (int i = 0; i < n && bytes > 0; i++)
        {
            while (bytes > 0 && TryPop(classes[i]) is Block block)
            {
                bytes -= block.Capacity;
                Remove(block);
                Status.Check(Native.nc_free(context, (void*)block.Pointer));
            }
        }

        long released;
        Status.Check(Native.nc_trim(context, &released));
    }

    private void Remove(Block block)
    {
        Block last = _blocks[^1];
        _blocks[block.Index] = last;
        last.Index = block.Index;
        _blocks.RemoveAt(_blocks.Count - 1);
        _owned -= block.Capacity;
        block.DisposeHandle();
    }

    [System.Diagnostics.Conditional("DEBUG")]
    private void Poison(Block block)
    {
        nc_tensor tensor = default;
        tensor.@base = (void*)block.Pointer;
        tensor.nbytes = block.Capacity;
        tensor.device_type = (int)Device.Type;
        tensor.device_id = Device.Id;
        tensor.dtype = (int)DType.Float32;
        tensor.ndim = 1;
        tensor.shape[0] = block.Capacity / sizeof(float);
        tensor.strides[0] = 1;
        Status.Check(Native.nc_fill(ThreadContext.Current.Context(this), new nc_scalar { f64 = double.NaN }, &tensor));
    }
}
