namespace NativeChain;

/// <summary>A device module did not load, a device is not there, or a device failed.</summary>
public sealed class DeviceException : NativeChainException
{
    /// <summary>An exception with a message.</summary>
    public DeviceException(string message)
        : base(message)
    {
    }
}
