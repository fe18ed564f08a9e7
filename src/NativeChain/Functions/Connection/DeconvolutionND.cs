namespace NativeChain;

public static partial class F
{
    /// <summary>Deconvolution, or transposed convolution, over one to three spatial axes (Zeiler et al., 2010): the gradient of a convolution by its input.</summary>
    /// <param name="x">Inputs, (N, C, d...), one to three spatial axes; floating point.</param>
    /// <param name="W">Filters, (C, O / groups, k...); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How much of the output is cut off at either end of an axis; 0 by default.</param>
    /// <param name="outsize">The spatial extents of the output; by default the smallest that has as many positions as <paramref name="x"/>.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; those of a group see those of the same group alone.</param>
    /// <returns>(N, O, l...), where l = stride (d - 1) + dilate (k - 1) + 1 - 2 pad unless <paramref name="outsize"/> says otherwise; of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit, or a convolution of <paramref name="outsize"/> has another number of positions.</exception>
    /// <exception cref="ArgumentException">A stride, padding, dilation or number of groups is out of range, or an output would have no element.</exception>
    public static Variable DeconvolutionND(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        Spatial? outsize = null,
        Spatial dilate = default,
        int groups = 1) =>
        Deconvolution(nameof(DeconvolutionND), null, x, W, b, stride, pad, outsize, dilate, groups);

    /// <summary><see cref="DeconvolutionND"/> over one spatial axis.</summary>
    /// <param name="x">Inputs, (N, C, d); floating point.</param>
    /// <param name="W">Filters, (C, O / groups, k); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How much of the output is cut off at either end; 0 by default.</param>
    /// <param name="outsize">The extent of the output; by default the smallest that has as many positions as <paramref name="x"/>.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall.</param>
    /// <returns>(N, O, l); of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> has not one spatial axis, or as for <see cref="DeconvolutionND"/>.</exception>
    public static Variable Deconvolution1D(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        Spatial? outsize = null,
        Spatial dilate = default,
        int groups = 1) =>
        Deconvolution(nameof(Deconvolution1D), 1, x, W, b, stride, pad, outsize, dilate, groups);

    /// <summary>Two-dimensional deconvolution, or transposed convolution (Zeiler et al., 2010): the gradient of <see cref="Convolution2D"/> by its input.</summary>
    /// <param name="x">Inputs, (N, C, h, w); floating point.</param>
    /// <param name="W">Filters, (C, O / groups, kh, kw); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How much of the output is cut off at either end of an axis; 0 by default.</param>
    /// <param name="outsize">Height and width of the output; by default the smallest that have as many positions as <paramref name="x"/>.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall; those of a group see those of the same group alone.</param>
    /// <returns>(N, O, oh, ow), where oh = stride (h - 1) + dilate (kh - 1) + 1 - 2 pad unless <paramref name="outsize"/> says otherwise; of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit, or a convolution of <paramref name="outsize"/> has another number of positions.</exception>
    /// <exception cref="ArgumentException">A stride, padding, dilation or number of groups is out of range, or an output would have no element.</exception>
    public static Variable Deconvolution2D(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        Spatial? outsize = null,
        Spatial dilate = default,
        int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.NDim(nameof(Deconvolution2D), nameof(x), x.Array, 4);
        return Deconvolution(nameof(Deconvolution2D), 2, x, W, b, stride, pad, outsize, dilate, groups);
    }

