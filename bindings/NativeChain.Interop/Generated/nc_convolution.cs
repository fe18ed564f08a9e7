namespace NativeChain.Interop;

public unsafe partial struct nc_convolution
{
    [NativeTypeName("int64_t[3]")]
    public fixed long stride[3];

    [NativeTypeName("int64_t[3]")]
    public fixed long padding[3];

    [NativeTypeName("int64_t[3]")]
    public fixed long dilation[3];

    [NativeTypeName("int64_t")]
    public long groups;
}
