using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Two-dimensional convolutional layer with filters whose elements lie apart.</summary>
/// <remarks>Parameters: `W`, (outChannels, inChannels, kh, kw), and `b`, (outChannels,).</remarks>
public class DilatedConvolution2D : ConvolutionLink
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call. Without <paramref name="ksize"/> it is <paramref name="outChannels"/>, and that is <paramref name="ksize"/>.</param>
    /// <param name="outChannels">Number of channels of the output.</param>
    /// <param name="ksize">Size of the filters.</param>
    /// <param name="stride">From one position of the filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="nobias">Whether there is no `b`.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of `b`; null for zeros.</param>
    /// <exception cref="ArgumentException">A size, stride, padding, dilation or number of channels or groups is out of range.</exception>
    public DilatedConvolution2D(
        int? inChannels,
        int? outChannels,
        Spatial ksize = default,
        Spatial stride = default,
        Spatial pad = default,
        Spatial dilate = default,
        bool nobias = false,
        Initializer? initialW = null,
        Initializer? initialBias = null)
        : base(2, false, inChannels, outChannels, ksize, stride, pad, dilate, 1, nobias, initialW, initialBias)
    {
    }

    /// <summary>Applies the layer.</summary>
    /// <param name="x">Input, (N, inChannels, h, w).</param>
    /// <returns>Output, (N, outChannels, oh, ow), see <see cref="F.DilatedConvolution2D"/>.</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        Initialize(x);
        return F.DilatedConvolution2D(x, W, B, Stride, Pad, Dilate);
    }
}
