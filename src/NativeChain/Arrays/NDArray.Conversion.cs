using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>The array in another dtype. Floating point to integer truncates towards zero and saturates; to bool, not 0 is true.</summary>
    /// <param name="dtype">The dtype of the result.</param>
    /// <param name="copy">Where false, an array that has the dtype already is returned itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a dtype.</exception>
    public NDArray AsType(DType dtype, bool copy = true)
    {
        DTypes.Check(dtype, nameof(dtype));
        if (dtype == _dtype && !copy)
        {
            return this;
        }

        NDArray y = Allocate(in _shape, dtype, Storage.Pool);
        Kernels.Copy(this, y);
        return y;
    }

    /// <summary>A contiguous copy.</summary>
    public NDArray Copy() => AsType(_dtype);

    /// <summary>The array itself where it is contiguous, else a contiguous copy.</summary>
    public NDArray AsContiguous() => _isContiguous ? this : Copy();

    /// <summary>The array on a device: itself where it lies there, else a copy.</summary>
    /// <param name="device">The device.</param>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public NDArray To(Device device)
    {
        if (Device == device)
        {
            return this;
        }

        NDArray y = Allocate(_shape, _dtype, device);
        Kernels.Copy(this, y);
        return y;
    }

    /// <summary>Writes one value into every element.</summary>
    /// <param name="value">The value, cast to the dtype.</param>
    public void Fill(Scalar value) => Kernels.Fill(value, this);

    /// <summary>Copies into an array, broadcast to its shape and cast to its dtype; it may lie on another device.</summary>
    /// <param name="destination">The array that is written.</param>
    /// <exception cref="ArgumentException">The shape does not broadcast to the destination's, or the two overlap.</exception>
    public void CopyTo(NDArray destination)
    {
        Guard.NotNull(destination);
        if (!Shape.TryBroadcast(in _shape, in destination._shape, out Shape shape) || shape != destination._shape)
        {
            throw new ArgumentException(
                $"NDArray.CopyTo: shape {_shape} does not broadcast to {destination._shape}.", nameof(destination));
        }

        Kernels.Copy(this, destination);
    }

    /// <summary>Copies the elements in C order into a span.</summary>
    /// <typeparam name="T">The element of the array's dtype.</typeparam>
    /// <param name="destination">As long as the array or longer.</param>
    /// <exception cref="ArgumentException">Another dtype, or the span is too short.</exception>
    public unsafe void CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        CheckElement<T>("CopyTo");
        long size = Size;
        if (destination.Length < size)
        {
            throw new ArgumentException($"NDArray.CopyTo: a span of {destination.Length} for {size} elements.", nameof(destination));
        }

        Storage storage = Storage;
        if (_isContiguous && storage.Pool.Device.IsCpu)
        {
            new ReadOnlySpan<T>((T*)storage.Pointer + _offset, (int)size).CopyTo(destination);
            GC.KeepAlive(this);
        }
        else if (size > 0)
        {
            fixed (T* pointer = destination)
            {
                Kernels.CopyToHost(this, pointer);
            }
        }
    }

    /// <summary>The elements in C order.</summary>
    /// <typeparam name="T">The element of the array's dtype.</typeparam>
    /// <exception cref="ArgumentException">Another dtype, or more elements than a C# array can have.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        CheckElement<T>("ToArray");
        if (Size > Array.MaxLength)
        {
            throw new ArgumentException($"NDArray.ToArray: {Size} elements are too many for a C# array.");
        }

        var values = new T[Size];
        CopyTo(values.AsSpan());
        return values;
    }

    /// <summary>A C# array of the same rank, shape and element type, such as <c>float[,]</c>; a 0-d array gives an array of one element.</summary>
    public Array ToArray() => _dtype switch
    {
        DType.Bool => ToRectangular<bool>(),
        DType.UInt8 => ToRectangular<byte>(),
        DType.Int32 => ToRectangular<int>(),
        DType.Int64 => ToRectangular<long>(),
        DType.Float16 => ToRectangular<Half>(),
        DType.BFloat16 => ToRectangular<BFloat16>(),
        DType.Float32 => ToRectangular<float>(),
        _ => ToRectangular<double>(),
    };

    /// <summary>The one element of an array of size 1, cast to <typeparamref name="T"/> where the dtype is another.</summary>
    /// <typeparam name="T">The element of any dtype.</typeparam>
    /// <exception cref="InvalidOperationException">The array has not one element.</exception>
    public unsafe T Item<T>()
        where T : unmanaged
    {
        DType dtype = DTypes.Of<T>();
        if (Size != 1)
        {
            throw new InvalidOperationException($"NDArray.Item: an array of shape {_shape} has not one element.");
        }

        if (dtype != _dtype)
        {
            using NDArray cast = AsType(dtype);
            return cast.Item<T>();
        }

        T value;
        Storage storage = Storage;
        if (storage.Pool.Device.IsCpu)
        {
            value = ((T*)storage.Pointer)[_offset];
            GC.KeepAlive(this);
        }
        else
        {
            Kernels.CopyToHost(this, &value);
        }

        return value;
    }

    /// <summary>The one element of an array of size 1.</summary>
    /// <exception cref="InvalidOperationException">The array has not one element.</exception>
    public static explicit operator double(NDArray x) => Guard.NotNull(x, nameof(x), "NDArray to double").Item<double>();

    /// <summary>The one element of an array of size 1, rounded to float32.</summary>
    /// <exception cref="InvalidOperationException">The array has not one element.</exception>
    public static explicit operator float(NDArray x) => Guard.NotNull(x, nameof(x), "NDArray to float").Item<float>();

    /// <summary>The one element of an array of size 1, truncated to an integer.</summary>
    /// <exception cref="InvalidOperationException">The array has not one element.</exception>
    public static explicit operator long(NDArray x) => Guard.NotNull(x, nameof(x), "NDArray to long").Item<long>();

    /// <summary>The one element of an array of size 1, truncated to an integer.</summary>
    /// <exception cref="InvalidOperationException">The array has not one element.</exception>
    public static explicit operator int(NDArray x) => Guard.NotNull(x, nameof(x), "NDArray to int").Item<int>();

    /// <summary>Whether the one element of an array of size 1 is not 0.</summary>
    /// <exception cref="InvalidOperationException">The array has not one element.</exception>
    public static explicit operator bool(NDArray x) => Guard.NotNull(x, nameof(x), "NDArray to bool").Item<bool>();

    private unsafe Array ToRectangular<T>()
        where T : unmanaged
    {
        Type type = NDim switch
        {
            0 or 1 => typeof(T[]),
            2 => typeof(T[,]),
            3 => typeof(T[,,]),
            4 => typeof(T[,,,]),
            5 => typeof(T[,,,,]),
            6 => typeof(T[,,,,,]),
            7 => typeof(T[,,,,,,]),
            _ => typeof(T[,,,,,,,]),
        };
        Array values = Array.CreateInstanceFromArrayType(type, NDim == 0 ? [1] : _shape.ToArray());
        if (Size > 0)
        {
            fixed (byte* pointer = &MemoryMarshal.GetArrayDataReference(values))
            {
                Kernels.CopyToHost(this, pointer);
            }
        }

        return values;
    }

    private void CheckElement<T>(string function)
        where T : unmanaged
    {
        if (DTypes.Of<T>() != _dtype)
        {
            throw OtherElement(function, typeof(T));
        }
    }

    private ArgumentException OtherElement(string function, Type element) =>
        new($"NDArray.{function}: the array is {_dtype.Name()}, not {element.Name}; AsType converts.");
}
