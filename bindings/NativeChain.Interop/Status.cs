using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeChain.Interop;

/// <summary>Turns the status that a native function returns into an exception.</summary>
public static class Status
{
    /// <summary>Returns if <paramref name="status"/> is <see cref="nc_status_code.NC_OK"/>, else throws what it stands for.</summary>
    /// <param name="status">What a native function returned, on this thread, with no native call since.</param>
    /// <exception cref="ArgumentException">A wrong value, shape, dtype or device.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index outside its axis.</exception>
    /// <exception cref="LinAlgException">A matrix that has no inverse, factor or decomposition.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The device has no block of the size asked for.</exception>
    /// <exception cref="NotSupportedException">The backend has no kernel for this operation, device and dtype.</exception>
    /// <exception cref="DeviceException">A device module did not load, or the device failed.</exception>
    /// <exception cref="NativeChainException">An error inside the native library.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(int status)
    {
        if (status != (int)nc_status_code.NC_OK)
        {
            Throw(status);
        }
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Throw(int status)
    {
        string text = Marshal.PtrToStringUTF8((nint)Native.nc_last_error()) ?? "";
        throw (nc_status_code)status switch
        {
            nc_status_code.NC_INVALID_ARGUMENT or nc_status_code.NC_INVALID_SHAPE or nc_status_code.NC_INVALID_DTYPE
                or nc_status_code.NC_INVALID_DEVICE => new ArgumentException(text),
            nc_status_code.NC_INDEX_OUT_OF_RANGE => new ArgumentOutOfRangeException(null, text),
            nc_status_code.NC_LINALG_ERROR => new LinAlgException(text),
            nc_status_code.NC_OUT_OF_MEMORY => new OutOfDeviceMemoryException(text),
            nc_status_code.NC_UNSUPPORTED => new NotSupportedException(text),
            nc_status_code.NC_BACKEND_ERROR => new DeviceException(text),
            nc_status_code.NC_INTERNAL_ERROR => new NativeChainException(text),
            _ => new NativeChainException($"status {status}: {text}"),
        };
    }
}
