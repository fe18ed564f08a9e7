namespace NativeChain;

public static partial class F
{
    /// <summary>Spreads each element over its window, and adds up where windows overlap: the inverse of a pooling, over one to three spatial axes.</summary>
    /// <param name="x">(N, C, o...), floating point.</param>
    /// <param name="ksize">The size of the window.</param>
    /// <param name="stride">From one window to the next; the size of the window by default.</param>
    /// <param name="pad">The padding, which is cut off; 0 by default.</param>
    /// <param name="outsize">The spatial extents of the result; by default the smallest that have as many windows as <paramref name="x"/> has elements.</param>
    /// <param name="coverAll">Whether the windows cover every element of the result, so that the last ones may reach beyond it.</param>
    /// <returns>(N, C, d...), of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or an <paramref name="outsize"/> has another number of windows.</exception>
    /// <exception cref="ArgumentException">An argument does not fit the axes of <paramref name="x"/>.</exception>
    public static Variable UnpoolingND(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, Spatial outsize = default, bool coverAll = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Unpool("UnpoolingND", x, x.NDim - 2, ksize, stride, pad, outsize, coverAll);
    }

    /// <summary>Spreads each element over its window, and adds up where windows overlap, over one spatial axis.</summary>
    /// <inheritdoc cref="UnpoolingND"/>
    public static Variable Unpooling1D(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, Spatial outsize = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("Unpooling1D", x, 1);
        return Unpool("Unpooling1D", x, 1, ksize, stride, pad, outsize, coverAll);
    }

    /// <summary>Spreads each element over its window, and adds up where windows overlap, over two spatial axes.</summary>
    /// <inheritdoc cref="UnpoolingND"/>
    public static Variable Unpooling2D(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, Spatial outsize = default, bool coverAll = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Unpool("Unpooling2D", x, 2, ksize, stride, pad, outsize, coverAll);
    }

    /// <summary>Spreads each element over its window, and adds up where windows overlap, over three spatial axes.</summary>
    /// <inheritdoc cref="UnpoolingND"/>
    public static Variable Unpooling3D(
        Variable x, Spatial ksize, Spatial stride = default, Spatial pad = default, Spatial outsize = default, bool coverAll = true)
    {
        PoolingWindow.CheckNDim("Unpooling3D", x, 3);
        return Unpool("Unpooling3D", x, 3, ksize, stride, pad, outsize, coverAll);
    }

    private static Variable Unpool(
        string function, Variable x, int ndim, Spatial ksize, Spatial stride, Spatial pad, Spatial outsize, bool coverAll)
    {
        var window = new PoolingWindow(function, ndim, ksize, stride, pad, coverAll);
        TypeCheck.Floating(function, "x", x.Array);
        TypeCheck.NDim(function, "x", x.Array, 2 + ndim);
        return new AveragePoolingGrad(function, window, PoolingDivisor.One, window.Input(function, x.Shape, outsize)).ApplySingle(x);
    }
}
