namespace NativeChain;

public static partial class F
{
    /// <summary>Two-dimensional convolution: the correlation of filters with the patches of an image.</summary>
    /// <remarks>
    /// In float32, 3x3 filters of stride and dilation 1 that have 32 channels and outputs or more are convolved by Winograd's transformation
    /// (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016) on the CPU: two to three times as fast, with rounding errors of
    /// about 1e-6 of the result's root mean square, where direct sums have 3e-7.
    /// </remarks>
    /// <param name="x">Images, (N, C, h, w); floating point.</param>
    /// <param name="W">Filters, (O, C / groups, kh, kw); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How many zeros stand before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; those of a group see those of the same group alone.</param>
    /// <returns>(N, O, oh, ow), where oh = (h + 2 pad - dilate (kh - 1) - 1) / stride + 1, rounded down, or up with <paramref name="coverAll"/>; of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">A stride, padding, dilation or number of groups is out of range, or an output would have no element.</exception>
    public static Variable Convolution2D(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.NDim(nameof(Convolution2D), nameof(x), x.Array, 4);
        return Convolution(nameof(Convolution2D), 2, x, W, b, stride, pad, coverAll, dilate, groups);
    }

    /// <summary>Two-dimensional convolution with filters whose elements lie apart: <see cref="Convolution2D"/>.</summary>
    /// <param name="x">Images, (N, C, h, w); floating point.</param>
    /// <param name="W">Filters, (O, C, kh, kw); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How many zeros stand before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the filter then reaches beyond the padding.</param>
    /// <returns>(N, O, oh, ow); of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">A stride, padding or dilation is out of range, or an output would have no element.</exception>
    public static Variable DilatedConvolution2D(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        Spatial dilate = default,
        bool coverAll = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.NDim(nameof(DilatedConvolution2D), nameof(x), x.Array, 4);
        return Convolution(nameof(DilatedConvolution2D), 2, x, W, b, stride, pad, coverAll, dilate, groups: 1);
    }

    /// <summary>Two-dimensional depthwise convolution (Sifre, 2014): each channel is convolved with filters of its own, and nothing is summed over channels.</summary>
    /// <param name="x">Images, (N, C, h, w); floating point.</param>
    /// <param name="W">Filters, (M, C, kh, kw), M for each channel; floating point.</param>
    /// <param name="b">Biases, (C M,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How many zeros stand before the first and after the last element of an axis; 0 by default.</param>
    /// <returns>(N, C M, oh, ow), where channel c M + m is channel c convolved with its filter m; of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">A stride or padding is out of range, or an output would have no element.</exception>
    public static Variable DepthwiseConvolution2D(
        Variable x, Variable W, Variable? b = null, Spatial stride = default, Spatial pad = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(W);
        TypeCheck.NDim(nameof(DepthwiseConvolution2D), nameof(x), x.Array, 4);
        TypeCheck.NDim(nameof(DepthwiseConvolution2D), nameof(W), W.Array, 4);
        TypeCheck.Extent(nameof(DepthwiseConvolution2D), nameof(W), W.Array, 1, x.Shape[1]);
        Shape shape = W.Shape;
        Variable filters = Reshape(Transpose(W, 1, 0, 2, 3), (shape[0] * shape[1], 1, shape[2], shape[3]));
        return Convolution(
            nameof(DepthwiseConvolution2D), 2, x, filters, b, stride, pad, coverAll: false, dilate: default, groups: shape[1]);
    }
}
