using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

// x: (N, C, d...), W: (O, C / groups, k...), y: (N, O, o...); floating point of one dtype, one to three spatial axes. y's extents say how
// many positions are computed.
public static unsafe partial class Kernels
{
    /// <summary>y[n, o, p] = sum over c, q of W[o, c, q] * x[n, c, p * stride + q * dilate - pad], or what a program makes of it.</summary>
    /// <param name="x">(N, C, d...), floating point, one to three spatial axes; 0 beyond its extents.</param>
    /// <param name="W">(O, C / groups, k...), of x's dtype.</param>
    /// <param name="stride">From one position to the next, for each spatial axis, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the filter to the next, at least 1.</param>
    /// <param name="groups">The number of groups, which divides C and O.</param>
    /// <param name="y">(N, O, o...), of x's dtype; overlaps neither.</param>
    /// <param name="epilogue">Its input 0 is the sum in its compute dtype, the others are <paramref name="extras"/>, its one output is y.</param>
    /// <param name="extras">Broadcast to y; one may be the same view as y.</param>
    /// <param name="parameters">As many as the epilogue has.</param>
    [SkipLocalsInit]
    public static void Convolution(
        NDArray x,
        NDArray W,
        Spatial stride,
        Spatial pad,
        Spatial dilate,
        int groups,
        NDArray y,
        Program? epilogue = null,
        ReadOnlySpan<NDArray> extras = default,
        ReadOnlySpan<Scalar> parameters = default)
    {
        CheckCount(extras.Length, epilogue is null ? 0 : epilogue.Inputs - 1, nameof(extras), nameof(Convolution));
        CheckCount(parameters.Length, epilogue?.Parameters ?? 0, nameof(parameters), nameof(Convolution));
        nc_tensor* t = stackalloc nc_tensor[3 + extras.Length + parameters.Length];
        nc_scalar* s = stackalloc nc_scalar[parameters.Length];
        MemoryPool? pool = Describe(x, nameof(x), nameof(Convolution), &t[0]);
        Describe(W, nameof(W), nameof(Convolution), &t[1], pool);
        Describe(y, nameof(y), nameof(Convolution), &t[2], pool);
        Describe(extras, nameof(extras), nameof(Convolution), &t[3], ref pool);
        Describe(parameters, nameof(parameters), nameof(Convolution), s, &t[3 + extras.Length], pool!);
        nc_convolution window = Window(x, stride, pad, dilate, groups, nameof(Convolution));
        nc_program* handle = epilogue is null ? null : epilogue.Handle;
        Status.Check(Native.nc_convolution_forward(Context(pool!), &t[0], &t[1], &window, handle, &t[3], s, &t[2]));
        GC.KeepAlive(x);
        GC.KeepAlive(W);
        GC.KeepAlive(y);
        KeepAlive(extras);
        KeepAlive(parameters);
        GC.KeepAlive(epilogue);
    }

