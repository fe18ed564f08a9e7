namespace NativeChain.Interop;

public unsafe partial struct nc_scalar
{
    [NativeTypeName("const nc_tensor *")]
    public nc_tensor* tensor;

    public double f64;

    [NativeTypeName("int64_t")]
    public long i64;
}
