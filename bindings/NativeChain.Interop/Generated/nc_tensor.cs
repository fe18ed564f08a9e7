namespace NativeChain.Interop;

public unsafe partial struct nc_tensor
{
    public void* @base;

    [NativeTypeName("int64_t")]
    public long nbytes;

    [NativeTypeName("int64_t")]
    public long offset;

    [NativeTypeName("int32_t")]
    public int device_type;

    [NativeTypeName("int32_t")]
    public int device_id;

    [NativeTypeName("int32_t")]
    public int dtype;

    [NativeTypeName("int32_t")]
    public int ndim;

    [NativeTypeName("int64_t[8]")]
    public fixed long shape[8];

    [NativeTypeName("int64_t[8]")]
    public fixed long strides[8];
}
