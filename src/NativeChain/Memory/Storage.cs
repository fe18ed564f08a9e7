namespace NativeChain;

/// <summary>The memory that an array and its views share. It has no finalizer: its pool sees by the block's weak handle that nothing reaches it.</summary>
internal class Storage
{
    internal readonly nint Pointer;
    internal readonly long NBytes;
    internal readonly MemoryPool Pool;

    private readonly Block? _block;
    private readonly long _use;

    // Arrays that have not been disposed. Where one was dropped without Dispose, the garbage collector ends the use.
    private int _shares = 1;

    internal Storage(MemoryPool pool, Block block, long nbytes)
    {
        Pool = pool;
        Pointer = block.Pointer;
        NBytes = nbytes;
        _block = block;
        _use = block.NextUse;
    }

    /// <summary>Memory that no pool has given.</summary>
    private protected Storage(MemoryPool pool, nint pointer, long nbytes)
    {
        Pool = pool;
        Pointer = pointer;
        NBytes = nbytes;
    }

    /// <summary>Counts one more array; false where the memory has been given back.</summary>
    internal bool TryShare()
    {
        int shares = Volatile.Read(ref _shares);
        while (shares > 0)
        {
            int seen = Interlocked.CompareExchange(ref _shares, shares + 1, shares);
            if (seen == shares)
            {
                return true;
            }

            shares = seen;
        }

        return false;
    }

    /// <summary>Counts one array less; the last gives the memory back.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _shares) == 0)
        {
            End();
        }

        GC.KeepAlive(this);
    }

    /// <summary>Gives the memory back, where that has not been done.</summary>
    private protected virtual void End()
    {
        if (_block!.TryEnd(_use))
        {
            Pool.Free(_block);
        }
    }
}
