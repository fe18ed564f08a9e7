namespace NativeChain.Interop;

public enum nc_reduction_code
{
    NC_REDUCE_SUM = 0,
    NC_REDUCE_MEAN = 1,
    NC_REDUCE_PROD = 2,
    NC_REDUCE_MIN = 3,
    NC_REDUCE_MAX = 4,
    NC_REDUCE_ARGMIN = 5,
    NC_REDUCE_ARGMAX = 6,
}
