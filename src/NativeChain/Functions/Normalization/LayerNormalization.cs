namespace NativeChain;

public static partial class F
{
    /// <summary>Layer normalization: each example to mean 0 and variance 1 over its units, then scaled and shifted.</summary>
    /// <remarks>See J. L. Ba, J. R. Kiros, G. E. Hinton: Layer Normalization, https://arxiv.org/abs/1607.06450.</remarks>
    /// <param name="x">(N, D), floating point.</param>
    /// <param name="gamma">The scale, (D), of the dtype of <paramref name="x"/>.</param>
    /// <param name="beta">The shift, (D), of the dtype of <paramref name="x"/>.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    public static Variable LayerNormalization(Variable x, Variable gamma, Variable beta, double eps = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(gamma);
        ArgumentNullException.ThrowIfNull(beta);
        TypeCheck.Floating("LayerNormalization", "x", x.Array);
        TypeCheck.NDim("LayerNormalization", "x", x.Array, 2);
        Shape shape = x.Shape;
        TypeCheck.SameDType("LayerNormalization", "gamma", gamma.Array, x.DType);
        TypeCheck.SameShape("LayerNormalization", "gamma", gamma.Array, shape[1]);
        TypeCheck.SameDType("LayerNormalization", "beta", beta.Array, x.DType);
        TypeCheck.SameShape("LayerNormalization", "beta", beta.Array, shape[1]);
        return new Normalization("LayerNormalization", eps, (shape[0], 1), (1, shape[1])).ApplySingle(x, gamma, beta);
    }
}
