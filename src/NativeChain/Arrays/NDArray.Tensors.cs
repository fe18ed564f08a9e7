using System.Numerics.Tensors;

namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>A copy of a tensor of System.Numerics.Tensors, with its shape.</summary>
    /// <typeparam name="T">The element of a dtype.</typeparam>
    /// <param name="tensor">Any strides, at most 8 axes.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is the element of no dtype, or there are more than 8 axes.</exception>
    public static unsafe NDArray FromTensor<T>(in ReadOnlyTensorSpan<T> tensor, Device device = default)
        where T : unmanaged
    {
        Span<int> extents = stackalloc int[tensor.Rank];
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = checked((int)tensor.Lengths[i]);
        }

        NDArray y = Allocate(new Shape(extents), DTypes.Of<T>(), Device.Cpu);
        tensor.FlattenTo(new Span<T>((void*)y.Storage.Pointer, checked((int)y.Size)));
        GC.KeepAlive(y);
        return y.To(device);
    }

    /// <summary>A copy as a tensor of System.Numerics.Tensors, with the array's shape.</summary>
    /// <typeparam name="T">The element of the array's dtype.</typeparam>
    /// <exception cref="ArgumentException">Another dtype, or more elements than a C# array can have.</exception>
    public Tensor<T> ToTensor<T>()
        where T : unmanaged
    {
        Span<nint> lengths = stackalloc nint[NDim];
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = _shape[i];
        }

        return Tensor.Create(ToArray<T>(), lengths);
    }
}
