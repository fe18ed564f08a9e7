namespace NativeChain.Interop;

public enum nc_status_code
{
    NC_OK = 0,
    NC_INVALID_ARGUMENT = 1,
    NC_INVALID_SHAPE = 2,
    NC_INVALID_DTYPE = 3,
    NC_INVALID_DEVICE = 4,
    NC_INDEX_OUT_OF_RANGE = 5,
    NC_OUT_OF_MEMORY = 6,
    NC_UNSUPPORTED = 7,
    NC_BACKEND_ERROR = 8,
    NC_INTERNAL_ERROR = 9,
    NC_LINALG_ERROR = 10,
}
