namespace NativeChain.Interop;

public enum nc_matmul_precision_code
{
    NC_MATMUL_FLOAT32 = 0,
    NC_MATMUL_BFLOAT16 = 1,
}
