using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

/// <summary>
/// The native kernels over arrays, destination-passing: each reads its inputs and writes into outputs that the caller
/// allocated. All arrays of a call lie on one device (but for <see cref="Copy"/>). What the native side refuses (shapes,
/// dtypes, overlaps, indices) is refused before anything is written.
/// </summary>
/// <remarks>Every method throws <see cref="ArgumentNullException"/> for a null array, <see cref="ObjectDisposedException"/> for a disposed one, and
/// <see cref="ArgumentException"/> for arrays of different devices and for what the native side refuses.</remarks>
public static unsafe partial class Kernels
{
    /// <summary>y = x, cast to y's dtype and broadcast to y's shape. The two may lie on different devices.</summary>
    /// <param name="x">Any dtype and strides.</param>
    /// <param name="y">Any dtype and strides; overlaps neither itself nor <paramref name="x"/>, unless they are one view.</param>
    [SkipLocalsInit]
    public static void Copy(NDArray x, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool source = Describe(x, nameof(x), nameof(Copy), &t[0]);
        MemoryPool destination = Describe(y, nameof(y), nameof(Copy), &t[1]);
        nc_context* context = Context(destination.Index == 0 ? source : destination);
        Status.Check(Native.nc_copy(context, &t[0], &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>y = value everywhere, cast to y's dtype: floating point to integer truncates and saturates, to bool is "not 0".</summary>
    /// <param name="value">A number, or a 0-d array on y's device.</param>
    /// <param name="y">Any dtype and strides.</param>
    [SkipLocalsInit]
    public static void Fill(Scalar value, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        nc_scalar scalar;
        MemoryPool pool = Describe(y, nameof(y), nameof(Fill), &t[0]);
        Describe(value, nameof(value), nameof(Fill), &scalar, &t[1], pool);
        Status.Check(Native.nc_fill(Context(pool), scalar, &t[0]));
        GC.KeepAlive(value.Array);
        GC.KeepAlive(y);
    }

    /// <summary>Waits until all work of the calling thread on a device is done, and throws what failed in it. On the CPU there is nothing to wait for.</summary>
    /// <param name="device">The device.</param>
    public static void Synchronize(Device device) => Status.Check(Native.nc_context_synchronize(Context(MemoryPool.For(device))));

    /// <summary>Copies x to host memory in C order.</summary>
    [SkipLocalsInit]
    internal static void CopyToHost(NDArray x, void* destination)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, nameof(x), nameof(CopyToHost), &t[0]);
        DescribeHost(destination, x.Shape, x.DType, &t[1]);
        Status.Check(Native.nc_copy(Context(pool), &t[0], &t[1]));
        GC.KeepAlive(x);
    }

    /// <summary>Fills y from host memory in C order.</summary>
    [SkipLocalsInit]
    internal static void CopyFromHost(void* source, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(y, nameof(y), nameof(CopyFromHost), &t[0]);
        DescribeHost(source, y.Shape, y.DType, &t[1]);
        Status.Check(Native.nc_copy(Context(pool), &t[1], &t[0]));
        GC.KeepAlive(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nc_context* Context(MemoryPool pool) => ThreadContext.Current.Context(pool);

    // The first array of a call: it decides the device.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static MemoryPool Describe(NDArray? x, string name, string function, nc_tensor* tensor)
    {
        if (x is null)
        {
            ThrowNull(name, function);
        }

        MemoryPool? pool = x.TryDescribe(tensor);
        if (pool is null)
        {
            ThrowDisposed(name, function);
        }

        return pool;
    }

    // A further array, which must lie on the device of the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Describe(NDArray? x, string name, string function, nc_tensor* tensor, MemoryPool pool)
    {
        MemoryPool own = Describe(x, name, function, tensor);
        if (own != pool)
        {
            ThrowDevices(name, function, own, pool);
        }
    }

    // An array that a call can do without: null where it does.
    private static nc_tensor* DescribeOptional(NDArray? x, string name, string function, nc_tensor* tensor, MemoryPool pool)
    {
        if (x is null)
        {
            return null;
        }

        Describe(x, name, function, tensor, pool);
        return tensor;
    }

    private static void Describe(
        ReadOnlySpan<NDArray> arrays, string name, string function, nc_tensor* tensors, ref MemoryPool? pool)
    {
        for (int i = 0; i < arrays.Length; i++)
        {
            // The name is put together where it is needed: for what cannot be described.
            MemoryPool own = arrays[i]?.TryDescribe(&tensors[i]) ?? Describe(arrays[i], $"{name}[{i}]", function, &tensors[i]);
            pool ??= own;
            if (own != pool)
            {
                ThrowDevices($"{name}[{i}]", function, own, pool);
            }
        }
    }

    private static void Describe(
        in Scalar value, string name, string function, nc_scalar* scalar, nc_tensor* tensor, MemoryPool pool)
    {
        scalar->f64 = value.F64;
        scalar->i64 = value.I64;
        scalar->tensor = null;
        if (value.Array is not null)
        {
            Describe(value.Array, name, function, tensor, pool);
            scalar->tensor = tensor;
        }
    }

    // Room for one descriptor for each scalar, used by those that are arrays.
    private static void Describe(
        ReadOnlySpan<Scalar> values, string name, string function, nc_scalar* scalars, nc_tensor* tensors, MemoryPool pool)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Describe(in values[i], name, function, &scalars[i], &tensors[i], pool);
        }
    }

    private static void DescribeHost(void* memory, in Shape shape, DType dtype, nc_tensor* tensor)
    {
        tensor->@base = memory;
        tensor->nbytes = shape.Size * dtype.ItemSize();
        tensor->offset = 0;
        tensor->device_type = (int)DeviceType.Cpu;
        tensor->device_id = 0;
        tensor->dtype = (int)dtype;
        tensor->ndim = shape.NDim;
        long step = 1;
        for (int i = shape.NDim - 1; i >= 0; i--)
        {
            tensor->shape[i] = shape[i];
            tensor->strides[i] = step;
            step *= shape[i];
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void KeepAlive(ReadOnlySpan<NDArray> arrays)
    {
        foreach (NDArray x in arrays)
        {
            GC.KeepAlive(x);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void KeepAlive(ReadOnlySpan<Scalar> scalars)
    {
        foreach (Scalar x in scalars)
        {
            GC.KeepAlive(x.Array);
        }
    }

    private static void CheckCount(int given, int expected, string name, string function)
    {
        if (given != expected)
        {
            throw new ArgumentException($"{function}: {given} {name}, but the program has {expected}.", name);
        }
    }

    [DoesNotReturn]
    private static void ThrowNull(string name, string function) =>
        throw new ArgumentNullException(name, $"{function}: {name} is null.");

    [DoesNotReturn]
    private static void ThrowDisposed(string name, string function) =>
        throw new ObjectDisposedException(nameof(NDArray), $"{function}: {name} was disposed of.");

    [DoesNotReturn]
    private static void ThrowDevices(string name, string function, MemoryPool own, MemoryPool other) =>
        throw new ArgumentException($"{function}: {name} lies on {own.Device}, another array of the call on {other.Device}.", name);
}
