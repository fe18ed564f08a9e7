namespace NativeChain;

public static partial class F
{
    /// <summary>Convolution over one to three spatial axes: the correlation of filters with the patches of an image.</summary>
    /// <param name="x">Images, (N, C, d...), one to three spatial axes; floating point.</param>
    /// <param name="W">Filters, (O, C / groups, k...); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How many zeros stand before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; those of a group see those of the same group alone.</param>
    /// <returns>(N, O, o...), where o = (d + 2 pad - dilate (k - 1) - 1) / stride + 1, rounded down, or up with <paramref name="coverAll"/>; of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">A stride, padding, dilation or number of groups is out of range, or an output would have no element.</exception>
    public static Variable ConvolutionND(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1) =>
        Convolution(nameof(ConvolutionND), null, x, W, b, stride, pad, coverAll, dilate, groups);

    /// <summary><see cref="ConvolutionND"/> over one spatial axis.</summary>
    /// <param name="x">Sequences, (N, C, d); floating point.</param>
    /// <param name="W">Filters, (O, C / groups, k); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How many zeros stand before the first and after the last element; 0 by default.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall.</param>
    /// <returns>(N, O, o); of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> has not one spatial axis, or as for <see cref="ConvolutionND"/>.</exception>
    public static Variable Convolution1D(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1) =>
        Convolution(nameof(Convolution1D), 1, x, W, b, stride, pad, coverAll, dilate, groups);

    /// <summary><see cref="ConvolutionND"/> over three spatial axes.</summary>
    /// <param name="x">Volumes, (N, C, d1, d2, d3); floating point.</param>
    /// <param name="W">Filters, (O, C / groups, k1, k2, k3); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How many zeros stand before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the filter then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall.</param>
    /// <returns>(N, O, o1, o2, o3); of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> has not three spatial axes, or as for <see cref="ConvolutionND"/>.</exception>
    public static Variable Convolution3D(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        bool coverAll = false,
        Spatial dilate = default,
        int groups = 1) =>
        Convolution(nameof(Convolution3D), 3, x, W, b, stride, pad, coverAll, dilate, groups);

    // ndim: the number of spatial axes that the function takes, null for any.
    private static Variable Convolution(
        string function,
        int? ndim,
        Variable x,
        Variable W,
        Variable? b,
        Spatial stride,
        Spatial pad,
        bool coverAll,
        Spatial dilate,
        int groups)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(W);
        var window = new ConvolutionWindow(function, SpatialAxes(function, ndim, x), stride, pad, dilate, groups);
        var node = new Convolution(window, coverAll);
        return b is null ? node.ApplySingle(x, W) : node.ApplySingle(x, W, b);
    }

    private static int SpatialAxes(string function, int? ndim, Variable x)
    {
        if (ndim is { } expected && x.NDim != expected + 2)
        {
            throw new ArgumentException(
                $"{function}: x has shape {x.Shape}, but needs {expected} spatial {(expected == 1 ? "axis" : "axes")}.", nameof(x));
        }
        if (x.NDim is < 3 or > 2 + Spatial.MaxNDim)
        {
            TypeCheck.Throw(function, nameof(x), "one to three spatial axes, after examples and channels", $"shape {x.Shape}");
        }
        return x.NDim - 2;
    }
}

