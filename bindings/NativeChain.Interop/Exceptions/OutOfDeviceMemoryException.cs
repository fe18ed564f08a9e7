namespace NativeChain;

/// <summary>A device has no room for a block, after every block that is no longer in use was given back.</summary>
public sealed class OutOfDeviceMemoryException : NativeChainException
{
    /// <summary>An exception with a message.</summary>
    public OutOfDeviceMemoryException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and the sizes, in bytes, when it was thrown.</summary>
    public OutOfDeviceMemoryException(string message, long requested, long live, long cached)
        : base($"{message} (requested {requested} bytes, live {live}, cached {cached})")
    {
        Requested = requested;
        Live = live;
        Cached = cached;
    }

    /// <summary>Bytes asked for; null where that is not known.</summary>
    public long? Requested { get; }

    /// <summary>Bytes in blocks handed out; null where that is not known.</summary>
    public long? Live { get; }

    /// <summary>Bytes in free blocks of the pool; null where that is not known.</summary>
    public long? Cached { get; }
}
