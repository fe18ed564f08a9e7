namespace NativeChain.Interop;

public enum nc_dtype_code
{
    NC_BOOL = 0,
    NC_UINT8 = 1,
    NC_INT32 = 2,
    NC_INT64 = 3,
    NC_FLOAT16 = 4,
    NC_BFLOAT16 = 5,
    NC_FLOAT32 = 6,
    NC_FLOAT64 = 7,
}