    /// <summary><see cref="DeconvolutionND"/> over three spatial axes.</summary>
    /// <param name="x">Inputs, (N, C, d1, d2, d3); floating point.</param>
    /// <param name="W">Filters, (C, O / groups, k1, k2, k3); floating point.</param>
    /// <param name="b">Biases, (O,), or null for none; floating point.</param>
    /// <param name="stride">From one position of the filter to the next; 1 by default.</param>
    /// <param name="pad">How much of the output is cut off at either end of an axis; 0 by default.</param>
    /// <param name="outsize">The spatial extents of the output; by default the smallest that have as many positions as <paramref name="x"/>.</param>
    /// <param name="dilate">From one element of the filter to the next; 1 by default.</param>
    /// <param name="groups">Into how many groups the channels fall.</param>
    /// <returns>(N, O, l1, l2, l3); of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> has not three spatial axes, or as for <see cref="DeconvolutionND"/>.</exception>
    public static Variable Deconvolution3D(
        Variable x,
        Variable W,
        Variable? b = null,
        Spatial stride = default,
        Spatial pad = default,
        Spatial? outsize = null,
        Spatial dilate = default,
        int groups = 1) =>
        Deconvolution(nameof(Deconvolution3D), 3, x, W, b, stride, pad, outsize, dilate, groups);

    private static Variable Deconvolution(
        string function,
        int? ndim,
        Variable x,
        Variable W,
        Variable? b,
        Spatial stride,
        Spatial pad,
        Spatial? outsize,
        Spatial dilate,
        int groups)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(W);
        int axes = SpatialAxes(function, ndim, x);
        var window = new ConvolutionWindow(function, axes, stride, pad, dilate, groups);
        Spatial extents = outsize is { Count: > 0 } given ? given.Over(axes, function, nameof(outsize), least: 1) : default;
        var node = new Deconvolution(window, extents, isGradient: false);
        return b is null ? node.ApplySingle(x, W) : node.ApplySingle(x, W, b);
    }
}

/// <summary>
/// The node of the deconvolutions: y of x, W and b, also the gradient of <see cref="Convolution"/> by its x. Without <paramref name="outsize"/> the spatial
/// extents of y follow from x.
/// </summary>
internal sealed class Deconvolution(ConvolutionWindow window, Spatial outsize, bool isGradient) : FunctionNode
{
    public override string Label => window.Function;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        NDArray x = inputs[0];
        NDArray W = inputs[1].AsType(x.DType, copy: false);
        Shape shape = window.Output(
            x.Shape[0], W.Shape[1] * window.Groups, outsize.Count > 0 ? outsize : window.Room(x.Shape, W.Shape));
        NDArray y = isGradient ? NDArray.AllocateScratch(shape, x.DType, x.Device) : NDArray.Allocate(shape, x.DType, x.Device);
        if (inputs.Length == 3)
        {
            using Scratch.Borrowed b = window.Bias(inputs[2]);
            Kernels.ConvolutionData(
                x, W, window.Stride, window.Pad, window.Dilate, window.Groups, y, FixedPrograms.Add(x.DType), [b.View]);
        }
        else
        {
            Kernels.ConvolutionData(x, W, window.Stride, window.Pad, window.Dilate, window.Groups, y);
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
                0 => new Convolution(window, coverAll: false, ConvolutionWindow.Extents(Inputs[0].Shape))
                    .ApplySingle(gy, GetRetainedInput(1)),
                1 => new ConvolutionFilter(window, Inputs[1].Shape, Inputs[1].DType!.Value).ApplySingle(gy, GetRetainedInput(0)),
                _ => window.BiasGradient(gy, Inputs[2].DType!.Value),
            };
        }
        return grads;
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        window.CheckTypes(inputs, transposed: true);
        if (outsize.Count == 0 || isGradient)
        {
            return;
        }
        for (int i = 0; i < window.NDim; i++)
        {
            int positions = inputs[0].Shape[2 + i];
            int k = inputs[1].Shape[2 + i];
            int least = Outsize.Convolution(outsize[i], k, window.Stride[i], window.Pad[i], coverAll: false, window.Dilate[i]);
            int most = Outsize.Convolution(outsize[i], k, window.Stride[i], window.Pad[i], coverAll: true, window.Dilate[i]);
            if (positions < least || positions > most)
            {
                TypeCheck.Throw(
                    window.Function, "x", $"extent {least} to {most} along spatial axis {i} for an outsize of {outsize[i]}",
                    $"shape {inputs[0].Shape}");
            }
        }
    }
}
