namespace NativeChain.Interop;

public partial struct nc_memory_stats
{
    [NativeTypeName("int64_t")]
    public long live_bytes;

    [NativeTypeName("int64_t")]
    public long cached_bytes;

    [NativeTypeName("int64_t")]
    public long peak_bytes;

    [NativeTypeName("int64_t")]
    public long live_blocks;
}
