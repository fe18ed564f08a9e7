namespace NativeChain;

/// <summary>The base of what goes wrong below the level of arguments: in the native library, on a device, in memory.</summary>
public class NativeChainException : Exception
{
    /// <summary>An exception with a message.</summary>
    public NativeChainException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and the exception that led to it.</summary>
    public NativeChainException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
