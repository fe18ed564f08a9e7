namespace NativeChain.Interop;

public enum nc_log_level_code
{
    NC_LOG_DEBUG = 0,
    NC_LOG_INFO = 1,
    NC_LOG_WARNING = 2,
    NC_LOG_ERROR = 3,
}
