namespace NativeChain;

public static partial class F
{
    private static Elementwise LerpElementwise => field ??= Elementwise.Of((a, b, weight) => a + (weight * (b - a)), "ResizeImages");

    /// <summary>Images in another size, by linear interpolation between the four nearest pixels, or by the nearest pixel.</summary>
    /// <param name="x">(N, C, H, W), float32: other dtypes are refused, as in the original.</param>
    /// <param name="outputShape">(height, width) of the result.</param>
    /// <param name="mode">"bilinear" or "nearest".</param>
    /// <param name="alignCorners">With "bilinear": whether the centres of the corner pixels stay where they are, instead of the corners of the image.</param>
    /// <returns>(N, C, height, width).</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not float32 with 4 axes.</exception>
    /// <exception cref="ArgumentException"><paramref name="mode"/> is neither of these, a size is not positive, or the images have no pixels.</exception>
    public static Variable ResizeImages(Variable x, (int Height, int Width) outputShape, string mode = "bilinear", bool alignCorners = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (mode is not ("bilinear" or "nearest"))
        {
            throw new ArgumentException($"ResizeImages: mode is '{mode}', but must be 'bilinear' or 'nearest'.", nameof(mode));
        }

        TypeCheck.SameDType("ResizeImages", "x", x.RawArray!, DType.Float32);
        TypeCheck.NDim("ResizeImages", "x", x.RawArray!, 4);
        (int height, int width) = outputShape;
        if (height <= 0 || width <= 0 || x.Shape[2] == 0 || x.Shape[3] == 0)
        {
            throw new ArgumentException($"ResizeImages: images of shape {x.Shape} cannot be given the size {outputShape}.", nameof(outputShape));
        }

        // One axis after the other: what both together do is their product.
        return ResizeAxis(ResizeAxis(x, 2, height, mode, alignCorners), 3, width, mode, alignCorners);
    }

    /// <summary>The array with another extent along one axis, of any floating-point dtype.</summary>
    internal static Variable ResizeAxis(Variable x, int axis, int size, string mode, bool alignCorners)
    {
        int extent = x.Shape[axis];
        double scale = (double)extent / size;
        var low = new int[size];
        var high = new int[size];
        var weights = new double[size];
        for (int i = 0; i < size; i++)
        {
            double at = mode == "nearest" ? Math.Floor(i * scale)
                : !alignCorners ? Math.Max(((i + 0.5) * scale) - 0.5, 0)
                : size > 1 ? (double)i * (extent - 1) / (size - 1)
                : 0;
            low[i] = Math.Min((int)at, extent - 1);
            high[i] = Math.Min(low[i] + 1, extent - 1);
            weights[i] = at - Math.Floor(at);
        }

        var index = new IndexExpr[axis + 1];
        System.Array.Fill(index, ..);
        index[axis] = low;
        Variable a = GetItem(x, index);
        if (System.Array.TrueForAll(weights, w => w == 0))
        {
            return a;
        }

        index[axis] = high;
        Span<int> alongAxis = [1, 1, 1, 1];
        alongAxis[axis] = size;
        NDArray weight = NDArray.FromSpan<double>(weights, new Shape(alongAxis[axis..])).AsType(x.DType).To(x.Device);
        return LerpElementwise.Apply(a, GetItem(x, index), weight);
    }
}
