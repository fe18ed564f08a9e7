namespace NativeChain.Initializers;

/// <summary>Fills from a uniform distribution over [-scale, scale).</summary>
/// <param name="scale">Half the width of the interval.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class Uniform(double scale = 0.05, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        Fill(array, scale, rng);
    }

    internal static void Fill(NDArray array, double scale, RandomGenerator? rng) =>
        (rng ?? NDArray.Random.Default).FillUniform(array, -scale, scale);
}

/// <summary>Uniform over [-s, s) with s = scale·√(3 / fanIn): of the variance of <see cref="LeCunNormal"/>.</summary>
/// <remarks>LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998.</remarks>
/// <param name="scale">Factor of the interval.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class LeCunUniform(double scale = 1.0, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        (double fanIn, _) = GetFans(array.Shape);
        Uniform.Fill(array, scale * Math.Sqrt(3.0 / fanIn), rng);
    }
}

/// <summary>Uniform over [-s, s) with s = scale·√(6 / (fanIn + fanOut)): of the variance of <see cref="GlorotNormal"/>.</summary>
/// <remarks>Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.</remarks>
/// <param name="scale">Factor of the interval.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class GlorotUniform(double scale = 1.0, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        (double fanIn, double fanOut) = GetFans(array.Shape);
        Uniform.Fill(array, scale * Math.Sqrt(6.0 / (fanIn + fanOut)), rng);
    }
}

/// <summary>Uniform over [-s, s) with s = scale·√(6 / fanIn), for weights before a ReLU: of the variance of <see cref="HeNormal"/>.</summary>
/// <remarks>He, Zhang, Ren and Sun, Delving Deep into Rectifiers, 2015.</remarks>
/// <param name="scale">Factor of the interval.</param>
/// <param name="dtype">Dtype of the arrays it is made for; null for the configuration's.</param>
/// <param name="rng">Source of random numbers; null for <see cref="NDArray.Random"/>.</param>
public sealed class HeUniform(double scale = 1.0, DType? dtype = null, RandomGenerator? rng = null) : Initializer(dtype)
{
    /// <inheritdoc/>
    public override void Fill(NDArray array)
    {
        Check(array);
        (double fanIn, _) = GetFans(array.Shape);
        Uniform.Fill(array, scale * Math.Sqrt(6.0 / fanIn), rng);
    }
}
