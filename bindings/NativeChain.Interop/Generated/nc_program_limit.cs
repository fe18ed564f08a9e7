namespace NativeChain.Interop;

public enum nc_program_limit
{
    NC_PROGRAM_MAX_INSTRUCTIONS = 256,
    NC_PROGRAM_MAX_INPUTS = 16,
    NC_PROGRAM_MAX_PARAMETERS = 16,
    NC_PROGRAM_MAX_OUTPUTS = 8,
}
