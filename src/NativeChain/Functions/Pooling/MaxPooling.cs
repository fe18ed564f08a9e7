namespace NativeChain;

public static partial class F
{
    /// <summary>The largest element of each window, over one to three spatial axes.</summary>
    /// <remarks>
    /// Padding is never the largest: a window that lies wholly in it gives -infinity. NaN is larger than any number. The gradient goes to the
    /// first of equal elements.
    /// </remarks>
    /// <param name="x">(N, C, d...), floating point, not empty.</param>
    /// <param name="ksize">The size of the window.</param>
    /// <param name="stride">From one window to the next; the size of the window by default.</param>
    /// <param name="pad">The padding before the first and after the last element; 0 by default.</param>
    /// <param name="coverAll">Whether every element is in a window, which may add a window that reaches beyond the padding.</param>
    /// <returns>(N, C, o...), of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or empty.</exception>
    /// <exception cref="ArgumentException">An argument does not fit the axes of <paramref name="x"/>, or the window the padded image.</exception>
    public static Variable MaxPoolingND(Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, bool coverAll = true) =>
        MaxPool("MaxPoolingND", x, ksize, stride, pad, coverAll, returnIndices: false).Y;

    /// <summary>The largest element of each window, and where in the window it is.</summary>
    /// <inheritdoc cref="MaxPoolingND(Variable, Spatial, Spatial, Spatial, bool)"/>
    /// <param name="x">(N, C, d...), floating point, not empty.</param>
    /// <param name="ksize">The size of the window.</param>
    /// <param name="returnIndices">Whether to return the indices.</param>
    /// <param name="stride">From one window to the next; the size of the window by default.</param>
    /// <param name="pad">The padding before the first and after the last element; 0 by default.</param>
    /// <param name="coverAll">Whether every element is in a window, which may add a window that reaches beyond the padding.</param>
    /// <returns>The result, and for each of its elements the position in the window, int64, counted in C order; null if it was not asked for.</returns>
    public static (Variable Y, NDArray? Indices) MaxPoolingND(
        Variable x, Spatial ksize, bool returnIndices, Spatial stride = default, Spatial pad = default, bool coverAll = true) =>
        MaxPool("MaxPoolingND", x, ksize, stride, pad, coverAll, returnIndices);

    /// <summary>The largest element of each window, over one spatial axis.</summary>
    /// <inheritdoc cref="MaxPoolingND(Variable, Spatial, Spatial, Spatial, bool)"/>
    public static Variable MaxPooling1D(Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("MaxPooling1D", x, 1);
        return MaxPool("MaxPooling1D", x, ksize, stride, pad, coverAll, returnIndices: false).Y;
    }

    /// <summary>The largest element of each window over one spatial axis, and where in the window it is.</summary>
    /// <inheritdoc cref="MaxPoolingND(Variable, Spatial, bool, Spatial, Spatial, bool)"/>
    public static (Variable Y, NDArray? Indices) MaxPooling1D(
        Variable x, Spatial ksize, bool returnIndices, Spatial stride = default, Spatial pad = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("MaxPooling1D", x, 1);
        return MaxPool("MaxPooling1D", x, ksize, stride, pad, coverAll, returnIndices);
    }

    /// <summary>The largest element of each window, over two spatial axes.</summary>
    /// <inheritdoc cref="MaxPoolingND(Variable, Spatial, Spatial, Spatial, bool)"/>
    public static Variable MaxPooling2D(Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("MaxPooling2D", x, 2);
        return MaxPool("MaxPooling2D", x, ksize, stride, pad, coverAll, returnIndices: false).Y;
    }

    /// <summary>The largest element of each window over two spatial axes, and where in the window it is: what <see cref="Upsampling2D"/> takes.</summary>
    /// <inheritdoc cref="MaxPoolingND(Variable, Spatial, bool, Spatial, Spatial, bool)"/>
    public static (Variable Y, NDArray? Indices) MaxPooling2D(
        Variable x, Spatial ksize, bool returnIndices, Spatial stride = default, Spatial pad = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("MaxPooling2D", x, 2);
        return MaxPool("MaxPooling2D", x, ksize, stride, pad, coverAll, returnIndices);
    }

