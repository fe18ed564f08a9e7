namespace NativeChain;

public static partial class F
{
    /// <summary>The average of each window, over one to three spatial axes.</summary>
    /// <param name="x">(N, C, d...), floating point, not empty.</param>
    /// <param name="ksize">The size of the window.</param>
    /// <param name="stride">From one window to the next; the size of the window by default.</param>
    /// <param name="pad">The padding before the first and after the last element; 0 by default.</param>
    /// <param name="padValue">0 counts the padding as zeros; null leaves it out of the average, which is NaN where a window lies wholly in it.</param>
    /// <returns>(N, C, o...), of the dtype of <paramref name="x"/>. Elements that no whole window reaches take no part.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or empty.</exception>
    /// <exception cref="ArgumentException">An argument does not fit the axes of <paramref name="x"/>, or the window the padded image; <paramref name="padValue"/> is another number.</exception>
    public static Variable AveragePoolingND(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, int? padValue = 0) =>
        AveragePool("AveragePoolingND", x, ksize, stride, pad, padValue);

    /// <summary>The average of each window, over one spatial axis.</summary>
    /// <inheritdoc cref="AveragePoolingND"/>
    public static Variable AveragePooling1D(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, int? padValue = 0)
    {
        PoolingWindow.CheckNDim("AveragePooling1D", x, 1);
        return AveragePool("AveragePooling1D", x, ksize, stride, pad, padValue);
    }

    /// <summary>The average of each window, over two spatial axes.</summary>
    /// <param name="x">(N, C, H, W), floating point.</param>
    /// <param name="ksize">The size of the window.</param>
    /// <param name="stride">From one window to the next; the size of the window by default.</param>
    /// <param name="pad">The padding before the first and after the last element, which counts as zeros; 0 by default.</param>
    /// <returns>(N, C, oH, oW), of the dtype of <paramref name="x"/>. Elements that no whole window reaches take no part.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or has another number of axes.</exception>
    /// <exception cref="ArgumentException">An argument does not fit two axes, or the window the padded image.</exception>
    public static Variable AveragePooling2D(Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        var window = new PoolingWindow("AveragePooling2D", 2, ksize, stride, pad, coverAll: false);
        return new AveragePooling("AveragePooling2D", window, PoolingDivisor.Size, takesEmpty: true).ApplySingle(x);
    }

    /// <summary>The average of each window, over three spatial axes.</summary>
    /// <inheritdoc cref="AveragePoolingND"/>
    public static Variable AveragePooling3D(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, int? padValue = 0)
    {
        PoolingWindow.CheckNDim("AveragePooling3D", x, 3);
        return AveragePool("AveragePooling3D", x, ksize, stride, pad, padValue);
    }

    private static Variable AveragePool(string function, Variable x, Spatial ksize, Spatial stride, Spatial pad, int? padValue)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (padValue is not (0 or null))
        {
            throw new ArgumentException($"{function}: padValue is {padValue}, but must be 0 or null.", nameof(padValue));
        }

        var window = new PoolingWindow(function, x.NDim - 2, ksize, stride, pad, coverAll: false);
        return new AveragePooling(function, window, padValue is null ? PoolingDivisor.Count : PoolingDivisor.Size).ApplySingle(x);
    }
}

/// <summary>The average, or the sum, of each window. The number of positions follows from the window unless the output's shape is given.</summary>
internal sealed class AveragePooling(
    string label, PoolingWindow window, PoolingDivisor divisor, Shape? output = null, bool takesEmpty = false) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray x = inputs[0];
        NDArray y = NDArray.AllocateScratch(output ?? window.Output(label, x.Shape), x.DType, x.Device);
        Kernels.AveragePooling(x, window.Size, window.Stride, window.Pad, default, divisor, y);
        return [y];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new AveragePoolingGrad("AveragePoolingGrad", window, divisor, Inputs[0].Shape).ApplySingle(gradOutputs[0]!)];

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating(label, "x", inputs[0]);
        TypeCheck.NDim(label, "x", inputs[0], 2 + window.NDim);
        if (!takesEmpty && output is null && inputs[0].Size == 0)
        {
            TypeCheck.Throw(label, "x", "an array that is not empty", $"shape {inputs[0].Shape}");
        }
    }
}

/// <summary>Each element of the image the sum of gy / divisor over the windows that hold it.</summary>
internal sealed class AveragePoolingGrad(string label, PoolingWindow window, PoolingDivisor divisor, Shape image) : FunctionNode
{
    public override string Label => label;

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        NDArray gx = NDArray.AllocateScratch(image, inputs[0].DType, inputs[0].Device);
        Kernels.AveragePoolingGrad(inputs[0], window.Size, window.Stride, window.Pad, default, divisor, gx);
        return [gx];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
        [new AveragePooling("AveragePooling", window, divisor, Inputs[0].Shape).ApplySingle(gradOutputs[0]!)];
}
