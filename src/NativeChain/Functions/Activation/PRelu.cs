namespace NativeChain;

public static partial class F
{
    private static Elementwise PReluElementwise => field ??=
        Elementwise.Of((x, w) => Expr.Select(x >= 0, x, x * w), "PRelu").Taking(TypeRule.Floating, "x", "W");

    /// <summary>The parametric rectified linear unit: negative elements are scaled by factors that can be learnt.</summary>
    /// <remarks>
    /// y = x for x >= 0, else W * x. The gradient at 0 is 1. See K. He, X. Zhang, S. Ren, J. Sun: Delving Deep into Rectifiers, https://arxiv.org/abs/1502.01852.
    /// </remarks>
    /// <param name="x">An array (N, ...); floating point.</param>
    /// <param name="W">The factors, of the dtype of <paramref name="x"/> and the shape of its axes 1, 2, ...; its last axes may be missing, so that () is one factor for all.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or the shape of <paramref name="W"/> does not fit.</exception>
    public static Variable PRelu(Variable x, Variable W)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(W);
        return PReluElementwise.Apply(x, AlignedAt(1, "PRelu", x, W, nameof(W)));
    }
}
