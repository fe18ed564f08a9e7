namespace NativeChain;

public static partial class F
{
    private static Elementwise GaussianKLDivergenceElementwise => field ??= Elementwise.Of(
            (mean, lnVar, scale) => (Expr.Square(mean) + Expr.Exp(lnVar) - lnVar - 1) * (0.5 * scale), "GaussianKLDivergence")
        .Taking(TypeRule.Floating, "mean", "lnVar", "scale");

    private static Elementwise BernoulliNLLElementwise => field ??= Elementwise.Of((x, y, scale) => (Expr.Softplus(y) - (x * y)) * scale, "BernoulliNLL")
        .Taking(TypeRule.Floating, "x", "y", "scale");

    private static Elementwise GaussianNLLElementwise => field ??= Elementwise.Of(
            (x, mean, lnVar, scale) => (lnVar + Math.Log(2 * Math.PI) + (Expr.Square(x - mean) * Expr.Exp(-lnVar))) * (0.5 * scale), "GaussianNLL")
        .Taking(TypeRule.Floating, "x", "mean", "lnVar", "scale");

    /// <summary>The Kullback-Leibler divergence of normal distributions with diagonal covariance from the standard one (Kingma and Welling, 2014).</summary>
    /// <remarks>(mean^2 + exp(lnVar) - lnVar - 1) / 2 of each element.</remarks>
    /// <param name="mean">The means; floating point.</param>
    /// <param name="lnVar">The logarithms of the variances, of a shape that broadcasts with the means; of the same dtype.</param>
    /// <param name="reduce">"sum", "mean" over all elements, or "no" for the divergence of each.</param>
    /// <returns>A 0-d array, or one of the shape that both broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is none of these.</exception>
    public static Variable GaussianKLDivergence(Variable mean, Variable lnVar, string reduce = "sum") =>
        Likelihood(GaussianKLDivergenceElementwise, reduce, mean, lnVar);

    /// <summary>The negative log-likelihood of Bernoulli distributions.</summary>
    /// <remarks>softplus(y) - x y of each element, where sigmoid(y) is the probability that x is 1; no sigmoid is computed, so none overflows.</remarks>
    /// <param name="x">Values from 0 to 1; floating point.</param>
    /// <param name="y">The logits, of a shape that broadcasts with the values; of the same dtype.</param>
    /// <param name="reduce">"sum", "mean" over all elements, or "no" for the loss of each.</param>
    /// <returns>A 0-d array, or one of the shape that both broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is none of these.</exception>
    public static Variable BernoulliNLL(Variable x, Variable y, string reduce = "sum") =>
        Likelihood(BernoulliNLLElementwise, reduce, x, y);

    /// <summary>The negative log-likelihood of normal distributions with diagonal covariance.</summary>
    /// <remarks>(lnVar + log(2 pi) + (x - mean)^2 exp(-lnVar)) / 2 of each element.</remarks>
    /// <param name="x">The values; floating point.</param>
    /// <param name="mean">The means, of the same dtype; all shapes broadcast.</param>
    /// <param name="lnVar">The logarithms of the variances, of the same dtype.</param>
    /// <param name="reduce">"sum", "mean" over all elements, or "no" for the loss of each.</param>
    /// <returns>A 0-d array, or one of the shape that all broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is none of these.</exception>
    public static Variable GaussianNLL(Variable x, Variable mean, Variable lnVar, string reduce = "sum") =>
        Likelihood(GaussianNLLElementwise, reduce, x, mean, lnVar);

    /// <summary>A program's results, their sum or their mean, in one pass; its last input is what they are multiplied by.</summary>
    private static Variable Likelihood(Elementwise program, string reduce, params ReadOnlySpan<Variable> xs)
    {
        CheckReduce(program.Name, reduce, "sum", "mean", "no");
        Span<Operand> operands = new Operand[xs.Length + 1];
        Shape shape = Shape.Scalar;
        for (int i = 0; i < xs.Length; i++)
        {
            operands[i] = xs[i];

            // Shapes that do not broadcast are refused by the program, by the names of its operands.
            shape = xs[i] is not null && Shape.TryBroadcast(shape, xs[i].Shape, out Shape both) ? both : shape;
        }

        long size = shape.Size;
        operands[^1] = reduce == "mean" ? 1.0 / size : 1.0;
        if (reduce == "no")
        {
            return program.Apply(operands);
        }

        Variable loss = program.ApplySum(shape, operands);
        return reduce == "mean" && size == 0 ? loss * double.NaN : loss;
    }
}
