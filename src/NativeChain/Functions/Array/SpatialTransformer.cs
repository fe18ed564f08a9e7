namespace NativeChain;

public static partial class F
{
    // A coordinate in [-1, 1] as a position in the image with a border of one pixel; no gradient where it is cut.
    private static Elementwise PositionElementwise => field ??= Elementwise.Of(
            (g, extent) => Expr.Clip(((g + 1) * (extent - 1) * 0.5) + 1, 0, extent + 1), "SpatialTransformerSampler")
        .WithGradient((x, y, gy) =>
            [Expr.Select(Expr.And(y[0] > 0, y[0] < x[1] + 1), gy[0] * ((x[1] - 1) * 0.5), 0), default]);

    private static Elementwise BilinearElementwise => field ??= Elementwise.OfMany(
        8,
        x =>
        {
            (Expr u, Expr v, Expr u0, Expr v0) = (x[4], x[5], x[6], x[7]);
            Expr top = x[0] + ((u - u0) * (x[1] - x[0]));
            Expr bottom = x[2] + ((u - u0) * (x[3] - x[2]));
            return [top + ((v - v0) * (bottom - top))];
        },
        "SpatialTransformerSampler");

    /// <summary>The positions in an image that affine transformations give to the pixels of another (Jaderberg et al., 2015).</summary>
    /// <remarks>grid[n, :, h, w] = theta[n] (x, y, 1) for the pixel at (x, y); coordinates go from -1 to 1 along each axis.</remarks>
    /// <param name="theta">The transformations, (N, 2, 3); floating point.</param>
    /// <param name="outputShape">(height, width) of the image to be made.</param>
    /// <returns>(N, 2, height, width): the x and the y coordinate of each pixel.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="theta"/> is not floating point of this shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public static Variable SpatialTransformerGrid(Variable theta, (int Height, int Width) outputShape)
    {
        ArgumentNullException.ThrowIfNull(theta);
        TypeCheck.Floating("SpatialTransformerGrid", "theta", theta.RawArray!);
        TypeCheck.NDim("SpatialTransformerGrid", "theta", theta.RawArray!, 3);
        TypeCheck.SameShape("SpatialTransformerGrid", "theta", theta.RawArray!, (theta.Shape[0], 2, 3));
        (int height, int width) = outputShape;
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(height, width), nameof(outputShape));
        NDArray points = NDArray.Ones((3, height, width), theta.DType);
        points[0] = Coordinates(width);
        points[1] = Coordinates(height).ExpandDims(1);
        Variable grid = MatMul(theta, points.Reshape((1, 3, checked(height * width))).To(theta.Device));
        return Reshape(grid, (theta.Shape[0], 2, height, width));
    }

    /// <summary>Images sampled at positions, by linear interpolation between the four nearest pixels (Jaderberg et al., 2015). Outside the image all is 0.</summary>
    /// <param name="x">(N, C, H, W), floating point.</param>
    /// <param name="grid">The x and the y coordinate of each sample, from -1 to 1 inside the image, (N, 2, height, width); of the same dtype.</param>
    /// <returns>(N, C, height, width).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable SpatialTransformerSampler(Variable x, Variable grid)
    {
        const string Name = "SpatialTransformerSampler";
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(grid);
        TypeCheck.Floating(Name, "x", x.RawArray!);
        TypeCheck.NDim(Name, "x", x.RawArray!, 4);
        TypeCheck.SameDType(Name, "grid", grid.RawArray!, x.DType);
        TypeCheck.NDim(Name, "grid", grid.RawArray!, 4);
        TypeCheck.Extent(Name, "grid", grid.RawArray!, 0, x.Shape[0]);
        TypeCheck.Extent(Name, "grid", grid.RawArray!, 1, 2);
        (int n, int c, int height, int width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        (int outHeight, int outWidth) = (grid.Shape[2], grid.Shape[3]);
        int points = checked(outHeight * outWidth);

        // The image with a border of zeros, on which all that lies outside is put: (N, C, pixels). Positions and weights: (N, 1, points).
        Variable pixels = Reshape(Pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)]), (n, c, checked((height + 2) * (width + 2))));
        Variable places = Reshape(grid, (n, 2, points));
        Variable u = PositionElementwise.Apply(GetItem(places, .., 0..1), (double)width);
        Variable v = PositionElementwise.Apply(GetItem(places, .., 1..2), (double)height);
        NDArray u0 = Ops.Minimum.Compute(NDArray.Floor(u.Array), (double)width);
        NDArray v0 = Ops.Minimum.Compute(NDArray.Floor(v.Array), (double)height);
        NDArray first = (v0.AsType(DType.Int64) * (width + 2)) + u0.AsType(DType.Int64);
        NDArray image = NDArray.Arange(n).Reshape((n, 1, 1)).To(x.Device);
        NDArray channel = NDArray.Arange(c).Reshape((1, c, 1)).To(x.Device);
        Variable Corner(int offset) => GetItem(pixels, image, channel, first + offset);
        Variable y = BilinearElementwise.Apply(Corner(0), Corner(1), Corner(width + 2), Corner(width + 3), u, v, u0, v0);
        return Reshape(y, (n, c, outHeight, outWidth));
    }

    // -1 to 1; a single one is -1.
    private static NDArray Coordinates(int count)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = count > 1 ? (2.0 * i / (count - 1)) - 1 : -1;
        }

        return NDArray.FromSpan<double>(values);
    }
}
