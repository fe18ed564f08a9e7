namespace NativeChain;

public static partial class F
{
    private static Elementwise HalfSquareElementwise => field ??= Elementwise.Of(x => 0.5 * Expr.Square(x), "HalfSquaredSum");

    /// <summary>The cross-covariance of two groups of variables, whose decorrelation it measures (Cheung et al., 2015).</summary>
    /// <remarks>C = (y - mean(y))^T (z - mean(z)) / N, the means over the examples; loss = sum(C^2) / 2.</remarks>
    /// <param name="y">(N, D1), floating point.</param>
    /// <param name="z">(N, D2), of the same dtype.</param>
    /// <param name="reduce">"half_squared_sum", or "no" for the covariances themselves.</param>
    /// <returns>A 0-d array, or (D1, D2).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither of these.</exception>
    public static Variable CrossCovariance(Variable y, Variable z, string reduce = "half_squared_sum")
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(z);
        CheckReduce("CrossCovariance", reduce, "half_squared_sum", "no");
        CheckMatrix("CrossCovariance", "y", y.RawArray!);
        CheckMatrix("CrossCovariance", "z", z.RawArray!);
        TypeCheck.SameDType("CrossCovariance", "z", z.RawArray!, y.DType);
        TypeCheck.Extent("CrossCovariance", "z", z.RawArray!, 0, y.Shape[0]);
        Variable covariance = MatMul(Centered(y), Centered(z), transa: true) / y.Shape[0];
        return reduce == "no" ? covariance : HalfSquareElementwise.ApplySum(covariance.Shape, covariance);
    }

    /// <summary>The covariances of a layer's units with each other, whose decorrelation they measure (Cogswell et al., 2016).</summary>
    /// <remarks>C = (h - mean(h))^T (h - mean(h)) / N with zeros on the diagonal, the mean over the examples; loss = sum(C^2) / 2.</remarks>
    /// <param name="h">(N, D), floating point.</param>
    /// <param name="reduce">"half_squared_sum", or "no" for the covariances themselves.</param>
    /// <returns>A 0-d array, or (D, D).</returns>
    /// <exception cref="InvalidTypeException"><paramref name="h"/> is not floating point with two axes.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither of these.</exception>
    public static Variable DeCov(Variable h, string reduce = "half_squared_sum")
    {
        ArgumentNullException.ThrowIfNull(h);
        CheckReduce("DeCov", reduce, "half_squared_sum", "no");
        CheckMatrix("DeCov", "h", h.RawArray!);
        Variable centered = Centered(h);
        NDArray offDiagonal = (1 - NDArray.Eye(h.Shape[1], dtype: h.DType)).To(h.Device);
        Variable covariance = MatMul(centered, centered, transa: true) * (offDiagonal / h.Shape[0]);
        return reduce == "no" ? covariance : HalfSquareElementwise.ApplySum(covariance.Shape, covariance);
    }

    private static Variable Centered(Variable x) => x - Mean(x, 0, keepDims: true);

    private static void CheckMatrix(string function, string argument, NDArray x)
    {
        TypeCheck.Floating(function, argument, x);
        TypeCheck.NDim(function, argument, x, 2);
    }
}
