namespace NativeChain.Initializers;

/// <summary>Another initializer, for arrays of one dtype whatever the configuration's is later.</summary>
internal sealed class OfDType(Initializer inner, DType dtype) : Initializer(dtype)
{
    public override void Fill(NDArray array) => inner.Fill(array);
}
