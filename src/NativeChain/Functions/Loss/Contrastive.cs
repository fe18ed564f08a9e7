namespace NativeChain;

public static partial class F
{
    // Of the squared distance d: its root has no gradient at 0, so that there the distance counts as eps.
    private static Elementwise ContrastiveElementwise => field ??= Elementwise
        .OfMany(
            5,
            x => [Expr.Select(x[1], x[0], Expr.Square(Expr.Maximum(x[2] - Expr.Sqrt(x[0]), 0))) * (0.5 * x[4])],
            "Contrastive")
        .WithGradient((x, y, gy) =>
        {
            Expr distance = Expr.Maximum(Expr.Sqrt(x[0]), x[3]);
            return [gy[0] * Expr.Select(x[1], 1, -(Expr.Maximum(x[2] - distance, 0) / distance)) * (0.5 * x[4]), default, default, default, default];
        });

    /// <summary>The contrastive loss of pairs: similar ones should be close, others at least a margin apart (Hadsell et al., 2006).</summary>
    /// <remarks>
    /// With the distance d = |x0 - x1| of a pair, loss = (y d^2 + (1 - y) max(margin - d, 0)^2) / 2. In the gradient d counts as at least 1e-7
    /// (5e-3 in float16 and bfloat16).
    /// </remarks>
    /// <param name="x0">(N, D), floating point, N at least 1.</param>
    /// <param name="x1">(N, D), of the same dtype.</param>
    /// <param name="y">1 for a similar pair, 0 for another, (N,); int32 or int64.</param>
    /// <param name="margin">How far other pairs should be apart; positive.</param>
    /// <param name="reduce">"mean", or "no" for the loss of each pair.</param>
    /// <returns>A 0-d array, or (N,).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit, or there is no pair.</exception>
    /// <exception cref="ArgumentException"><paramref name="margin"/> is not positive, or <paramref name="reduce"/> neither of these.</exception>
    public static Variable Contrastive(Variable x0, Variable x1, Variable y, double margin = 1, string reduce = "mean")
    {
        const string Name = "Contrastive";
        ArgumentNullException.ThrowIfNull(x0);
        ArgumentNullException.ThrowIfNull(x1);
        ArgumentNullException.ThrowIfNull(y);
        CheckMargin(Name, margin);
        CheckReduce(Name, reduce, "mean", "no");
        NDArray first = x0.RawArray!;
        NDArray labels = y.Array;
        if (Config.TypeCheck)
        {
            TypeCheck.Floating(Name, "x0", first);
            TypeCheck.NDim(Name, "x0", first, 2);
            TypeCheck.SameDType(Name, "x1", x1.RawArray!, first.DType);
            TypeCheck.SameShape(Name, "x1", x1.RawArray!, first.Shape);
            TypeCheck.SignedInteger(Name, "y", labels);
            TypeCheck.SameShape(Name, "y", labels, first.Shape[0]);
            CheckNotEmpty(Name, "x0", first);
        }

        Variable squares = SumAlongSecondAxis(Name, "x0", SquaredErrorElementwise, first, x0, x1);
        double eps = first.DType is DType.Float16 or DType.BFloat16 ? 5e-3 : 1e-7;
        return reduce == "no"
            ? ContrastiveElementwise.Apply(squares, labels, margin, eps, 1.0)
            : ContrastiveElementwise.ApplySum(squares.Shape, squares, labels, margin, eps, 1.0 / squares.Size);
    }

    private static void CheckMargin(string function, double margin)
    {
        if (!(margin > 0))
        {
            throw new ArgumentException($"{function}: margin is {margin}, but must be positive.", nameof(margin));
        }
    }

    private static void CheckNotEmpty(string function, string argument, NDArray x)
    {
        if (x.Shape[0] == 0)
        {
            TypeCheck.Throw(function, argument, "at least 1 element along axis 0", $"shape {x.Shape}");
        }
    }
}
