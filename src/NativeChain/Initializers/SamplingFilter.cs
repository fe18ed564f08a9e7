namespace NativeChain.Initializers;

/// <summary>Fills the weight of a deconvolution so that it scales images up by linear interpolation, each channel by itself.</summary>
/// <remarks>
/// For a weight of shape (C, C, k...) or (C, 1, k...), all k equal, in a deconvolution of stride (k + 1) / 2. Long, Shelhamer and Darrell, Fully
/// Convolutional Networks for Semantic Segmentation, 2015.
/// </remarks>
public sealed class UpsamplingDeconvFilter : Initializer
{
    /// <summary>Creates the initializer.</summary>
    /// <param name="interpolation">How to interpolate: "linear".</param>
    /// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
    /// <exception cref="ArgumentException">There is no such interpolation.</exception>
    public UpsamplingDeconvFilter(string interpolation = "linear", DType? dtype = null)
        : base(dtype) => SamplingFilter.CheckInterpolation(nameof(UpsamplingDeconvFilter), interpolation);

    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        SamplingFilter.Fill(array, nameof(UpsamplingDeconvFilter), normalize: false);
    }
}

/// <summary>Fills the weight of a convolution so that it scales images down by linear interpolation, each channel by itself.</summary>
/// <remarks>
/// For a weight of shape (C, C, k...) or (C, 1, k...), all k equal, in a convolution of stride (k + 1) / 2. Long, Shelhamer and Darrell, Fully
/// Convolutional Networks for Semantic Segmentation, 2015.
/// </remarks>
public sealed class DownsamplingConvFilter : Initializer
{
    /// <summary>Creates the initializer.</summary>
    /// <param name="interpolation">How to interpolate: "linear".</param>
    /// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
    /// <exception cref="ArgumentException">There is no such interpolation.</exception>
    public DownsamplingConvFilter(string interpolation = "linear", DType? dtype = null)
        : base(dtype) => SamplingFilter.CheckInterpolation(nameof(DownsamplingConvFilter), interpolation);

    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        SamplingFilter.Fill(array, nameof(DownsamplingConvFilter), normalize: true);
    }
}

/// <summary>What up- and downsampling share: a kernel that falls off linearly from its centre, for each channel.</summary>
internal static class SamplingFilter
{
    public static void CheckInterpolation(string initializer, string interpolation)
    {
        if (interpolation != "linear")
        {
            throw new ArgumentException($"{initializer}: interpolation is '{interpolation}', but must be 'linear'.", nameof(interpolation));
        }
    }

    public static void Fill(NDArray array, string initializer, bool normalize)
    {
        Shape shape = array.Shape;
        if (shape.NDim < 3 || (shape[1] != shape[0] && shape[1] != 1) || shape.Span[2..].ContainsAnyExcept(shape[2]))
        {
            throw new ArgumentException(
                $"{initializer}.Fill: needs a weight of shape (C, C, k...) or (C, 1, k...), all k equal, not {shape}", nameof(array));
        }

        // (k, ..., k), of the falls along each axis.
        NDArray fall = Fall(shape[2]);
        NDArray filter = NDArray.Ones(Shape.Scalar, DType.Float64);
        for (int axis = 2; axis < shape.NDim; axis++)
        {
            filter = filter.Reshape([.. filter.Shape, 1]) * fall;
        }
        if (normalize)
        {
            filter /= filter.Sum();
        }
        NDArray channels = shape[1] == 1 ? NDArray.Ones((shape[0], 1), DType.Float64) : NDArray.Eye(shape[0], dtype: DType.Float64);
        int[] extents = [.. channels.Shape, .. Enumerable.Repeat(1, shape.NDim - 2)];
        Kernels.Copy((channels.Reshape(extents) * filter).To(array.Device), array);
    }

    private static NDArray Fall(int size)
    {
        int factor = (size + 1) / 2;
        double center = size % 2 == 1 ? factor - 1 : factor - 0.5;
        return 1.0 - (NDArray.Abs(NDArray.Arange((double)size) - center) / factor);
    }
}
