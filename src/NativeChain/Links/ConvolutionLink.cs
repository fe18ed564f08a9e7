using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>What the convolutional layers share: the filters `W`, the bias `b`, and how the filters move.</summary>
public abstract class ConvolutionLink : Link
{
    private readonly string _type;
    private readonly bool _transposed;

    private protected ConvolutionLink(
        int ndim,
        bool transposed,
        int? inChannels,
        int? outChannels,
        Spatial ksize,
        Spatial stride,
        Spatial pad,
        Spatial dilate,
        int groups,
        bool nobias,
        Initializer? initialW,
        Initializer? initialBias)
    {
        _type = GetType().Name;
        _transposed = transposed;
        if (ndim is < 1 or > Spatial.MaxNDim)
        {
            throw new ArgumentOutOfRangeException(nameof(ndim), ndim, $"must be 1 to {Spatial.MaxNDim}");
        }
        if (ksize.Count == 0 && outChannels is { } size)
        {
            (inChannels, outChannels, ksize) = (null, inChannels, size);
        }
        if (outChannels is not > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(outChannels), outChannels, "must be positive");
        }
        if (inChannels is <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(inChannels), inChannels, "must be positive, or null");
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        NDim = ndim;
        OutChannels = outChannels.Value;
        KSize = ksize.Over(ndim, _type, nameof(ksize), least: 1);
        Stride = stride.Over(ndim, _type, nameof(stride), least: 1, none: 1);
        Pad = pad.Over(ndim, _type, nameof(pad), least: 0, none: 0);
        Dilate = dilate.Over(ndim, _type, nameof(dilate), least: 1, none: 1);
        Groups = groups;
        W = new Parameter(initialW ?? new LeCunNormal(), inChannels is { } channels ? ShapeOfW(channels) : (Shape?)null, "W");
        if (!nobias)
        {
            B = new Parameter(initialBias ?? 0.0, new Shape(OutChannels), "b");
        }
    }

    /// <summary>Number of spatial axes.</summary>
    public int NDim { get; }

    /// <summary>Number of channels of the input.</summary>
    /// <value>null: the first call will say.</value>
    public int? InChannels => W.IsInitialized ? (_transposed ? W.Shape[0] : W.Shape[1] * Groups) : null;

    /// <summary>Number of channels of the output.</summary>
    public int OutChannels { get; }

    /// <summary>Size of the filters.</summary>
    public Spatial KSize { get; }

    /// <summary>From one position of the filters to the next.</summary>
    public Spatial Stride { get; }

    /// <summary>Padding on either side.</summary>
    public Spatial Pad { get; }

    /// <summary>From one element of the filters to the next.</summary>
    public Spatial Dilate { get; }

    /// <summary>Into how many groups the channels fall.</summary>
    public int Groups { get; }

    /// <summary>Filters, (outChannels, inChannels / groups, k...); those of a deconvolution (inChannels, outChannels / groups, k...).</summary>
    public Parameter W { get; }

    /// <summary>Bias, (outChannels,).</summary>
    /// <value>null: there is none.</value>
    [Child("b")]
    public Parameter? B { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
    [
        ("inChannels", InChannels), ("outChannels", OutChannels), ("ksize", KSize), ("stride", Stride), ("pad", Pad),
        ("nobias", B is null), ("dilate", Dilate), ("groups", Groups),
    ];

    // The first calls may come from several threads.
    private protected void Initialize(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (W.IsInitialized)
        {
            return;
        }
        TypeCheck.NDim(_type, nameof(x), x.Array, NDim + 2);
        lock (W)
        {
            if (!W.IsInitialized)
            {
                W.Initialize(ShapeOfW(x.Shape[1]));
            }
        }
    }

    private Shape ShapeOfW(int inChannels)
    {
        if (OutChannels % Groups != 0 || inChannels % Groups != 0)
        {
            throw new ArgumentException(
                $"{_type}: groups is {Groups}, which does not divide {inChannels} input and {OutChannels} output channels.", "groups");
        }
        int[] own = _transposed ? [inChannels, OutChannels / Groups] : [OutChannels, inChannels / Groups];
        return new Shape([.. own, .. KSize]);
    }
}
