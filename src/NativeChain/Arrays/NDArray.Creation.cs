using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>A 0-d bool array.</summary>
    public static implicit operator NDArray(bool value) => FromSpan<bool>([value], Shape.Scalar);

    /// <summary>A 0-d uint8 array.</summary>
    public static implicit operator NDArray(byte value) => FromSpan<byte>([value], Shape.Scalar);

    /// <summary>A 0-d int32 array.</summary>
    public static implicit operator NDArray(int value) => FromSpan<int>([value], Shape.Scalar);

    /// <summary>A 0-d int64 array.</summary>
    public static implicit operator NDArray(long value) => FromSpan<long>([value], Shape.Scalar);

    /// <summary>A 0-d float16 array.</summary>
    public static implicit operator NDArray(Half value) => FromSpan<Half>([value], Shape.Scalar);

    /// <summary>A 0-d bfloat16 array.</summary>
    public static implicit operator NDArray(BFloat16 value) => FromSpan<BFloat16>([value], Shape.Scalar);

    /// <summary>A 0-d float32 array.</summary>
    public static implicit operator NDArray(float value) => FromSpan<float>([value], Shape.Scalar);

    /// <summary>A 0-d float64 array.</summary>
    public static implicit operator NDArray(double value) => FromSpan<double>([value], Shape.Scalar);

    /// <summary>A copy of a C# array of any rank up to 8: <c>new float[,] { { 1, 2 }, { 3, 4 } }</c>.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="array"/> is null.</exception>
    /// <exception cref="ArgumentException">Its elements are of no dtype.</exception>
    public static implicit operator NDArray(Array array) => FromArray(array);

    /// <summary>An array of undefined content.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="dtype">The default dtype where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative extent, an unknown dtype, or more bytes than 64 bits can count.</exception>
    public static NDArray Empty(Shape shape, DType? dtype = null, Device device = default)
    {
        DType type = dtype ?? DefaultDType;
        DTypes.Check(type, nameof(dtype));
        return Allocate(shape, type, device);
    }

    /// <summary>An array of one value.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="value">The value, cast to the dtype.</param>
    /// <param name="dtype">The default dtype where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative extent, an unknown dtype, or more bytes than 64 bits can count.</exception>
    public static NDArray Full(Shape shape, Scalar value, DType? dtype = null, Device device = default)
    {
        NDArray y = Empty(shape, dtype, device);
        Kernels.Fill(value, y);
        return y;
    }

    /// <summary>An array of zeros.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="dtype">The default dtype where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative extent, an unknown dtype, or more bytes than 64 bits can count.</exception>
    public static NDArray Zeros(Shape shape, DType? dtype = null, Device device = default) => Full(shape, 0, dtype, device);

    /// <summary>An array of ones.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="dtype">The default dtype where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative extent, an unknown dtype, or more bytes than 64 bits can count.</exception>
    public static NDArray Ones(Shape shape, DType? dtype = null, Device device = default) => Full(shape, 1, dtype, device);

    /// <summary>An array of undefined content with the shape and device of another.</summary>
    /// <param name="x">The other.</param>
    /// <param name="dtype">Its dtype where null.</param>
    public static NDArray EmptyLike(NDArray x, DType? dtype = null)
    {
        Guard.NotNull(x);
        return Empty(x._shape, dtype ?? x._dtype, x.Device);
    }

    /// <summary>An array of one value with the shape and device of another.</summary>
    /// <param name="x">The other.</param>
    /// <param name="value">The value, cast to the dtype.</param>
    /// <param name="dtype">Its dtype where null.</param>
    public static NDArray FullLike(NDArray x, Scalar value, DType? dtype = null)
    {
        NDArray y = EmptyLike(x, dtype);
        Kernels.Fill(value, y);
        return y;
    }

    /// <summary>An array of zeros with the shape and device of another.</summary>
    /// <param name="x">The other.</param>
    /// <param name="dtype">Its dtype where null.</param>
    public static NDArray ZerosLike(NDArray x, DType? dtype = null) => FullLike(x, 0, dtype);

    /// <summary>An array of ones with the shape and device of another.</summary>
    /// <param name="x">The other.</param>
    /// <param name="dtype">Its dtype where null.</param>
    public static NDArray OnesLike(NDArray x, DType? dtype = null) => FullLike(x, 1, dtype);

    /// <summary>0 to stop - 1.</summary>
    /// <param name="stop">The number of elements; none where negative.</param>
    /// <param name="dtype">int64 where null.</param>
    public static NDArray Arange(long stop, DType? dtype = null) => Arange(0, stop, 1, dtype);

    /// <summary>start, start + step, ... before stop.</summary>
    /// <param name="start">The first.</param>
    /// <param name="stop">The bound, not reached.</param>
    /// <param name="step">The step; may be negative.</param>
    /// <param name="dtype">int64 where null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is 0, or there are too many elements.</exception>
    [OverloadResolutionPriority(1)] // the 0 of Arange(-3, 0) is no dtype
    public static NDArray Arange(long start, long stop, long step = 1, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(step);
        Int128 span = (Int128)stop - start;
        Int128 count = step > 0 ? (span + step - 1) / step : (-span - step - 1) / -(Int128)step;
        var values = new long[CheckedCount(count < 0 ? 0 : (double)count, nameof(stop))];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = start + (i * step);
        }

        return Cast(FromSpan<long>(values), dtype);
    }

    /// <summary>0.0, 1.0, ... before stop.</summary>
    /// <param name="stop">The bound.</param>
    /// <param name="dtype">float64 where null.</param>
    public static NDArray Arange(double stop, DType? dtype = null) => Arange(0.0, stop, 1.0, dtype);

    /// <summary>start, start + step, ...: ceil((stop - start) / step) numbers.</summary>
    /// <param name="start">The first.</param>
    /// <param name="stop">The bound.</param>
    /// <param name="step">The step; may be negative.</param>
    /// <param name="dtype">float64 where null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is 0, an argument is NaN, or there are too many elements.</exception>
    [OverloadResolutionPriority(1)] // the 0 of Arange(-3, 0) is no dtype
    public static NDArray Arange(double start, double stop, double step = 1.0, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(step);
        var values = new double[CheckedCount(Math.Ceiling((stop - start) / step), nameof(stop))];
        double delta = start + step - start; // NumPy's step: what is left of it beside start
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i == 1 ? start + step : start + (i * delta);
        }

        return Cast(FromSpan<double>(values), dtype);
    }

    /// <summary>Numbers at equal distances: start, start + step, ..., stop.</summary>
    /// <param name="start">The first.</param>
    /// <param name="stop">The last; where <paramref name="endpoint"/> is false, the one after the last.</param>
    /// <param name="num">How many.</param>
    /// <param name="endpoint">Whether <paramref name="stop"/> is one of them.</param>
    /// <param name="dtype">float64 where null. Integers are rounded down.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="num"/> is negative, or an unknown dtype.</exception>
    public static NDArray Linspace(double start, double stop, int num = 50, bool endpoint = true, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(num);
        int intervals = endpoint ? num - 1 : num;
        double span = stop - start;
        double step = span / intervals;
        NDArray at = Arange(0.0, num);
        NDArray y = (step == 0 ? at / intervals * span : intervals > 0 ? at * step : at * span) + start;
        if (endpoint && num > 1)
        {
            y[^1] = stop;
        }

        return Cast(dtype?.IsInteger() == true ? Floor(y) : y, dtype);
    }

    /// <summary>Numbers at equal ratios: powers of a base whose exponents are at equal distances.</summary>
    /// <param name="start">The first exponent.</param>
    /// <param name="stop">The last exponent; where <paramref name="endpoint"/> is false, the one after the last.</param>
    /// <param name="num">How many.</param>
    /// <param name="endpoint">Whether <paramref name="stop"/> is one of them.</param>
    /// <param name="base">The base.</param>
    /// <param name="dtype">float64 where null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="num"/> is negative, or an unknown dtype.</exception>
    public static NDArray Logspace(
        double start, double stop, int num = 50, bool endpoint = true, double @base = 10, DType? dtype = null) =>
        Cast(Pow(@base, Linspace(start, stop, num, endpoint)), dtype);

    /// <summary>For each of some axes of numbers, an array of a grid over all of them that holds its coordinate.</summary>
    /// <param name="xs">Arrays of one axis, or 0-d.</param>
    /// <returns>As many arrays of shape (length of the second, of the first, of the third, ...), as NumPy's meshgrid.</returns>
    /// <exception cref="ArgumentException">An array of more axes, or more than 8 arrays.</exception>
    public static NDArray[] Meshgrid(params ReadOnlySpan<NDArray> xs) => Meshgrid(xs, MeshgridIndexing.XY);

    /// <summary>For each of some axes of numbers, an array of a grid over all of them that holds its coordinate.</summary>
    /// <param name="xs">Arrays of one axis, or 0-d.</param>
    /// <param name="indexing">The order of the axes.</param>
    /// <returns>As many arrays of the shape of the grid.</returns>
    /// <exception cref="ArgumentException">An array of more axes, or more than 8 arrays.</exception>
    public static NDArray[] Meshgrid(ReadOnlySpan<NDArray> xs, MeshgridIndexing indexing)
    {
        Span<int> extents = stackalloc int[xs.Length];
        Span<int> axes = stackalloc int[xs.Length];
        for (int i = 0; i < xs.Length; i++)
        {
            if (Guard.NotNull(xs[i], nameof(xs), "NDArray.Meshgrid").NDim > 1)
            {
                throw new ArgumentException($"NDArray.Meshgrid: xs[{i}] has shape {xs[i]._shape}; one axis is needed.", nameof(xs));
            }

            axes[i] = indexing == MeshgridIndexing.XY && xs.Length > 1 && i < 2 ? 1 - i : i;
            extents[axes[i]] = (int)xs[i].Size;
        }

        var grid = new NDArray[xs.Length];
        for (int i = 0; i < grid.Length; i++)
        {
            grid[i] = xs[i].Reshape(AxisShape(xs.Length, axes[i])).BroadcastTo(new Shape(extents)).Copy();
        }

        return grid;
    }

    /// <summary>Ones on the main diagonal, zeros elsewhere. Returns: (n, n).</summary>
    /// <param name="n">Rows and columns.</param>
    /// <param name="dtype">The default dtype where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static NDArray Identity(int n, DType? dtype = null) => Eye(n, dtype: dtype);

    /// <summary>Ones on a diagonal, zeros elsewhere. Returns: (n, m).</summary>
    /// <param name="n">Rows.</param>
    /// <param name="m">Columns; n where null.</param>
    /// <param name="k">The diagonal: 0 the main one, above it positive.</param>
    /// <param name="dtype">The default dtype where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of rows or columns.</exception>
    public static NDArray Eye(int n, int? m = null, int k = 0, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        int columns = m ?? n;
        ArgumentOutOfRangeException.ThrowIfNegative(columns, nameof(m));
        NDArray y = Zeros(new Shape(n, columns), dtype);
        long row = k < 0 ? -(long)k : 0;
        long column = k > 0 ? k : 0;
        long count = Math.Min(n - row, columns - column);
        if (count > 0)
        {
            Strides strides = default;
            strides[0] = columns + 1L;
            using NDArray diagonal = y.View(new Shape((int)count), in strides, (row * columns) + column);
            Kernels.Fill(1, diagonal);
        }

        return y;
    }

    /// <summary>A copy of a span as an array of one axis.</summary>
    /// <typeparam name="T">The element of a dtype.</typeparam>
    /// <param name="values">The elements.</param>
    public static NDArray FromSpan<T>(ReadOnlySpan<T> values)
        where T : unmanaged => FromSpan(values, new Shape(values.Length));

    /// <summary>A copy of a span of elements in C order.</summary>
    /// <typeparam name="T">The element of a dtype.</typeparam>
    /// <param name="values">As many elements as the shape has.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentException">The span has not as many elements as the shape, or <typeparamref name="T"/> is the element of no dtype.</exception>
    public static unsafe NDArray FromSpan<T>(ReadOnlySpan<T> values, Shape shape, Device device = default)
        where T : unmanaged
    {
        DType dtype = DTypes.Of<T>();
        if (!shape.TryGetSize(out long size) || size != values.Length)
        {
            throw new ArgumentException($"NDArray.FromSpan: {values.Length} values for shape {shape}.", nameof(values));
        }

        NDArray y = Allocate(shape, dtype, device);
        if (device.IsCpu)
        {
            values.CopyTo(new Span<T>((void*)y.Storage.Pointer, values.Length));
            GC.KeepAlive(y);
        }
        else
        {
            fixed (T* source = values)
            {
                Kernels.CopyFromHost(source, y);
            }
        }

        return y;
    }

    /// <summary>A copy of a C# array of any rank up to 8, rectangular or of arrays of one length.</summary>
    /// <param name="array">Elements of type bool, byte, int, long, Half, BFloat16, float or double.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentNullException"><paramref name="array"/>, or an array in it, is null.</exception>
    /// <exception cref="ArgumentException">Elements of no dtype, more than 8 axes, or inner arrays of different lengths.</exception>
    public static unsafe NDArray FromArray(Array array, Device device = default)
    {
        Guard.NotNull(array);
        Type element = array.GetType().GetElementType()!;
        if (element.IsArray)
        {
            return FromJagged(array, device);
        }

        DType dtype = DTypes.Of(element);
        var extents = new int[array.Rank];
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = array.GetLength(i);
        }

        NDArray y = Allocate(new Shape(extents), dtype, device);
        fixed (byte* source = &MemoryMarshal.GetArrayDataReference(array))
        {
            if (device.IsCpu)
            {
                Buffer.MemoryCopy(source, (void*)y.Storage.Pointer, y.NBytes, y.NBytes);
                GC.KeepAlive(y);
            }
            else
            {
                Kernels.CopyFromHost(source, y);
            }
        }

        return y;
    }

    internal static DType DefaultDType => Config.DType;

    private static NDArray Cast(NDArray x, DType? dtype) => dtype is DType type ? x.AsType(type, copy: false) : x;

    private static int Extent(long extent, string function, string parameter) => extent <= int.MaxValue
        ? (int)extent
        : throw new ArgumentException($"{function}: an axis of {extent} elements.", parameter);

    private static int CheckedCount(double count, string parameter) =>
        count <= Array.MaxLength
            ? (int)Math.Max(count, 0)
            : throw new ArgumentOutOfRangeException(parameter, $"NDArray.Arange: {count} elements");

    private static NDArray FromJagged(Array array, Device device)
    {
        if (array.Rank != 1 || array.Length == 0)
        {
            throw new ArgumentException("NDArray.FromArray: an array of arrays has one axis and at least one element.", nameof(array));
        }

        var rows = new NDArray[array.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = FromArray(
                (Array?)array.GetValue(i) ?? throw new ArgumentNullException(nameof(array), $"NDArray.FromArray: element {i} is null."),
                device);
        }

        return Stack(rows);
    }
}

/// <summary>The order of a grid's axes.</summary>
public enum MeshgridIndexing
{
    /// <summary>The first two exchanged: x goes along the columns, y along the rows.</summary>
    XY,

    /// <summary>The order of the arrays.</summary>
    IJ,
}
