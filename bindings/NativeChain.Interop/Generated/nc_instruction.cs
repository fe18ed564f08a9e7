namespace NativeChain.Interop;

public partial struct nc_instruction
{
    [NativeTypeName("int32_t")]
    public int op;

    [NativeTypeName("int32_t")]
    public int a;

    [NativeTypeName("int32_t")]
    public int b;

    [NativeTypeName("int32_t")]
    public int c;

    public double f64;

    [NativeTypeName("int64_t")]
    public long i64;
}
