namespace NativeChain;

/// <summary>The window of a pooling, an entry for each spatial axis.</summary>
internal readonly struct PoolingWindow
{
    private readonly bool _coverAll;

    /// <param name="function">The function, for the text of an error.</param>
    /// <param name="ndim">The number of spatial axes.</param>
    /// <param name="ksize">The size of the window.</param>
    /// <param name="stride">The stride; none given: the size.</param>
    /// <param name="pad">The padding; none given: 0.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the window then reaches beyond the padding.</param>
    /// <exception cref="ArgumentException">Wrong numbers of entries, or entries out of range.</exception>
    public PoolingWindow(string function, int ndim, Spatial ksize, Spatial stride, Spatial pad, bool coverAll)
    {
        if (ndim is < 1 or > Spatial.MaxNDim)
        {
            throw new ArgumentException($"{function}: x has {ndim} spatial axes, but needs one to {Spatial.MaxNDim}: (N, C, d...).", "x");
        }

        Size = ksize.Over(ndim, function, nameof(ksize), 1);
        Stride = stride.Count == 0 ? Size : stride.Over(ndim, function, nameof(stride), 1);
        Pad = pad.Over(ndim, function, nameof(pad), 0, none: 0);
        _coverAll = coverAll;
    }

    public int NDim => Size.Count;

    public Spatial Size { get; }

    public Spatial Stride { get; }

    public Spatial Pad { get; }

    /// <summary>(N, C, o...) of x (N, C, d...): an extent for each position of the window.</summary>
    /// <exception cref="ArgumentException">The window is larger than the padded image.</exception>
    public Shape Output(string function, Shape x)
    {
        Span<int> extents = stackalloc int[2 + NDim];
        (extents[0], extents[1]) = (x[0], x[1]);
        for (int i = 0; i < NDim; i++)
        {
            extents[2 + i] = Outsize.Convolution(x[2 + i], Size[i], Stride[i], Pad[i], _coverAll);
            if (extents[2 + i] <= 0)
            {
                throw new ArgumentException(
                    $"{function}: a window of {Size[i]} has no position along axis {2 + i} of x {x} with a padding of {Pad[i]}.", nameof(x));
            }
        }

        return new Shape(extents);
    }

    /// <summary>(N, C, d...) for y (N, C, o...): the smallest image with as many positions, or of the given extents.</summary>
    /// <exception cref="ArgumentException">There is no such image.</exception>
    /// <exception cref="InvalidTypeException">The given extents have another number of positions.</exception>
    public Shape Input(string function, Shape y, Spatial outsize)
    {
        Span<int> extents = stackalloc int[2 + NDim];
        (extents[0], extents[1]) = (y[0], y[1]);
        bool given = outsize.Count > 0;
        if (given)
        {
            outsize = outsize.Over(NDim, function, nameof(outsize), 1);
        }

        for (int i = 0; i < NDim; i++)
        {
            extents[2 + i] = given
                ? outsize[i]
                : Outsize.Deconvolution(y[2 + i], Size[i], Stride[i], Pad[i], _coverAll);
            if (extents[2 + i] <= 0)
            {
                throw new ArgumentException(
                    $"{function}: there is no image of x {y} along axis {2 + i} with a window of {Size[i]}, a stride of {Stride[i]} and a padding of {Pad[i]}.",
                    "x");
            }

            int positions = Outsize.Convolution(extents[2 + i], Size[i], Stride[i], Pad[i], _coverAll);
            if (given && positions != y[2 + i])
            {
                TypeCheck.Throw(function, "x", $"extent {positions} along axis {2 + i}, for an outsize of {outsize}", $"shape {y}");
            }
        }

        return new Shape(extents);
    }

    /// <summary>Refuses an x of another number of axes, whose functions are named for theirs.</summary>
    /// <exception cref="ArgumentException">It has another number.</exception>
    public static void CheckNDim(string function, Variable x, int ndim)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.NDim != 2 + ndim)
        {
            throw new ArgumentException($"{function}: x has shape {x.Shape}, but needs {ndim} spatial {(ndim == 1 ? "axis" : "axes")}.", nameof(x));
        }
    }
}
