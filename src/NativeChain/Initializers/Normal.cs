namespace NativeChain.Initializers;

/// <summary>Fills from a normal distribution of mean 0.</summary>
/// <param name="scale">Standard deviation.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class Normal(double scale = 0.05, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        Fill(array, scale, rng);
    }

    internal static void Fill(NDArray array, double stddev, RandomGenerator? rng) =>
        (rng ?? NDArray.Random.Default).FillNormal(array, 0.0, stddev);
}

/// <summary>Fills from a normal distribution of mean 0 that is cut at a number of standard deviations on either side.</summary>
/// <param name="scale">Standard deviation before the cut.</param>
/// <param name="bound">Where the distribution is cut, in standard deviations.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class TruncatedNormal(double scale = 0.05, double bound = 2.0, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        (rng ?? NDArray.Random.Default).FillTruncatedNormal(array, 0.0, scale, -bound, bound);
    }
}

/// <summary>Normal of standard deviation scale·√(1 / fanIn): the default of weights.</summary>
/// <remarks>LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998.</remarks>
/// <param name="scale">Factor of the standard deviation.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class LeCunNormal(double scale = 1.0, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        (double fanIn, _) = GetFans(array.Shape);
        Normal.Fill(array, scale * Math.Sqrt(1.0 / fanIn), rng);
    }
}

/// <summary>Normal of standard deviation scale·√(2 / (fanIn + fanOut)).</summary>
/// <remarks>Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.</remarks>
/// <param name="scale">Factor of the standard deviation.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class GlorotNormal(double scale = 1.0, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        (double fanIn, double fanOut) = GetFans(array.Shape);
        Normal.Fill(array, scale * Math.Sqrt(2.0 / (fanIn + fanOut)), rng);
    }
}

/// <summary>Which fan of a weight <see cref="HeNormal"/> keeps the variance of.</summary>
public enum FanOption
{
    /// <summary>The inputs': variance is kept in the forward pass.</summary>
    FanIn,

    /// <summary>The outputs': variance is kept in the backward pass.</summary>
    FanOut,
}

/// <summary>Normal of standard deviation scale·√(2 / fan), for weights before a ReLU.</summary>
/// <remarks>He, Zhang, Ren and Sun, Delving Deep into Rectifiers, 2015.</remarks>
/// <param name="scale">Factor of the standard deviation.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="fanOption">Which fan counts.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class HeNormal(
    double scale = 1.0, DType? dtype = null, FanOption fanOption = FanOption.FanIn, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        (double fanIn, double fanOut) = GetFans(array.Shape);
        Normal.Fill(array, scale * Math.Sqrt(2.0 / (fanOption == FanOption.FanIn ? fanIn : fanOut)), rng);
    }
}
