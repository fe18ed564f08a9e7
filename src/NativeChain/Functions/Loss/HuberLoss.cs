namespace NativeChain;

public static partial class F
{
    // The gradient clips the difference, and passes at the edges.
    private static Elementwise HuberLossElementwise => field ??= Elementwise.Of(
            (x, t, delta) => Expr.Select(Expr.Abs(x - t) <= delta, 0.5 * Expr.Square(x - t), delta * (Expr.Abs(x - t) - (0.5 * delta))), "HuberLoss")
        .Taking(TypeRule.FloatingSameShape, "x", "t", "delta");

    /// <summary>The Huber loss: the square of a small difference, the absolute value of a large one (Huber, 1964).</summary>
    /// <remarks>With d = x - t: d^2 / 2 where |d| is at most delta, else delta (|d| - delta / 2).</remarks>
    /// <param name="x">An array; floating point. At least two axes unless <paramref name="reduce"/> is "no".</param>
    /// <param name="t">An array of the same shape and dtype.</param>
    /// <param name="delta">The difference up to which the loss is quadratic.</param>
    /// <param name="reduce">"sum_along_second_axis", or "no" for the loss of each element.</param>
    /// <returns>An array of the shape of <paramref name="x"/>, without axis 1 if it is summed over.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype and one shape, or there is no axis to sum over.</exception>
    /// <exception cref="ArgumentException"><paramref name="reduce"/> is neither of these.</exception>
    public static Variable HuberLoss(Variable x, Variable t, double delta, string reduce = "sum_along_second_axis")
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(t);
        CheckReduce("HuberLoss", reduce, "sum_along_second_axis", "no");
        return reduce == "no"
            ? HuberLossElementwise.Apply(x, t, delta)
            : SumAlongSecondAxis("HuberLoss", "x", HuberLossElementwise, x.RawArray!, x, t, delta);
    }

    /// <summary>The sum of a program's results along axis 1, without an array of the results.</summary>
    /// <param name="function">The name for a message.</param>
    /// <param name="argument">What <paramref name="x"/> is called.</param>
    /// <param name="program">The program.</param>
    /// <param name="x">An array of the shape of the results.</param>
    /// <param name="operands">What the program takes.</param>
    /// <returns>The shape of <paramref name="x"/> without axis 1.</returns>
    private static Variable SumAlongSecondAxis(
        string function, string argument, Elementwise program, NDArray x, params ReadOnlySpan<Operand> operands)
    {
        TypeCheck.MinNDim(function, argument, x, 2);
        Shape kept = Axes.Reduce(x.Shape, 0b10, keepDims: true);
        return Reshape(program.ApplySumTo(kept, x.Shape, operands), Axes.Reduce(x.Shape, 0b10, keepDims: false));
    }

    /// <summary>Refuses what is none of the ways to reduce a loss.</summary>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    private static void CheckReduce(string function, string reduce, params ReadOnlySpan<string> allowed)
    {
        if (!allowed.Contains(reduce))
        {
            throw new ArgumentException($"{function}: reduce is '{reduce}', but must be one of '{string.Join("', '", allowed!)}'.", nameof(reduce));
        }
    }
}
