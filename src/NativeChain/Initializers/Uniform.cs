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
        (rng ?? NDArray.Random.Default).FillUniform(array, -scale, scale);
    }
}
