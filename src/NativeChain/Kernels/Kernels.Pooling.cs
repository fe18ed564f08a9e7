using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

/// <summary>What an average over a window is divided by. The values are the codes of the C ABI.</summary>
public enum PoolingDivisor
{
    /// <summary>Nothing: it is the sum.</summary>
    One = 0,

    /// <summary>The size of the window, padding included.</summary>
    Size = 1,

    /// <summary>The number of elements in the window that are no padding; an average of none is NaN.</summary>
    Count = 2,
}

// x: (N, C, d...), y: (N, C, o...); floating point of one dtype, one to three spatial axes. y's extents say how many positions are computed.
public static unsafe partial class Kernels
{
    /// <summary>y = the largest element of each window; NaN wins; -infinity where a window lies wholly in the padding.</summary>
    /// <param name="x">(N, C, d...), floating point, one to three spatial axes.</param>
    /// <param name="ksize">The size of the window, for each spatial axis, at least 1.</param>
    /// <param name="stride">From one position to the next, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the window to the next, at least 1.</param>
    /// <param name="y">(N, C, o...), of x's dtype; overlaps x nowhere.</param>
    /// <param name="indices">Of y's shape, int32 or int64: where in the window the first such element is, counted in C order; null if it is not asked for.</param>
    [SkipLocalsInit]
    public static void MaxPooling(NDArray x, Spatial ksize, Spatial stride, Spatial pad, Spatial dilate, NDArray y, NDArray? indices)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(x, nameof(x), nameof(MaxPooling), &t[0]);
        Describe(y, nameof(y), nameof(MaxPooling), &t[1], pool);
        nc_tensor* i = DescribeOptional(indices, nameof(indices), nameof(MaxPooling), &t[2], pool);
        nc_window window = Window(x, ksize, stride, pad, dilate, nameof(MaxPooling));
        Status.Check(Native.nc_max_pooling(Context(pool), &t[0], &window, &t[1], i));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(indices);
    }

    /// <summary>The gradient of <see cref="MaxPooling"/> by x: gx = 0, then gx[where the index says] += gy.</summary>
    /// <param name="gy">(N, C, o...), floating point, one to three spatial axes.</param>
    /// <param name="indices">Of gy's shape, int32 or int64, each within the window.</param>
    /// <param name="ksize">The size of the window, for each spatial axis, at least 1.</param>
    /// <param name="stride">From one position to the next, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the window to the next, at least 1.</param>
    /// <param name="gx">(N, C, d...), of gy's dtype; overlaps neither.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index outside the window; nothing is written.</exception>
    [SkipLocalsInit]
    public static void MaxPoolingGrad(
        NDArray gy, NDArray indices, Spatial ksize, Spatial stride, Spatial pad, Spatial dilate, NDArray gx)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(gy, nameof(gy), nameof(MaxPoolingGrad), &t[0]);
        Describe(indices, nameof(indices), nameof(MaxPoolingGrad), &t[1], pool);
        Describe(gx, nameof(gx), nameof(MaxPoolingGrad), &t[2], pool);
        nc_window window = Window(gx, ksize, stride, pad, dilate, nameof(MaxPoolingGrad));
        Status.Check(Native.nc_max_pooling_grad(Context(pool), &t[0], &t[1], &window, &t[2]));
        GC.KeepAlive(gy);
        GC.KeepAlive(indices);
        GC.KeepAlive(gx);
    }

    /// <summary>y = x[where the index says], what the gradient of <see cref="MaxPoolingGrad"/> is; 0 in the padding.</summary>
    /// <param name="x">(N, C, d...), floating point, one to three spatial axes.</param>
    /// <param name="indices">Of y's shape, int32 or int64, each within the window.</param>
    /// <param name="ksize">The size of the window, for each spatial axis, at least 1.</param>
    /// <param name="stride">From one position to the next, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the window to the next, at least 1.</param>
    /// <param name="y">(N, C, o...), of x's dtype; overlaps neither.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index outside the window; nothing is written.</exception>
    [SkipLocalsInit]
    public static void MaxPoolingGather(
        NDArray x, NDArray indices, Spatial ksize, Spatial stride, Spatial pad, Spatial dilate, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(x, nameof(x), nameof(MaxPoolingGather), &t[0]);
        Describe(indices, nameof(indices), nameof(MaxPoolingGather), &t[1], pool);
        Describe(y, nameof(y), nameof(MaxPoolingGather), &t[2], pool);
        nc_window window = Window(x, ksize, stride, pad, dilate, nameof(MaxPoolingGather));
        Status.Check(Native.nc_max_pooling_gather(Context(pool), &t[0], &t[1], &window, &t[2]));
        GC.KeepAlive(x);
        GC.KeepAlive(indices);
        GC.KeepAlive(y);
    }

    /// <summary>y = the average, or the sum, of each window.</summary>
    /// <param name="x">(N, C, d...), floating point, one to three spatial axes; 0 in the padding.</param>
    /// <param name="ksize">The size of the window, for each spatial axis, at least 1.</param>
    /// <param name="stride">From one position to the next, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the window to the next, at least 1.</param>
    /// <param name="divisor">What the sum is divided by.</param>
    /// <param name="y">(N, C, o...), of x's dtype; overlaps x nowhere.</param>
    [SkipLocalsInit]
    public static void AveragePooling(
        NDArray x, Spatial ksize, Spatial stride, Spatial pad, Spatial dilate, PoolingDivisor divisor, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, nameof(x), nameof(AveragePooling), &t[0]);
        Describe(y, nameof(y), nameof(AveragePooling), &t[1], pool);
        nc_window window = Window(x, ksize, stride, pad, dilate, nameof(AveragePooling));
        Status.Check(Native.nc_average_pooling(Context(pool), &t[0], &window, (int)divisor, &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>The gradient of <see cref="AveragePooling"/> by x: each element the sum of gy / divisor over the windows that hold it.</summary>
    /// <param name="gy">(N, C, o...), floating point, one to three spatial axes.</param>
    /// <param name="ksize">The size of the window, for each spatial axis, at least 1.</param>
    /// <param name="stride">From one position to the next, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the window to the next, at least 1.</param>
    /// <param name="divisor">What gy is divided by.</param>
    /// <param name="gx">(N, C, d...), of gy's dtype; overlaps gy nowhere.</param>
    [SkipLocalsInit]
    public static void AveragePoolingGrad(
        NDArray gy, Spatial ksize, Spatial stride, Spatial pad, Spatial dilate, PoolingDivisor divisor, NDArray gx)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(gy, nameof(gy), nameof(AveragePoolingGrad), &t[0]);
        Describe(gx, nameof(gx), nameof(AveragePoolingGrad), &t[1], pool);
        nc_window window = Window(gx, ksize, stride, pad, dilate, nameof(AveragePoolingGrad));
        Status.Check(Native.nc_average_pooling_grad(Context(pool), &t[0], &window, (int)divisor, &t[1]));
        GC.KeepAlive(gy);
        GC.KeepAlive(gx);
    }

    private static nc_window Window(NDArray x, Spatial ksize, Spatial stride, Spatial pad, Spatial dilate, string function)
    {
        // Another number of axes is refused by the native side, with the shape.
        int ndim = Math.Clamp(x.NDim - 2, 1, Spatial.MaxNDim);
        ksize = ksize.Over(ndim, function, nameof(ksize), 1);
        stride = stride.Over(ndim, function, nameof(stride), 1, none: 1);
        pad = pad.Over(ndim, function, nameof(pad), 0, none: 0);
        dilate = dilate.Over(ndim, function, nameof(dilate), 1, none: 1);
        nc_window window = default;
        for (int i = 0; i < ndim; i++)
        {
            window.size[i] = ksize[i];
            window.stride[i] = stride[i];
            window.padding[i] = pad[i];
            window.dilation[i] = dilate[i];
        }

        return window;
    }
}
