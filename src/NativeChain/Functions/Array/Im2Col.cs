namespace NativeChain;

public static partial class F
{
    /// <summary>The patches of images, laid out along the channels.</summary>
    /// <param name="x">Images, (N, C, h, w); floating point.</param>
    /// <param name="ksize">Size of a patch.</param>
    /// <param name="stride">From one patch to the next; 1 by default.</param>
    /// <param name="pad">How many zeros stand before the first and after the last element of an axis; 0 by default.</param>
    /// <param name="coverAll">Whether the last elements are covered even where the patch then reaches beyond the padding.</param>
    /// <param name="dilate">From one element of a patch to the next; 1 by default.</param>
    /// <returns>(N, C kh kw, oh, ow), as many patches as <see cref="Convolution2D"/> has positions; of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or has not 4 axes.</exception>
    /// <exception cref="ArgumentException">A size, stride, padding or dilation is out of range, or there is no patch.</exception>
    public static Variable Im2Col(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, bool coverAll = false, Spatial dilate = default)
    {
        var window = new ConvolutionWindow(nameof(Im2Col), 2, stride, pad, dilate, groups: 1);
        return new Im2Col(window, ksize.Over(2, nameof(Im2Col), nameof(ksize), least: 1), coverAll).ApplySingle(x);
    }
}

/// <summary>The node of <see cref="F.Im2Col"/>: one copy of a view in which the patches overlap.</summary>
internal sealed class Im2Col(ConvolutionWindow window, Spatial ksize, bool coverAll) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        Shape shape = x.Shape;
        Spatial positions = window.Positions(shape, [1, 1, ksize[0], ksize[1]], coverAll);
        Shape y = window.Output(shape[0], checked(shape[1] * ksize[0] * ksize[1]), positions);
        using NDArray covered = Covered(window, ksize, positions, shape, x);
        (IndexExpr[] inside, IndexExpr[] seen) = Inside(window, covered.Shape, shape);
        covered[inside] = x[seen];
        using NDArray patches = covered.Windows(ksize, window.Stride, window.Dilate, positions);
        return [patches.Copy().WithShapeInPlace(y)];
    }

    /// <summary>Zeros over all that the patches of (N, C, h, w) cover, which begins with the padding.</summary>
    public static NDArray Covered(ConvolutionWindow window, Spatial ksize, Spatial positions, Shape image, NDArray like)
    {
        Span<int> extents = stackalloc int[2];
        for (int i = 0; i < 2; i++)
        {
            extents[i] = Outsize.Deconvolution(positions[i], ksize[i], window.Stride[i], 0, coverAll: false, window.Dilate[i]);
        }
        return NDArray.Zeros((image[0], image[1], extents[0], extents[1]), like.DType, like.Device);
    }

    /// <summary>Where the image lies in what is covered, and which part of the image that is.</summary>
    public static (IndexExpr[] Inside, IndexExpr[] Seen) Inside(ConvolutionWindow window, Shape covered, Shape image)
    {
        IndexExpr[] inside = [Range.All, Range.All, Range.All, Range.All];
        IndexExpr[] seen = [Range.All, Range.All, Range.All, Range.All];
        for (int i = 0; i < 2; i++)
        {
            int pad = Math.Min(window.Pad[i], covered[2 + i]);
            int count = Math.Min(image[2 + i], covered[2 + i] - pad);
            inside[2 + i] = pad..(pad + count);
            seen[2 + i] = ..count;
        }
        return (inside, seen);
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new Im2ColGrad(window, ksize, coverAll, Inputs[0].Shape).ApplySingle(gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("Im2Col", "x", inputs[0]);
        TypeCheck.NDim("Im2Col", "x", inputs[0], 4);
    }
}

/// <summary>gx of gy: each element of a patch is added where it came from.</summary>
internal sealed class Im2ColGrad(ConvolutionWindow window, Spatial ksize, bool coverAll, Shape shape) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray gy = inputs[0];
        Spatial positions = ConvolutionWindow.Extents(gy.Shape);
        using Scratch.Borrowed patches = Scratch.Reshape(
            gy, [shape[0], shape[1], ksize[0], ksize[1], positions[0], positions[1]]);
        using NDArray covered = Im2Col.Covered(window, ksize, positions, shape, gy);
        using NDArray windows = covered.Windows(ksize, window.Stride, window.Dilate, positions);
        Program add = FixedPrograms.Add(gy.DType);
        for (int j = 0; j < ksize[0]; j++)
        {
            for (int i = 0; i < ksize[1]; i++)
            {
                using NDArray tap = windows[.., .., j, i];
                using NDArray from = patches.View[.., .., j, i];
                Kernels.Run(add, tap, from, tap);
            }
        }
        NDArray gx = NDArray.Zeros(shape, gy.DType, gy.Device);
        (IndexExpr[] inside, IndexExpr[] seen) = Im2Col.Inside(window, covered.Shape, shape);
        gx[seen] = covered[inside];
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new Im2Col(window, ksize, coverAll).ApplySingle(gradOutputs[0]!)];
}
