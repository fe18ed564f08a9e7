namespace NativeChain;

public static partial class F
{
    /// <summary>The array with a new axis of extent 1; a view.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="axis">The place of the new axis in the result; negative counts from the end.</param>
    /// <exception cref="InvalidTypeException">The result has no such axis.</exception>
    public static Variable ExpandDims(Variable x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        int ndim = x.NDim;
        int at = TypeCheck.NewAxis("ExpandDims", "x", x.RawArray!, axis);
        Shape shape = x.Shape;
        Span<int> extents = stackalloc int[Shape.MaxNDim + 1];
        shape.Span[..at].CopyTo(extents);
        extents[at] = 1;
        shape.Span[at..].CopyTo(extents[(at + 1)..]);
        return Reshape(x, new Shape(extents[..(ndim + 1)]));
    }
}
