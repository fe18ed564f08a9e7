namespace NativeChain;

public static partial class F
{
    private static Elementwise RReluElementwise => field ??=
        Elementwise.Of((x, r) => Expr.Select(x >= 0, x, x * r), "RRelu")
            .WithGradient((x, y, gy) => [Expr.Select(x[0] >= 0, gy[0], gy[0] * x[1]), default])
            .Taking(TypeRule.FloatingSameShape, "x", "r");

    /// <summary>The randomized rectified linear unit: negative elements are scaled by random factors, and in test mode by their mean.</summary>
    /// <remarks>
    /// y = x for x >= 0, else r * x, with r uniform over [l, u). The gradient at 0 is 1. See B. Xu, N. Wang, T. Chen, M. Li: Empirical Evaluation of
    /// Rectified Activations in Convolutional Network, https://arxiv.org/abs/1505.00853.
    /// </remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="l">The least factor: at least 0, less than <paramref name="u"/>.</param>
    /// <param name="u">The limit of the factors: less than 1.</param>
    /// <param name="r">The factors to use in training instead of random ones, of the shape and dtype of <paramref name="x"/>.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or <paramref name="r"/> is of another shape or dtype.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="l"/> and <paramref name="u"/> are outside [0, 1), or not in order.</exception>
    public static Variable RRelu(Variable x, double l = 1.0 / 8, double u = 1.0 / 3, NDArray? r = null)
    {
        CheckRRelu(x, l, u, r);
        return Config.Train ? RReluElementwise.Apply(x, r ?? RandomSlopes(x, l, u)) : RReluElementwise.Apply(x, (l + u) / 2);
    }

    /// <summary>The randomized rectified linear unit, and the factors that it used.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="returnR">Whether to return the factors.</param>
    /// <param name="l">The least factor: at least 0, less than <paramref name="u"/>.</param>
    /// <param name="u">The limit of the factors: less than 1.</param>
    /// <param name="r">The factors to use in training instead of random ones, of the shape and dtype of <paramref name="x"/>.</param>
    /// <returns>The result, and the factors, of the shape and dtype of <paramref name="x"/>; null if they were not asked for.</returns>
    /// <inheritdoc cref="RRelu(Variable, double, double, NDArray?)" path="/exception"/>
    public static (Variable Y, NDArray? R) RRelu(
        Variable x, bool returnR, double l = 1.0 / 8, double u = 1.0 / 3, NDArray? r = null)
    {
        if (!returnR)
        {
            return (RRelu(x, l, u, r), null);
        }

        CheckRRelu(x, l, u, r);
        r = Config.Train ? r ?? RandomSlopes(x, l, u) : NDArray.FullLike(x.Array, (l + u) / 2);
        return (RReluElementwise.Apply(x, r), r);
    }

    private static NDArray RandomSlopes(Variable x, double l, double u) => NDArray.Random.Uniform(l, u, x.Shape, x.DType, x.Device);

    private static void CheckRRelu(Variable x, double l, double u, NDArray? r)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!(l >= 0 && l < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(l), l, "RRelu: l must be at least 0 and less than 1");
        }

        if (!(u > l && u < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(u), u, $"RRelu: u must be greater than l, {l}, and less than 1");
        }

        if (Config.TypeCheck)
        {
            TypeCheck.Floating("RRelu", "x", x.Array);
            if (r is not null)
            {
                TypeCheck.SameDType("RRelu", "r", r, x.DType);
                TypeCheck.SameShape("RRelu", "r", r, x.Shape);
            }
        }
    }
}
