namespace NativeChain.Interop;

public partial struct nc_random_key
{
    [NativeTypeName("uint64_t")]
    public ulong seed;

    public nc_scalar counter;
}
