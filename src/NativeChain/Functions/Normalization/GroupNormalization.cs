namespace NativeChain;

public static partial class F
{
    /// <summary>Group normalization: each group of channels of each example to mean 0 and variance 1, then each channel scaled and shifted.</summary>
    /// <remarks>
    /// One group for each channel is instance normalization, one group for all is layer normalization of images. See Y. Wu, K. He: Group
    /// Normalization, https://arxiv.org/abs/1803.08494.
    /// </remarks>
    /// <param name="x">(N, C) or (N, C, d...), floating point.</param>
    /// <param name="groups">The number of groups, which divides C.</param>
    /// <param name="gamma">The scale, (C), floating point.</param>
    /// <param name="beta">The shift, (C), of the dtype of <paramref name="gamma"/>.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException">C is no multiple of <paramref name="groups"/>.</exception>
    public static Variable GroupNormalization(Variable x, int groups, Variable gamma, Variable beta, double eps = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(gamma);
        ArgumentNullException.ThrowIfNull(beta);
        TypeCheck.Floating("GroupNormalization", "x", x.Array);
        TypeCheck.MinNDim("GroupNormalization", "x", x.Array, 2);
        TypeCheck.Floating("GroupNormalization", "gamma", gamma.Array);
        Shape shape = x.Shape;
        TypeCheck.SameShape("GroupNormalization", "gamma", gamma.Array, shape[1]);
        TypeCheck.SameDType("GroupNormalization", "beta", beta.Array, gamma.DType);
        TypeCheck.SameShape("GroupNormalization", "beta", beta.Array, gamma.Shape);
        if (groups < 1 || shape[1] % groups != 0)
        {
            throw new ArgumentException($"GroupNormalization: x {shape} has {shape[1]} channels, no multiple of {groups} groups.", nameof(groups));
        }

        int channels = shape[1] / groups;
        int rest = 1;
        for (int i = 2; i < shape.NDim; i++)
        {
            rest *= shape[i];
        }

        Variable grouped = Reshape(x, (shape[0], groups, channels, rest));
        var node = new Normalization("GroupNormalization", eps, (shape[0], groups, 1, 1), (1, groups, channels, 1));
        return Reshape(node.ApplySingle(grouped, gamma, beta), shape);
    }
}
