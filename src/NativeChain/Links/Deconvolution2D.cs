using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Two-dimensional deconvolutional layer (transposed convolution).</summary>
/// <remarks>Parameters: `W`, (inChannels, outChannels / groups, kh, kw), and `b`, (outChannels,).</remarks>
public class Deconvolution2D : ConvolutionLink
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call. Without <paramref name="ksize"/> it is <paramref name="outChannels"/>, and that is <paramref name="ksize"/>.</param>
    /// <param name="outChannels">Number of channels of the output.</param>
    /// <param name="ksize">Size of the filters.</param>
    /// <param name="stride">From one position of the filters to the next; 1 by default.</param>
    /// <param name="pad">How much of the output is cut off at either end of an axis; 0 by default.</param>
    /// <param name="nobias">Whether there is no `b`.</param>
    /// <param name="outsize">Spatial extents of the output; by default the smallest that have as many positions as the input.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of `b`; null for zeros.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; it divides both numbers of channels.</param>
    /// <exception cref="ArgumentException">A size, stride, padding, dilation or number of channels or groups is out of range.</exception>
    public Deconvolution2D(
        int? inChannels,
        int? outChannels,
        Spatial ksize = default,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        Spatial? outsize = null,
        Initializer? initialW = null,
        Initializer? initialBias = null,
        Spatial dilate = default,
        int groups = 1)
        : base(2, true, inChannels, outChannels, ksize, stride, pad, dilate, groups, nobias, initialW, initialBias)
    {
        Outsize = outsize;
    }

    /// <summary>Spatial extents of the output.</summary>
    /// <value>null: the smallest that have as many positions as the input.</value>
    public Spatial? Outsize { get; }

    /// <summary>Applies the layer.</summary>
    /// <param name="x">Input, (N, inChannels, h, w).</param>
    /// <returns>Output, (N, outChannels, oh, ow), see <see cref="F.Deconvolution2D"/>.</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        Initialize(x);
        return F.Deconvolution2D(x, W, B, Stride, Pad, Outsize, Dilate, Groups);
    }
}
