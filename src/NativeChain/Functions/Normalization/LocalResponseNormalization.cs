namespace NativeChain;

public static partial class F
{
    private static Elementwise LocalResponseElementwise => field ??= Elementwise.Of(
        (x, s, k, alpha, beta) => x * Expr.Pow(k + (alpha * s), -beta), "LocalResponseNormalization");

    /// <summary>Local response normalization: each element divided by a power of the squares in the channels around it.</summary>
    /// <remarks>
    /// y_i = x_i / (k + alpha * sum of x_j^2)^beta, over the channels j from i - n / 2 to i + n / 2 that there are. alpha is not divided by n. See
    /// section 3.3 of A. Krizhevsky, I. Sutskever, G. E. Hinton: ImageNet Classification with Deep Convolutional Neural Networks,
    /// https://www.cs.toronto.edu/~fritz/absps/imagenet.pdf.
    /// </remarks>
    /// <param name="x">(N, C) or (N, C, d...), floating point.</param>
    /// <param name="n">The width of the window over the channels; n / 2 to either side.</param>
    /// <param name="k">What is added to the sum.</param>
    /// <param name="alpha">What the sum is multiplied by.</param>
    /// <param name="beta">The power.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or has fewer than two axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is negative.</exception>
    public static Variable LocalResponseNormalization(Variable x, int n = 5, double k = 2, double alpha = 1e-4, double beta = 0.75)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        TypeCheck.Floating("LocalResponseNormalization", "x", x.Array);
        TypeCheck.MinNDim("LocalResponseNormalization", "x", x.Array, 2);
        Shape shape = x.Shape;
        int rest = 1;
        for (int i = 2; i < shape.NDim; i++)
        {
            rest *= shape[i];
        }

        // The channels as rows of an image, over which a window of 1 column slides.
        var image = new Shape(shape[0], 1, shape[1], rest);
        var window = new PoolingWindow("LocalResponseNormalization", 2, (1 + (n / 2 * 2), 1), 1, (n / 2, 0), coverAll: false);
        Variable squares = Reshape(Square(x), image);
        Variable sums = new AveragePooling("LocalResponseNormalization", window, PoolingDivisor.One, image).ApplySingle(squares);
        return LocalResponseElementwise.Apply(x, Reshape(sums, shape), k, alpha, beta);
    }
}
