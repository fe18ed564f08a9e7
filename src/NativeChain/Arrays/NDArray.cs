using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

/// <summary>
/// An array of numbers on a device, with NumPy's semantics: a block of memory seen through a shape, strides and a dtype.
/// Slices, transpositions and reshapes are views of the same memory. Needs no Dispose: memory that can no longer be reached is reused.
/// </summary>
/// <remarks>
/// Operators make new arrays: <c>x += y</c> lets x name the sum, and other names of the array keep what it was, unlike in NumPy; <c>x[..] += y</c> writes into the array itself.
/// Reading from many threads is safe. Disposing of an array while another thread uses it is not.
/// </remarks>
public sealed partial class NDArray : IDisposable
{
    private Storage? _storage;
    private readonly long _offset;
    private Shape _shape;
    private Strides _strides;
    private readonly DType _dtype;
    private readonly bool _isContiguous;

    private NDArray(Storage storage, in Shape shape, DType dtype)
    {
        _storage = storage;
        _shape = shape;
        NativeChain.Strides.SetContiguous(ref _strides, in shape);
        _dtype = dtype;
        _isContiguous = true;
    }

    private NDArray(Storage storage, long offset, in Shape shape, in Strides strides, DType dtype)
    {
        _storage = storage;
        _offset = offset;
        _shape = shape;
        _strides = strides;
        _dtype = dtype;
        _isContiguous = NativeChain.Strides.IsContiguous(in shape, in strides);
    }

    /// <summary>The extents of the axes.</summary>
    public Shape Shape => _shape;

    /// <summary>The number of axes.</summary>
    public int NDim => _shape.NDim;

    /// <summary>The number of elements.</summary>
    public long Size => _shape.Size;

    /// <summary>The type of the elements.</summary>
    public DType DType => _dtype;

    /// <summary>Where the array lies.</summary>
    /// <exception cref="ObjectDisposedException">The array was disposed of.</exception>
    public Device Device => Storage.Pool.Device;

    /// <summary>Steps between neighbours along each axis, in elements; 0 where an axis repeats.</summary>
    public ReadOnlySpan<long> Strides => ((ReadOnlySpan<long>)_strides)[.._shape.NDim];

    /// <summary>True if the elements lie in C order without gaps.</summary>
    public bool IsContiguous => _isContiguous;

    /// <summary>Bytes of the elements: size times item size.</summary>
    public long NBytes => Size * _dtype.ItemSize();

    /// <summary>True once <see cref="Dispose"/> was called.</summary>
    public bool IsDisposed => _storage is null;

    /// <summary>The memory of the array and its views.</summary>
    /// <exception cref="ObjectDisposedException">The array was disposed of.</exception>
    internal Storage Storage
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Storage? storage = _storage;
            if (storage is null)
            {
                ThrowDisposed();
            }

            return storage;
        }
    }

    /// <summary>
    /// True of an array that a built-in allocated for its own use and that was never put into a Variable, viewed, returned
    /// from a public member or passed to user code. A view of it, or whoever lets it escape, makes it false.
    /// </summary>
    internal bool IsScratch { get; set; }

    /// <summary>Gives the memory back, where no other array shares it. A second call does nothing. Optional.</summary>
    public void Dispose() => Interlocked.Exchange(ref _storage, null)?.Release();

    /// <summary>An array of undefined content.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative extent, or more bytes than 64 bits can count.</exception>
    /// <exception cref="OutOfDeviceMemoryException">No memory left.</exception>
    internal static NDArray Allocate(Shape shape, DType dtype, Device device) =>
        Allocate(in shape, dtype, device.IsCpu ? MemoryPool.Cpu : MemoryPool.For(device));

    internal static NDArray Allocate(in Shape shape, DType dtype, MemoryPool pool)
    {
        if (!shape.TryGetSize(out long size) || size > long.MaxValue / sizeof(double))
        {
            ThrowShape(in shape);
        }

        return new NDArray(pool.Allocate(size * dtype.ItemSize()), in shape, dtype);
    }

    /// <summary><see cref="Allocate(Shape, DType, Device)"/>, marked as scratch.</summary>
    internal static NDArray AllocateScratch(Shape shape, DType dtype, Device device)
    {
        NDArray array = Allocate(shape, dtype, device);
        array.IsScratch = true;
        return array;
    }

    /// <summary>Gives the memory back if the array is still scratch; else does nothing.</summary>
    internal void ReleaseScratch()
    {
        if (IsScratch)
        {
            Dispose();
        }
    }

    /// <summary>Fills a descriptor, of which only the axes that exist, and names the pool; null for a disposed array. The caller keeps the array alive while the descriptor is used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe MemoryPool? TryDescribe(nc_tensor* tensor)
    {
        Storage? storage = _storage;
        if (storage is null)
        {
            return null;
        }

        MemoryPool pool = storage.Pool;
        tensor->@base = (void*)storage.Pointer;
        tensor->nbytes = storage.NBytes;
        tensor->offset = _offset * _dtype.ItemSize();
        tensor->device_type = (int)pool.Device.Type;
        tensor->device_id = pool.Device.Id;
        tensor->dtype = (int)_dtype;
        int ndim = _shape.NDim;
        tensor->ndim = ndim;
        ReadOnlySpan<int> extents = _shape.Span;
        ReadOnlySpan<long> strides = _strides;
        for (int i = 0; i < extents.Length; i++)
        {
            tensor->shape[i] = extents[i];
            tensor->strides[i] = strides[i];
        }

        return pool;
    }

    /// <summary>A view of the same memory.</summary>
    private NDArray View(in Shape shape, in Strides strides, long offset)
    {
        Storage storage = Storage;
        if (!storage.TryShare())
        {
            ThrowDisposed();
        }

        IsScratch = false;
        return new NDArray(storage, offset, in shape, in strides, _dtype);
    }

    /// <summary>Changes the shape of a contiguous array that nobody else has seen yet.</summary>
    internal NDArray WithShapeInPlace(in Shape shape)
    {
        _shape = shape;
        _strides = NativeChain.Strides.Contiguous(in shape);
        return this;
    }

    [DoesNotReturn]
    private static void ThrowShape(in Shape shape) => throw new ArgumentOutOfRangeException(
        nameof(shape), shape.ToString(), "an array's extents are not negative, and 64 bits count its bytes");

    [DoesNotReturn]
    private void ThrowDisposed() =>
        throw new ObjectDisposedException(nameof(NDArray), $"The array of shape {_shape} was disposed of.");
}
