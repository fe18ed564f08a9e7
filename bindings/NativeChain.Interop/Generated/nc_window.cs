namespace NativeChain.Interop;

public unsafe partial struct nc_window
{
    [NativeTypeName("int64_t[3]")]
    public fixed long size[3];

    [NativeTypeName("int64_t[3]")]
    public fixed long stride[3];

    [NativeTypeName("int64_t[3]")]
    public fixed long padding[3];

    [NativeTypeName("int64_t[3]")]
    public fixed long dilation[3];
}
