namespace NativeChain.Interop;

public enum nc_device_code
{
    NC_CPU = 1,
    NC_CUDA = 2,
}
