namespace NativeChain;

public static partial class F
{
    /// <summary>The array without axes of extent 1; a view.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="axis">The axes to remove; by default all whose extent is 1.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks such an axis.</exception>
    /// <exception cref="ArgumentException">The extent of a named axis is not 1, or an axis is named twice.</exception>
    public static Variable Squeeze(Variable x, Axes axis = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.Axes("Squeeze", "x", x.RawArray!, axis);
        Shape shape = x.Shape;
        uint mask = axis.Mask(shape.NDim, "Squeeze");
        Span<int> extents = stackalloc int[Shape.MaxNDim];
        int n = 0;
        for (int i = 0; i < shape.NDim; i++)
        {
            bool named = (mask & (1u << i)) != 0;
            if (named && shape[i] == 1)
            {
                continue;
            }
            if (named && !axis.IsAll)
            {
                throw new ArgumentException($"Squeeze: axis {i} of shape {shape} has extent {shape[i]}, not 1.", nameof(axis));
            }
            extents[n++] = shape[i];
        }
        return Reshape(x, new Shape(extents[..n]));
    }
}
