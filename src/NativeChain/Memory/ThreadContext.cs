using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

/// <summary>What a thread has for itself: a native context for each device, and a few free blocks of each size class. When the thread has ended, the next new one takes it over.</summary>
internal sealed unsafe class ThreadContext
{
    private static readonly Lock s_lock = new();
    private static readonly List<ThreadContext> s_all = [];

    [ThreadStatic]
    private static ThreadContext? t_current;

    private Thread _thread = Thread.CurrentThread;
    private PerDevice[] _devices = [new(), new()];

    internal static ThreadContext Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current ?? Lease();
    }

    /// <summary>The thread's native context on the pool's device.</summary>
    internal nc_context* Context(MemoryPool pool)
    {
        PerDevice device = For(pool);
        return device.Context != null ? device.Context : Create(pool.Device, device);
    }

    /// <summary>The thread's free blocks of the pool.</summary>
    internal BlockCache Cache(MemoryPool pool) => For(pool).Cache;

    private static nc_context* Create(Device device, PerDevice slot)
    {
        nc_context* context;
        try
        {
            Status.Check(Native.nc_context_create((int)device.Type, device.Id, &context));
        }
        catch (ArgumentException exception) when (!device.IsCpu)
        {
            throw new DeviceException(exception.Message);
        }

        slot.Context = context;
        return context;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ThreadContext Lease()
    {
        lock (s_lock)
        {
            ThreadContext context = Free() ?? New();
            context._thread = Thread.CurrentThread;
            t_current = context;
            return context;
        }
    }

    private static ThreadContext? Free()
    {
        foreach (ThreadContext context in s_all)
        {
            if (!context._thread.IsAlive)
            {
                return context;
            }
        }

        return null;
    }

    private static ThreadContext New()
    {
        ThreadContext context = new();
        s_all.Add(context);
        return context;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PerDevice For(MemoryPool pool)
    {
        PerDevice[] devices = _devices;
        return (uint)pool.Index < (uint)devices.Length ? devices[pool.Index] : Grow(pool.Index);
    }

    private PerDevice Grow(int index)
    {
        int old = _devices.Length;
        Array.Resize(ref _devices, index + 1);
        for (int i = old; i <= index; i++)
        {
            _devices[i] = new PerDevice();
        }

        return _devices[index];
    }

    private sealed class PerDevice
    {
        internal readonly BlockCache Cache = new();
        internal nc_context* Context;
    }
}

/// <summary>A thread's free blocks: for each class at most 64 and at most 256 KB.</summary>
internal sealed class BlockCache
{
    private const int MaxBlocks = 64;
    private const long MaxClassBytes = 256 << 10;

    private readonly Block?[] _first = new Block?[SizeClass.Count];
    private readonly byte[] _count = new byte[SizeClass.Count];

    internal static int Capacity(int sizeClass) => (int)Math.Min(MaxBlocks, MaxClassBytes / SizeClass.Bytes(sizeClass));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Block? TryPop(int sizeClass)
    {
        Block? block = _first[sizeClass];
        if (block is not null)
        {
            _first[sizeClass] = block.Next;
            block.Next = null;
            _count[sizeClass]--;
        }

        return block;
    }

    /// <summary>Takes up to so many blocks from a list of one class, of which the cache has none; gives what is left of the list.</summary>
    internal Block? Fill(Block first, int count)
    {
        if (count == 0)
        {
            return first;
        }

        Block last = first;
        int taken = 1;
        for (; taken < count && last.Next is Block next; taken++)
        {
            last = next;
        }

        Block? left = last.Next;
        last.Next = null;
        _first[first.Class] = first;
        _count[first.Class] = (byte)taken;
        return left;
    }

    internal bool TryPush(Block block)
    {
        if (_count[block.Class] >= Capacity(block.Class))
        {
            return false;
        }

        block.Next = _first[block.Class];
        _first[block.Class] = block;
        _count[block.Class]++;
        return true;
    }
}
