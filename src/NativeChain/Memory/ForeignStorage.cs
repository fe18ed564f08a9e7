namespace NativeChain;

/// <summary>
/// Memory that another owner lends: a managed array, another library's tensor. It is given back when the last array that shares it is disposed of,
/// or else by the finalizer. (Storages of the pool have none; these are few.)
/// </summary>
internal sealed class ForeignStorage : Storage
{
    private Action? _giveBack;

    /// <summary>Takes over the memory. The garbage collector is told of its size, for it sees nothing else of it.</summary>
    /// <param name="pool">The pool of the device that it lies on.</param>
    /// <param name="pointer">The lowest byte.</param>
    /// <param name="nbytes">How many bytes.</param>
    /// <param name="giveBack">Called once, on any thread, when nothing reads or writes the memory any more.</param>
    internal ForeignStorage(MemoryPool pool, nint pointer, long nbytes, Action giveBack)
        : base(pool, pointer, nbytes)
    {
        _giveBack = giveBack;
        if (nbytes > 0)
        {
            GC.AddMemoryPressure(nbytes);
        }
    }

    ~ForeignStorage() => End();

    private protected override void End()
    {
        Action? giveBack = Interlocked.Exchange(ref _giveBack, null);
        if (giveBack is null)
        {
            return;
        }

        GC.SuppressFinalize(this);
        if (NBytes > 0)
        {
            GC.RemoveMemoryPressure(NBytes);
        }

        if (!Pool.Device.IsCpu)
        {
            Kernels.Synchronize(Pool.Device); // kernels may still use it, and its owner knows nothing of our stream
        }

        giveBack();
    }
}
