namespace NativeChain.Interop;

public partial struct nc_context
{
}
