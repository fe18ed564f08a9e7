namespace NativeChain.Interop;

public enum nc_divisor_code
{
    NC_DIVISOR_ONE = 0,
    NC_DIVISOR_SIZE = 1,
    NC_DIVISOR_COUNT = 2,
}
