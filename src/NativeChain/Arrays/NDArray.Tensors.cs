using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

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

    /// <summary>An array over the memory of a tensor of System.Numerics.Tensors, or a copy of it.</summary>
    /// <typeparam name="T">The element of a dtype.</typeparam>
    /// <param name="tensor">Any strides, at most 8 axes.</param>
    /// <param name="copy">Where false, nothing is copied: the array and the tensor share memory, which stays pinned while the array or a view of it is reached and not disposed of.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tensor"/> is null.</exception>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is the element of no dtype, or there are more than 8 axes.</exception>
    public static unsafe NDArray FromTensor<T>(Tensor<T> tensor, bool copy = true)
        where T : unmanaged
    {
        Guard.NotNull(tensor);
        if (copy)
        {
            return FromTensor(tensor.AsReadOnlyTensorSpan());
        }

        DType dtype = DTypes.Of<T>();
        Span<int> extents = stackalloc int[tensor.Rank];
        Strides strides = default;
        long nbytes = sizeof(T);
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = checked((int)tensor.Lengths[i]);
            if (i < Shape.MaxNDim)
            {
                strides[i] = tensor.Strides[i];
            }

            nbytes += Math.Max(extents[i] - 1L, 0) * tensor.Strides[i] * sizeof(T);
        }

        var shape = new Shape(extents);
        System.Buffers.MemoryHandle handle = tensor.GetPinnedHandle(); // of the whole memory: a slice begins somewhere in it
        var storage = new ForeignStorage(MemoryPool.Cpu, (nint)Unsafe.AsPointer(ref tensor.AsTensorSpan().GetPinnableReference()), shape.Size == 0 ? 0 : nbytes, () => handle.Dispose());
        return new NDArray(storage, 0, in shape, in strides, dtype);
    }

    /// <summary>Calls a function with the array's own memory as a TensorSpan: nothing is copied, and what it writes is written to the array.</summary>
    /// <typeparam name="T">The element of the array's dtype.</typeparam>
    /// <param name="action">The function. The span is valid until it returns. That of a 0-d array has one axis.</param>
    /// <exception cref="ArgumentException">Another dtype, or a view that walks backwards along an axis, which a TensorSpan cannot; a Copy can be passed.</exception>
    /// <exception cref="InvalidOperationException">The array lies on a GPU.</exception>
    public unsafe void WithTensorSpan<T>(Action<TensorSpan<T>> action)
        where T : unmanaged
    {
        Guard.NotNull(action);
        CheckElement<T>("WithTensorSpan");
        if (!Device.IsCpu)
        {
            throw new InvalidOperationException($"NDArray.WithTensorSpan: the array lies on {Device}; To copies it to the CPU.");
        }

        // A TensorSpan has an axis at least, and no strides where there is no step.
        Span<nint> lengths = stackalloc nint[Math.Max(NDim, 1)];
        Span<nint> strides = stackalloc nint[lengths.Length];
        lengths.Fill(1);
        strides.Clear();
        long length = Size == 0 ? 0 : 1;
        for (int i = 0; i < NDim; i++)
        {
            lengths[i] = _shape[i];
            strides[i] = _shape[i] == 1 || length == 0 ? 0 : (nint)_strides[i];
            length += length == 0 ? 0 : (_shape[i] - 1) * (long)strides[i];
            if (strides[i] < 0)
            {
                throw new ArgumentException($"NDArray.WithTensorSpan: axis {i} of the view is walked backwards; a Copy can be passed.");
            }
        }

        action(new TensorSpan<T>((T*)Storage.Pointer + _offset, (nint)length, lengths, strides));
        GC.KeepAlive(this);
    }
}
