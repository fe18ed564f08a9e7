namespace NativeChain;

public static partial class F
{
    /// <summary>Puts each element where the maximum of its window was, and zeros elsewhere: the inverse of a maximum pooling that gave its indices.</summary>
    /// <param name="x">(N, C, oH, oW), floating point.</param>
    /// <param name="indexes">Positions in the window, int32 or int64, of the shape of <paramref name="x"/>: what <see cref="MaxPooling2D(Variable, Spatial, bool, Spatial, Spatial, bool)"/> gave.</param>
    /// <param name="ksize">The size of the window.</param>
    /// <param name="stride">From one window to the next; the size of the window by default.</param>
    /// <param name="pad">The padding, which is cut off; 0 by default.</param>
    /// <param name="outsize">The height and width of the result; by default the smallest that have as many windows as <paramref name="x"/> has elements.</param>
    /// <param name="coverAll">Whether the windows cover every element of the result, so that the last ones may reach beyond it.</param>
    /// <returns>(N, C, H, W), of the dtype of <paramref name="x"/>. Where windows overlap, it is the sum.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point or of another shape than <paramref name="indexes"/>, or an <paramref name="outsize"/> has another number of windows.</exception>
    /// <exception cref="ArgumentException">An argument does not fit two axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is no position in the window.</exception>
    public static Variable Upsampling2D(
        Variable x,
        NDArray indexes,
        Spatial ksize,
        Spatial stride = default,
        Spatial pad = default,
        Spatial outsize = default,
        bool coverAll = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(indexes);
        var window = new PoolingWindow("Upsampling2D", 2, ksize, stride, pad, coverAll);
        TypeCheck.Floating("Upsampling2D", "x", x.Array);
        TypeCheck.NDim("Upsampling2D", "x", x.Array, 4);
        TypeCheck.SignedInteger("Upsampling2D", "indexes", indexes);
        TypeCheck.SameShape("Upsampling2D", "indexes", indexes, x.Shape);
        return new MaxPoolingGrad("Upsampling2D", window, indexes, window.Input("Upsampling2D", x.Shape, outsize)).ApplySingle(x);
    }
}