    /// <summary>The largest element of each window, over three spatial axes.</summary>
    /// <inheritdoc cref="MaxPoolingND(Variable, Spatial, Spatial, Spatial, bool)"/>
    public static Variable MaxPooling3D(Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("MaxPooling3D", x, 3);
        return MaxPool("MaxPooling3D", x, ksize, stride, pad, coverAll, returnIndices: false).Y;
    }

    /// <summary>The largest element of each window over three spatial axes, and where in the window it is.</summary>
    /// <inheritdoc cref="MaxPoolingND(Variable, Spatial, bool, Spatial, Spatial, bool)"/>
    public static (Variable Y, NDArray? Indices) MaxPooling3D(
        Variable x, Spatial ksize, bool returnIndices, Spatial stride = default, Spatial pad = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("MaxPooling3D", x, 3);
        return MaxPool("MaxPooling3D", x, ksize, stride, pad, coverAll, returnIndices);
    }

    private static (Variable Y, NDArray? Indices) MaxPool(
        string function, Variable x, Spatial ksize, Spatial stride, Spatial pad, bool coverAll, bool returnIndices)
    {
        ArgumentNullException.ThrowIfNull(x);
        var window = new PoolingWindow(function, x.NDim - 2, ksize, stride, pad, coverAll);
        // int64 is what the caller is promised; for the gradient alone, half of that will do.
        DType? indices = returnIndices ? DType.Int64 : x.RequiresGrad && Config.EnableBackprop ? DType.Int32 : null;
        var node = new MaxPooling(function, window, indices);
        Variable y = node.ApplySingle(x);
        return (y, returnIndices ? node.Indices : null);
    }
}

/// <summary>The node of <see cref="F.MaxPoolingND(Variable, Spatial, Spatial, Spatial, bool)"/> and its like. Without indices it has no gradient.</summary>
internal sealed class MaxPooling(string label, PoolingWindow window, DType? indices) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    internal NDArray? Indices { get; private set; }

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        Shape shape = window.Output(label, x.Shape);
        NDArray y = NDArray.Allocate(shape, x.DType, x.Device);
        Indices = indices is DType dtype ? NDArray.Allocate(shape, dtype, x.Device) : null;
        Kernels.MaxPooling(x, window.Size, window.Stride, window.Pad, default, y, Indices);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new MaxPoolingGrad("MaxPoolingGrad", window, Indices!, Inputs[0].Shape).ApplySingle(gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating(label, "x", inputs[0]);
        TypeCheck.NDim(label, "x", inputs[0], 2 + window.NDim);
        if (inputs[0].Size == 0)
        {
            TypeCheck.Throw(label, "x", "an array that is not empty", $"shape {inputs[0].Shape}");
        }
    }
}

/// <summary>gx[where the index says] += gy: the gradient of a maximum, and what spreads it again over an image.</summary>
internal sealed class MaxPoolingGrad(string label, PoolingWindow window, NDArray indices, Shape image) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray gx = NDArray.AllocateScratch(image, inputs[0].DType, inputs[0].Device);
        Kernels.MaxPoolingGrad(inputs[0], indices, window.Size, window.Stride, window.Pad, default, gx);
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new MaxPoolingGather(window, indices).ApplySingle(gradOutputs[0]!)];
}

/// <summary>y = x[where the index says].</summary>
internal sealed class MaxPoolingGather(PoolingWindow window, NDArray indices) : FunctionNode
{
    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray y = NDArray.AllocateScratch(indices.Shape, inputs[0].DType, inputs[0].Device);
        Kernels.MaxPoolingGather(inputs[0], indices, window.Size, window.Stride, window.Pad, default, y);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new MaxPoolingGrad("MaxPoolingGrad", window, indices, Inputs[0].Shape).ApplySingle(gradOutputs[0]!)];
}
