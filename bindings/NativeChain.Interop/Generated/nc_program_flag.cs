namespace NativeChain.Interop;

public enum nc_program_flag
{
    NC_PROGRAM_FLUSH_DENORMALS = 1,
}
