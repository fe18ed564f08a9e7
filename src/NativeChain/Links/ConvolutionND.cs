using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Convolutional layer over one to three spatial axes.</summary>
/// <remarks>Parameters: `W`, (outChannels, inChannels / groups, k...), and `b`, (outChannels,).</remarks>
public class ConvolutionND : ConvolutionLink
{
    /// <summary>Creates the layer.</summary>
    /// <param name="ndim">Number of spatial axes, 1 to 3.</param>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call. Without <paramref name="ksize"/> it is <paramref name="outChannels"/>, and that is <paramref name="ksize"/>.</param>
    /// <param name="outChannels">Number of channels of the output.</param>
    /// <param name="ksize">Size of the filters.</param>
    /// <param name="stride">From one position of the filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="nobias">Whether there is no `b`.</param>
    /// <param name="initialW">Initializer of `W`; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="initialBias">Initializer of `b`; null for zeros.</param>
    /// <param name="coverAll">Whether the last elements are covered even where a filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; it divides both numbers of channels.</param>
    /// <exception cref="ArgumentException">A size, stride, padding, dilation or number of channels or groups is out of range.</exception>
    public ConvolutionND(
        int ndim,
        int? inChannels,
        int? outChannels,
        Spatial ksize = default,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        Initializer? initialW = null,
        Initializer? initialBias = null,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1)
        : base(ndim, false, inChannels, outChannels, ksize, stride, pad, dilate, groups, nobias, initialW, initialBias)
    {
        CoverAll = coverAll;
    }

    /// <summary>Whether the last elements are covered even where a filter then reaches beyond the padding.</summary>
    public bool CoverAll { get; }

    /// <summary>A layer with given filters and bias, which are copied.</summary>
    /// <param name="W">Filters, (outChannels, inChannels / groups, k...).</param>
    /// <param name="b">Bias, (outChannels,); null for zeros.</param>
    /// <param name="stride">From one position of the filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="nobias">Whether there is no `b`, even where <paramref name="b"/> is given.</param>
    /// <param name="coverAll">Whether the last elements are covered even where a filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall.</param>
    /// <exception cref="ArgumentException">W has another number of axes, or b another size.</exception>
    public static ConvolutionND FromParams(
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(W);
        if (W.NDim is < 3 or > 2 + Spatial.MaxNDim)
        {
            throw new ArgumentException($"ConvolutionND.FromParams: W has shape {W.Shape}, but needs 3 to 5 axes.", nameof(W));
        }
        if (b is not null && b.Shape != new Shape(W.Shape[0]))
        {
            throw new ArgumentException($"ConvolutionND.FromParams: b has shape {b.Shape}, but W has {W.Shape[0]} output channels.", nameof(b));
        }
        return new(
            W.NDim - 2, W.Shape[1] * groups, W.Shape[0], [.. W.Shape.Skip(2)], stride, pad, nobias, W.Array, b is null ? null : (Initializer)b.Array,
            coverAll, dilate: dilate, groups: groups);
    }

    /// <summary>Applies the layer.</summary>
    /// <param name="x">Input, (N, inChannels, d...).</param>
    /// <returns>Output, (N, outChannels, o...), see <see cref="F.ConvolutionND"/>.</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        Initialize(x);
        return F.ConvolutionND(x, W, B, Stride, Pad, CoverAll, Dilate, Groups);
    }
}

/// <summary>Convolutional layer over one spatial axis.</summary>
/// <remarks>Parameters: `W`, (outChannels, inChannels / groups, k), and `b`, (outChannels,).</remarks>
public class Convolution1D : ConvolutionND
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
    /// <param name="coverAll">Whether the last elements are covered even where a filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; it divides both numbers of channels.</param>
    /// <exception cref="ArgumentException">A size, stride, padding, dilation or number of channels or groups is out of range.</exception>
    public Convolution1D(
        int? inChannels,
        int? outChannels,
        Spatial ksize = default,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        Initializer? initialW = null,
        Initializer? initialBias = null,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1)
        : base(1, inChannels, outChannels, ksize, stride, pad, nobias, initialW, initialBias, coverAll, dilate, groups)
    {
    }
}

/// <summary>Convolutional layer over three spatial axes.</summary>
/// <remarks>Parameters: `W`, (outChannels, inChannels / groups, k1, k2, k3), and `b`, (outChannels,).</remarks>
public class Convolution3D : ConvolutionND
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
    /// <param name="coverAll">Whether the last elements are covered even where a filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filters to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; it divides both numbers of channels.</param>
    /// <exception cref="ArgumentException">A size, stride, padding, dilation or number of channels or groups is out of range.</exception>
    public Convolution3D(
        int? inChannels,
        int? outChannels,
        Spatial ksize = default,
        Spatial stride = default,
        Spatial pad = default,
        bool nobias = false,
        Initializer? initialW = null,
        Initializer? initialBias = null,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1)
        : base(3, inChannels, outChannels, ksize, stride, pad, nobias, initialW, initialBias, coverAll, dilate, groups)
    {
    }
}
