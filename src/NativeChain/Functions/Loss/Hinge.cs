namespace NativeChain;

public static partial class F
{
    // max(0, 1 - x) of the class that is the label, max(0, 1 + x) of the others. The gradient at the kink is 0.
    private static Elementwise HingeElementwise => field ??= Elementwise.Of(
        (x, c, t, scale) => Expr.Maximum(0, 1 + Expr.Select(Expr.Equal(c, t), -x, x)) * scale, "Hinge");

    private static Elementwise SquaredHingeElementwise => field ??= Elementwise.Of(
        (x, c, t, scale) => Expr.Square(Expr.Maximum(0, 1 + Expr.Select(Expr.Equal(c, t), -x, x))) * scale, "Hinge");

    /// <summary>The hinge loss of one class against the others.</summary>
    /// <remarks>
    /// loss = max(0, 1 - d x)^p with d = 1 for the label's class, -1 for the others; p = 1 with <paramref name="norm"/> "L1", 2 with "L2".
    /// The mean divides the sum by N, not by the number of classes.
    /// </remarks>
    /// <param name="x">Scores, (N, C); floating point.</param>
    /// <param name="t">Labels from 0 to C - 1, (N,); int32 or int64.</param>
    /// <param name="norm">"L1" or "L2".</param>
    /// <param name="reduce">"mean", or "no" for the loss of each score.</param>
    /// <returns>A 0-d array, or (N, C).</returns>
    /// <exception cref="InvalidTypeException">Dtypes or shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    /// <exception cref="ArgumentException"><paramref name="norm"/> or <paramref name="reduce"/> is neither of these.</exception>
    public static Variable Hinge(Variable x, Variable t, string norm = "L1", string reduce = "mean")
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        if (norm is not ("L1" or "L2"))
        {
            throw new ArgumentException($"Hinge: norm is '{norm}', but must be 'L1' or 'L2'.", nameof(norm));
        }

        CheckReduce("Hinge", reduce, "mean", "no");
        NDArray labels = t.Array;
        if (Config.TypeCheck)
        {
            TypeCheck.Floating("Hinge", "x", x.RawArray!);
            TypeCheck.NDim("Hinge", "x", x.RawArray!, 2);
            TypeCheck.SignedInteger("Hinge", "t", labels);
            TypeCheck.SameShape("Hinge", "t", labels, x.Shape[0]);
        }

        Labels.CheckInRange("Hinge", "t", labels, x.Shape[1]);
        Elementwise program = norm == "L1" ? HingeElementwise : SquaredHingeElementwise;
        NDArray classes = NDArray.Arange(x.Shape[1]).To(labels.Device);
        return reduce == "no"
            ? program.Apply(x, classes, labels.ExpandDims(1), 1.0)
            : program.ApplySum(x.Shape, x, classes, labels.ExpandDims(1), 1.0 / x.Shape[0]);
    }
}