/// <summary>How the filter of a convolution moves, every entry filled.</summary>
internal sealed class ConvolutionWindow
{
    public ConvolutionWindow(string function, int ndim, Spatial stride, Spatial pad, Spatial dilate, int groups)
    {
        Function = function;
        NDim = ndim;
        Stride = stride.Over(ndim, function, nameof(stride), least: 1, none: 1);
        Pad = pad.Over(ndim, function, nameof(pad), least: 0, none: 0);
        Dilate = dilate.Over(ndim, function, nameof(dilate), least: 1, none: 1);
        Groups = groups;
        if (groups < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(groups), groups, $"{function}: groups must be at least 1.");
        }
    }

    public string Function { get; }

    public int NDim { get; }

    public Spatial Stride { get; }

    public Spatial Pad { get; }

    public Spatial Dilate { get; }

    public int Groups { get; }

    /// <summary>The spatial extents of an array (N, C, d...).</summary>
    public static Spatial Extents(Shape shape) => new(shape.Span[2..]);

    /// <summary>The spatial extents of a convolution's output for x and W.</summary>
    public Spatial Positions(Shape x, Shape W, bool coverAll)
    {
        Span<int> extents = stackalloc int[NDim];
        for (int i = 0; i < NDim; i++)
        {
            extents[i] = Outsize.Convolution(x[2 + i], W[2 + i], Stride[i], Pad[i], coverAll, Dilate[i]);
        }
        return new(extents);
    }

    /// <summary>The spatial extents of a deconvolution's output for x and W.</summary>
    public Spatial Room(Shape x, Shape W)
    {
        Span<int> extents = stackalloc int[NDim];
        for (int i = 0; i < NDim; i++)
        {
            extents[i] = Outsize.Deconvolution(x[2 + i], W[2 + i], Stride[i], Pad[i], coverAll: false, Dilate[i]);
        }
        return new(extents);
    }

    /// <summary>The shape (n, channels, extents...), or an error where an extent is not positive.</summary>
    public Shape Output(int n, int channels, Spatial extents)
    {
        Span<int> shape = stackalloc int[2 + NDim];
        shape[0] = n;
        shape[1] = channels;
        for (int i = 0; i < NDim; i++)
        {
            shape[2 + i] = extents[i] >= 1
                ? extents[i]
                : throw new ArgumentException($"{Function}: the output would have extent {extents[i]} along spatial axis {i}.", "x");
        }
        return new(shape);
    }

    /// <summary>Refuses x, W and b that do not fit. W: (O, C / groups, k...) for x of C channels, or transposed for x of O channels.</summary>
    public void CheckTypes(ReadOnlySpan<NDArray> inputs, bool transposed)
    {
        NDArray x = inputs[0];
        NDArray W = inputs[1];
        TypeCheck.Floating(Function, "x", x);
        TypeCheck.Floating(Function, "W", W);
        TypeCheck.NDim(Function, "x", x, 2 + NDim);
        TypeCheck.NDim(Function, "W", W, 2 + NDim);
        if (transposed)
        {
            TypeCheck.Extent(Function, "W", W, 0, x.Shape[1]);
        }
        else if (x.Shape[1] != W.Shape[1] * (long)Groups)
        {
            TypeCheck.Throw(Function, "W", $"extent {x.Shape[1]} / {Groups} (channels of a group) along axis 1", $"shape {W.Shape}");
        }
        if (W.Shape[0] % Groups != 0)
        {
            throw new ArgumentException($"{Function}: groups is {Groups}, which does not divide the {W.Shape[0]} channels of W.", "groups");
        }
        if (inputs.Length == 3)
        {
            TypeCheck.Floating(Function, "b", inputs[2]);
            TypeCheck.SameShape(Function, "b", inputs[2], [transposed ? W.Shape[1] * Groups : W.Shape[0]]);
        }
    }

    /// <summary>The axes over which the gradient of a bias is summed.</summary>
    public Axes BiasAxes => NDim switch
    {
        1 => [0, 2],
        2 => [0, 2, 3],
        _ => [0, 2, 3, 4],
    };

    /// <summary>(O,) seen as (O, 1...), which broadcasts to the output.</summary>
    public Scratch.Borrowed Bias(NDArray b)
    {
        Span<int> shape = stackalloc int[1 + NDim];
        shape.Fill(1);
        shape[0] = b.Shape[0];
        return Scratch.Reshape(b, new Shape(shape));
    }

    public Variable BiasGradient(Variable gy, DType dtype)
    {
        Variable gb = F.Sum(gy, BiasAxes);
        return gb.DType == dtype ? gb : F.Cast(gb, dtype);
    }
}

/// <summary>
/// The node of the convolutions: y of x, W and b. Where <paramref name="positions"/> gives its spatial extents, it is a gradient.
/// </summary>
internal sealed class Convolution(ConvolutionWindow window, bool coverAll, Spatial positions = default) : FunctionNode
{
    public override string Label => window.Function;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray x = inputs[0];
        NDArray W = inputs[1].AsType(x.DType, copy: false);
        bool isGradient = positions.Count > 0;
        Shape shape = window.Output(
            x.Shape[0], W.Shape[0], isGradient ? positions : window.Positions(x.Shape, W.Shape, coverAll));
        NDArray y = isGradient ? NDArray.AllocateScratch(shape, x.DType, x.Device) : NDArray.Allocate(shape, x.DType, x.Device);
        if (inputs.Length == 3)
        {
            using Scratch.Borrowed b = window.Bias(inputs[2]);
            Kernels.Convolution(
                x, W, window.Stride, window.Pad, window.Dilate, window.Groups, y, FixedPrograms.Add(x.DType), [b.View]);
        }
        else
        {
            Kernels.Convolution(x, W, window.Stride, window.Pad, window.Dilate, window.Groups, y);
        }
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable gy = gradOutputs[0]!;
        var grads = new Variable?[targetInputs.Length];
        for (int i = 0; i < grads.Length; i++)
        {
            grads[i] = targetInputs[i] switch
            {
                0 => new Deconvolution(window, ConvolutionWindow.Extents(Inputs[0].Shape), isGradient: true).ApplySingle(gy, GetRetainedInput(1)),
                1 => new ConvolutionFilter(window, Inputs[1].Shape, Inputs[1].DType!.Value).ApplySingle(GetRetainedInput(0), gy),
                _ => window.BiasGradient(gy, Inputs[2].DType!.Value),
            };
        }
        return grads;
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => window.CheckTypes(inputs, transposed: false);
}

/// <summary>gW of x and gy: the gradient of a convolution by its filters, of their shape and dtype.</summary>
internal sealed class ConvolutionFilter(ConvolutionWindow window, Shape shape, DType dtype) : FunctionNode
{
    public override string Label => window.Function;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray x = inputs[0];
        NDArray gy = inputs[1].AsType(x.DType, copy: false);
        NDArray gW = NDArray.AllocateScratch(shape, x.DType, x.Device);
        Kernels.ConvolutionFilter(x, gy, window.Stride, window.Pad, window.Dilate, window.Groups, gW);
        return [gW.DType == dtype ? gW : gW.AsType(dtype)];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        Variable x = GetRetainedInput(0);
        Variable gy = GetRetainedInput(1);
        Variable ggW = gradOutputs[0]!;
        return
        [
            new Deconvolution(window, ConvolutionWindow.Extents(x.Shape), isGradient: true).ApplySingle(gy, ggW),
            new Convolution(window, coverAll: false, ConvolutionWindow.Extents(gy.Shape)).ApplySingle(x, ggW),
        ];
    }
}
