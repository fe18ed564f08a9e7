using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Two-dimensional depthwise convolutional layer: each channel has filters of its own.</summary>
/// <remarks>Parameters: `W`, (channelMultiplier, inChannels, kh, kw), and `b`, (channelMultiplier inChannels,).</remarks>
public class DepthwiseConvolution2D : Link
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call.</param>
    /// <param name="channelMultiplier">Number of filters for each channel.</param>
    /// <param name="ksize">Size of the filters.</param>
    /// <param name="stride">From one position of the filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="nobias">Whether there is no `b`.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="HeNormal"/> of scale 1 / sqrt 2.</param>
    /// <param name="initialBias">Initializer of `b`; null for zeros.</param>
    /// <exception cref="ArgumentException">A size, stride, padding or number of channels is out of range.</exception>
    public DepthwiseConvolution2D(
        int? inChannels,
        int channelMultiplier,
        Spatial ksize,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        Initializer? initialW = null,
        Initializer? initialBias = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channelMultiplier, 1);
        if (inChannels is <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(inChannels), inChannels, "must be positive, or null");
        }
        ChannelMultiplier = channelMultiplier;
        KSize = ksize.Over(2, nameof(DepthwiseConvolution2D), nameof(ksize), least: 1);
        Stride = stride.Over(2, nameof(DepthwiseConvolution2D), nameof(stride), least: 1, none: 1);
        Pad = pad.Over(2, nameof(DepthwiseConvolution2D), nameof(pad), least: 0, none: 0);
        W = new Parameter(initialW ?? new HeNormal(1 / Math.Sqrt(2)), null, "W");
        if (!nobias)
        {
            B = new Parameter(initialBias ?? 0.0, null, "b");
        }
        if (inChannels is { } channels)
        {
            Initialize(channels);
        }
    }

    /// <summary>Number of channels of the input.</summary>
    /// <value>null: the first call will say.</value>
    public int? InChannels => W.IsInitialized ? W.Shape[1] : null;

    /// <summary>Number of filters for each channel.</summary>
    public int ChannelMultiplier { get; }

    /// <summary>Size of the filters.</summary>
    public Spatial KSize { get; }

    /// <summary>From one position of the filters to the next.</summary>
    public Spatial Stride { get; }

    /// <summary>Padding on either side.</summary>
    public Spatial Pad { get; }

    /// <summary>Filters, (channelMultiplier, inChannels, kh, kw).</summary>
    public Parameter W { get; }

    /// <summary>Bias, (channelMultiplier inChannels,).</summary>
    /// <value>null: there is none.</value>
    [Child("b")]
    public Parameter? B { get; }

    /// <summary>Applies the layer.</summary>
    /// <param name="x">Input, (N, inChannels, h, w).</param>
    /// <returns>Output, (N, channelMultiplier inChannels, oh, ow), see <see cref="F.DepthwiseConvolution2D"/>.</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!W.IsInitialized)
        {
            TypeCheck.NDim(nameof(DepthwiseConvolution2D), nameof(x), x.Array, 4);
            lock (W)
            {
                if (!W.IsInitialized)
                {
                    Initialize(x.Shape[1]);
                }
            }
        }
        return F.DepthwiseConvolution2D(x, W, B, Stride, Pad);
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
    [
        ("inChannels", InChannels), ("channelMultiplier", ChannelMultiplier), ("ksize", KSize), ("stride", Stride), ("pad", Pad),
        ("nobias", B is null),
    ];

    // The bias first: whoever sees W initialized may call.
    private void Initialize(int inChannels)
    {
        B?.Initialize(new Shape(checked(ChannelMultiplier * inChannels)));
        W.Initialize((ChannelMultiplier, inChannels, KSize[0], KSize[1]));
    }
}
