namespace NativeChain;

public static partial class F
{
    // The gradient of the root at 0 is 0.
    private static Elementwise LengthElementwise => field ??=
        Elementwise.Of(x => Expr.Sqrt(x), "Norm").WithGradient((x, y, gy) => Expr.Select(x > 0, gy / (2 * y), 0));

    private static Elementwise PullElementwise => field ??= Elementwise.Of((d, margin, weight) => Expr.Square(Expr.Maximum(0, d - margin)) * weight, "Variance");
    private static Elementwise PushElementwise => field ??= Elementwise.Of((d, margin, weight) => Expr.Square(Expr.Maximum(0, margin - d)) * weight, "Distance");

    /// <summary>The discriminative loss of instance segmentation: pixels of an instance are drawn to its mean, the means of instances pushed apart (De Brabandere et al., 2017).</summary>
    /// <remarks>
    /// With the mean m of each instance of an image: variance = mean over instances of the mean over their pixels of max(0, |m - e| - deltaV)^2, distance = mean over pairs of instances
    /// of max(0, 2 deltaD - |m1 - m2|)^2, regularization = mean of |m|. An instance without pixels has the mean 0. Of norm 2 the gradient at distance 0 is 0, where the original has none.
    /// </remarks>
    /// <param name="embeddings">(N, D, H, W), floating point.</param>
    /// <param name="labels">The instance of each pixel, from 1 to <paramref name="maxEmbeddingDim"/>, (N, H, W); int32 or int64. Others, such as 0, belong to none.</param>
    /// <param name="deltaV">The distance from its mean up to which a pixel is not drawn.</param>
    /// <param name="deltaD">Half the distance from which on means are not pushed.</param>
    /// <param name="maxEmbeddingDim">How many instances there are at most; D as well.</param>
    /// <param name="norm">1 or 2: which norm |.| is.</param>
    /// <param name="alpha">The factor of the variance.</param>
    /// <param name="beta">The factor of the distance.</param>
    /// <param name="gamma">The factor of the regularization.</param>
    /// <returns>Three 0-d arrays.</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="norm"/> is neither 1 nor 2, or <paramref name="maxEmbeddingDim"/> not positive.</exception>
    public static (Variable Variance, Variable Distance, Variable Regularization) DiscriminativeMarginBasedClusteringLoss(
        Variable embeddings,
        Variable labels,
        double deltaV,
        double deltaD,
        int maxEmbeddingDim,
        int norm = 1,
        double alpha = 1.0,
        double beta = 1.0,
        double gamma = 0.001)
    {
        const string Name = "DiscriminativeMarginBasedClusteringLoss";
        ArgumentNullException.ThrowIfNull(embeddings);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEmbeddingDim, 1);
        if (norm is not (1 or 2))
        {
            throw new ArgumentException($"{Name}: norm is {norm}, but must be 1 or 2.", nameof(norm));
        }

        TypeCheck.Floating(Name, "embeddings", embeddings.RawArray!);
        TypeCheck.NDim(Name, "embeddings", embeddings.RawArray!, 4);
        TypeCheck.Extent(Name, "embeddings", embeddings.RawArray!, 1, maxEmbeddingDim);
        (int n, int c, int pixels) = (embeddings.Shape[0], maxEmbeddingDim, checked(embeddings.Shape[2] * embeddings.Shape[3]));
        TypeCheck.SignedInteger(Name, "labels", labels.RawArray!);
        TypeCheck.SameShape(Name, "labels", labels.RawArray!, (n, embeddings.Shape[2], embeddings.Shape[3]));

        // (N, pixels, D), and which of the instances each pixel is of: (N, pixels, C).
        DType dtype = embeddings.DType;
        Variable pixel = SwapAxes(Reshape(embeddings, (n, c, pixels)), 1, 2);
        NDArray instances = NDArray.Arange(1, c + 1).To(embeddings.Device);
        NDArray member = Ops.Equal.Compute(labels.Array.Reshape((n, pixels, 1)), instances).AsType(dtype);
        NDArray count = member.Sum(1);
        Variable means = MatMul(member, pixel, transa: true) / Ops.Maximum.Compute(count, 1.0).ExpandDims(2);

        // Each pixel has one instance at most: its distance from that one's mean counts by 1 over all of the instance's pixels in the batch.
        Variable own = MatMul(member, means);
        NDArray isOfOne = member.Sum(2);
        NDArray weight = NDArray.MatMul(member, (1.0 / Ops.Maximum.Compute(count.Sum(0), 1.0)).ExpandDims(1)).Reshape((n, pixels));
        Variable deviation = Length((own - pixel) * isOfOne.ExpandDims(2), 2, norm);
        Variable variance = PullElementwise.ApplySum((n, pixels), deviation, deltaV, weight * (alpha / c));

        Variable apart = Length(ExpandDims(means, 2) - ExpandDims(means, 1), 3, norm);
        NDArray rank = NDArray.Arange(c).To(embeddings.Device);
        NDArray pairs = Ops.Less.Compute(rank.ExpandDims(1), rank).AsType(dtype) * (beta / Math.Max(n * (c * (c - 1) / 2), 1));
        Variable distance = PushElementwise.ApplySum((n, c, c), apart, 2 * deltaD, pairs);
        Variable regularization = Sum(Length(means, (0, 2), norm)) * (gamma / (c * n));
        return (variance, distance, regularization);
    }

    private static Variable Length(Variable x, Axes axes, int norm) => norm == 1 ? Sum(Absolute(x), axes) : LengthElementwise.Apply(Sum(Square(x), axes));
}