    /// <summary>The gradient of <see cref="Convolution"/> by x, or what a program makes of it: deconvolution.</summary>
    /// <param name="gy">(N, O, o...), floating point, one to three spatial axes.</param>
    /// <param name="W">(O, C / groups, k...), of gy's dtype.</param>
    /// <param name="stride">From one position to the next, for each spatial axis, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the filter to the next, at least 1.</param>
    /// <param name="groups">The number of groups, which divides C and O.</param>
    /// <param name="gx">(N, C, d...), of gy's dtype; overlaps neither.</param>
    /// <param name="epilogue">Its input 0 is the gradient in its compute dtype, the others are <paramref name="extras"/>, its one output is gx.</param>
    /// <param name="extras">Broadcast to gx; one may be the same view as gx.</param>
    /// <param name="parameters">As many as the epilogue has.</param>
    [SkipLocalsInit]
    public static void ConvolutionData(
        NDArray gy,
        NDArray W,
        Spatial stride,
        Spatial pad,
        Spatial dilate,
        int groups,
        NDArray gx,
        Program? epilogue = null,
        ReadOnlySpan<NDArray> extras = default,
        ReadOnlySpan<Scalar> parameters = default)
    {
        CheckCount(extras.Length, epilogue is null ? 0 : epilogue.Inputs - 1, nameof(extras), nameof(ConvolutionData));
        CheckCount(parameters.Length, epilogue?.Parameters ?? 0, nameof(parameters), nameof(ConvolutionData));
        nc_tensor* t = stackalloc nc_tensor[3 + extras.Length + parameters.Length];
        nc_scalar* s = stackalloc nc_scalar[parameters.Length];
        MemoryPool? pool = Describe(gy, nameof(gy), nameof(ConvolutionData), &t[0]);
        Describe(W, nameof(W), nameof(ConvolutionData), &t[1], pool);
        Describe(gx, nameof(gx), nameof(ConvolutionData), &t[2], pool);
        Describe(extras, nameof(extras), nameof(ConvolutionData), &t[3], ref pool);
        Describe(parameters, nameof(parameters), nameof(ConvolutionData), s, &t[3 + extras.Length], pool!);
        nc_convolution window = Window(gy, stride, pad, dilate, groups, nameof(ConvolutionData));
        nc_program* handle = epilogue is null ? null : epilogue.Handle;
        Status.Check(Native.nc_convolution_data(Context(pool!), &t[0], &t[1], &window, handle, &t[3], s, &t[2]));
        GC.KeepAlive(gy);
        GC.KeepAlive(W);
        GC.KeepAlive(gx);
        KeepAlive(extras);
        KeepAlive(parameters);
        GC.KeepAlive(epilogue);
    }

    /// <summary>The gradient of <see cref="Convolution"/> by W: gW[o, c, q] = sum over n, p of gy[n, o, p] * x[n, c, p * stride + q * dilate - pad].</summary>
    /// <param name="x">(N, C, d...), floating point, one to three spatial axes; 0 beyond its extents.</param>
    /// <param name="gy">(N, O, o...), of x's dtype.</param>
    /// <param name="stride">From one position to the next, for each spatial axis, at least 1.</param>
    /// <param name="pad">How far the first position lies before the first element, at least 0.</param>
    /// <param name="dilate">From one element of the filter to the next, at least 1.</param>
    /// <param name="groups">The number of groups, which divides C and O.</param>
    /// <param name="gW">(O, C / groups, k...), of x's dtype; overlaps neither.</param>
    [SkipLocalsInit]
    public static void ConvolutionFilter(
        NDArray x, NDArray gy, Spatial stride, Spatial pad, Spatial dilate, int groups, NDArray gW)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(x, nameof(x), nameof(ConvolutionFilter), &t[0]);
        Describe(gy, nameof(gy), nameof(ConvolutionFilter), &t[1], pool);
        Describe(gW, nameof(gW), nameof(ConvolutionFilter), &t[2], pool);
        nc_convolution window = Window(x, stride, pad, dilate, groups, nameof(ConvolutionFilter));
        Status.Check(Native.nc_convolution_filter(Context(pool), &t[0], &t[1], &window, &t[2]));
        GC.KeepAlive(x);
        GC.KeepAlive(gy);
        GC.KeepAlive(gW);
    }

    private static nc_convolution Window(NDArray x, Spatial stride, Spatial pad, Spatial dilate, int groups, string function)
    {
        nc_convolution window = default;
        int ndim = Math.Clamp(x.NDim - 2, 1, Spatial.MaxNDim);
        stride = stride.Over(ndim, function, nameof(stride), least: 1, none: 1);
        pad = pad.Over(ndim, function, nameof(pad), least: 0, none: 0);
        dilate = dilate.Over(ndim, function, nameof(dilate), least: 1, none: 1);
        for (int i = 0; i < ndim; i++)
        {
            window.stride[i] = stride[i];
            window.padding[i] = pad[i];
            window.dilation[i] = dilate[i];
        }
        window.groups = groups;
        return window;
    }
}
