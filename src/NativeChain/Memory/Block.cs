using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeChain;

/// <summary>A block of device memory. It outlives the storages that use it one after another, and so does its weak handle.</summary>
internal sealed class Block
{
    internal readonly nint Pointer;
    internal readonly int Class;
    internal readonly long Capacity;

    /// <summary>The next block of a free list.</summary>
    internal Block? Next;

    /// <summary>Its place in the pool's list of all blocks.</summary>
    internal int Index;

    // Twice the number of the use, plus 1 while a storage has the block. Each use has a number of its own, so that
    // whoever saw the end of one use cannot free the next.
    private long _use;

    // Tracks resurrection: a storage that a user's finalizer still reaches is not dead.
    private WeakGCHandle<Storage> _owner;

    internal Block(nint pointer, int sizeClass)
    {
        Pointer = pointer;
        Class = sizeClass;
        Capacity = SizeClass.Bytes(sizeClass);
    }

    internal bool IsLive => (Volatile.Read(ref _use) & 1) != 0;

    /// <summary>The number of the use that begins now.</summary>
    internal long NextUse => _use + 1;

    /// <summary>Hands the block to its storage. Only one thread holds a free block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Begin(Storage owner)
    {
        if (!_owner.IsAllocated)
        {
            _owner = new WeakGCHandle<Storage>(owner, trackResurrection: true);
        }
        else
        {
            _owner.SetTarget(owner);
        }

        Volatile.Write(ref _use, _use + 1);
    }

    /// <summary>Ends the use with this number; false where it has ended before.</summary>
    internal bool TryEnd(long use) => Interlocked.CompareExchange(ref _use, use + 1, use) == use;

    /// <summary>Ends the present use if nothing reaches the storage any more.</summary>
    internal bool TryEndIfUnreachable()
    {
        long use = Volatile.Read(ref _use);
        return (use & 1) != 0 && !_owner.TryGetTarget(out _) && TryEnd(use);
    }

    internal void DisposeHandle() => _owner.Dispose();
}
