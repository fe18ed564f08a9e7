using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Two-dimensional convolutional layer.</summary>
/// <remarks>Parameters: `W`, (outChannels, inChannels / groups, kh, kw), and `b`, (outChannels,). <c>Convolution2D(7, 5)</c>, with two numbers alone, means 7 output channels and filters of 5 x 5.</remarks>
public class Convolution2D : ConvolutionLink
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call. Without <paramref name="ksize"/> it is <paramref name="outChannels"/>, and that is <paramref name="ksize"/>.</param>
    /// <param name="outChannels">Number of channels of the output.</param>
    /// <param name="ksize">Size of the filters.</param>
    /// <param name="stride">From one position of the filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="nobias">Whether there is no `b`.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of `b`; null for zeros.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; it divides both numbers of channels.</param>
    /// <exception cref="ArgumentException">A size, stride, padding, dilation or number of channels or groups is out of range.</exception>
    public Convolution2D(
        int? inChannels,
        int? outChannels,
        Spatial ksize = default,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        Initializer? initialW = null,
        Initializer? initialBias = null,
        Spatial dilate = default,
        int groups = 1)
        : base(2, false, inChannels, outChannels, ksize, stride, pad, dilate, groups, nobias, initialW, initialBias)
    {
    }

    /// <summary>A layer with given filters and bias, which are copied.</summary>
    /// <param name="W">Filters, (outChannels, inChannels / groups, kh, kw).</param>
    /// <param name="b">Bias, (outChannels,); null for zeros.</param>
    /// <param name="stride">From one position of the filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="nobias">Whether there is no `b`, even where <paramref name="b"/> is given.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall.</param>
    /// <exception cref="ArgumentException">W has another number of axes, or b another size.</exception>
    public static Convolution2D FromParams(
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        Spatial dilate = default,
        int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(W);
        if (W.NDim != 4)
        {
            throw new ArgumentException($"Convolution2D.FromParams: W has shape {W.Shape}, but needs 4 axes.", nameof(W));
        }
        if (b is not null && b.Shape != new Shape(W.Shape[0]))
        {
            throw new ArgumentException($"Convolution2D.FromParams: b has shape {b.Shape}, but W has {W.Shape[0]} output channels.", nameof(b));
        }
        return new(
            W.Shape[1] * groups, W.Shape[0], [.. W.Shape.Skip(2)], stride, pad, nobias, W.Array, b is null ? null : (Initializer)b.Array,
            dilate: dilate, groups: groups);
    }

    /// <summary>Applies the layer.</summary>
    /// <param name="x">Input, (N, inChannels, h, w).</param>
    /// <returns>Output, (N, outChannels, oh, ow), see <see cref="F.Convolution2D"/>.</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        Initialize(x);
        return F.Convolution2D(x, W, B, Stride, Pad, coverAll: false, Dilate, Groups);
    }
}
