namespace NativeChain;

public static partial class F
{
    private static Elementwise LgammaElementwise => field ??= Elementwise.Of(x => SpecialExpr.Lgamma(x), "Lgamma")
        .WithGradient((x, y, gy) => gy * SpecialExpr.Digamma(x))
        .Taking(TypeRule.Floating, "x");

    private static Elementwise DigammaElementwise => field ??= Elementwise.Of(x => SpecialExpr.Digamma(x), "Digamma")
        .WithGradient((x, y, gy) => gy * SpecialExpr.Trigamma(x))
        .Taking(TypeRule.Floating, "x");

    /// <summary>The natural logarithm of the absolute value of the gamma function of each element.</summary>
    /// <remarks>0 and negative whole numbers give infinity. The error is some units in the last place of the result or of 10, whichever is greater.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Lgamma(Variable x) => LgammaElementwise.Apply(x);

    /// <summary>The digamma function of each element: the derivative of <see cref="Lgamma"/>.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Digamma(Variable x) => DigammaElementwise.Apply(x);

    /// <summary>The n-th derivative of <see cref="Digamma"/> at each element.</summary>
    /// <remarks>(-1)^(n+1) n! zeta(n + 1, x); <see cref="Digamma"/> for n = 0. With n above 0, x below 0 gives NaN.</remarks>
    /// <param name="n">The orders, 0 and above; int32 or int64. They carry no gradient.</param>
    /// <param name="x">An array of a shape that broadcasts with that of <paramref name="n"/>; floating point.</param>
    /// <returns>An array of the shape that both broadcast to and of the dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="n"/> is not int32 or int64, <paramref name="x"/> not floating point, or the shapes do not broadcast.</exception>
    public static Variable Polygamma(Variable n, Variable x) => new Polygamma().ApplySingle(n, x);

    /// <summary>Hurwitz's zeta function: the sum of (q + k)^-x over k = 0, 1, 2, ...</summary>
    /// <remarks>x below 1 and q below 0 give NaN, 1 and 0 infinity.</remarks>
    /// <param name="x">The exponents, of any shape; floating point. They carry no gradient.</param>
    /// <param name="q">Where the sum begins, of the same dtype, of a shape that broadcasts with that of <paramref name="x"/>.</param>
    /// <returns>An array of the shape that both broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or their shapes do not broadcast.</exception>
    public static Variable Zeta(Variable x, Variable q) => new Zeta().ApplySingle(x, q);
}

/// <summary>The node of <see cref="F.Polygamma"/>: its gradient is the function itself of the next order, so that programs stay short.</summary>
internal sealed class Polygamma : FunctionNode
{
    private static readonly Elementwise s_polygamma = Elementwise.Of((n, x) => SpecialExpr.Polygamma(n, x), "Polygamma");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        return [s_polygamma.Compute(inputs[0].AsType(inputs[1].DType), inputs[1])];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        NDArray n = GetRetainedInput(0).Array;
        Variable x = GetRetainedInput(1);
        return [null, F.SumTo(gradOutputs[0]! * F.Polygamma(n + 1, x), x.Shape)];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.SignedInteger("Polygamma", "n", inputs[0]);
        TypeCheck.Floating("Polygamma", "x", inputs[1]);
        TypeCheck.Broadcast("Polygamma", "x", inputs[1], inputs[0].Shape);
    }
}

/// <summary>The node of <see cref="F.Zeta"/>: its gradient is the function itself of the next exponent, so that programs stay short.</summary>
internal sealed class Zeta : FunctionNode
{
    private static readonly Elementwise s_zeta = Elementwise.Of((x, q) => SpecialExpr.Zeta(x, q), "Zeta");

    internal override bool ReleasesGradients => true;

    public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs)
    {
        RetainInputs(0, 1);
        return [s_zeta.Compute(inputs[0], inputs[1])];
    }

    public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs)
    {
        NDArray x = GetRetainedInput(0).Array;
        Variable q = GetRetainedInput(1);
        return [null, F.SumTo(gradOutputs[0]! * -x * F.Zeta(x + 1, q), q.Shape)];
    }

    protected override void CheckTypes(ReadOnlySpan<NDArray> inputs)
    {
        TypeCheck.Floating("Zeta", "x", inputs[0]);
        TypeCheck.SameDType("Zeta", "q", inputs[1], inputs[0].DType);
        TypeCheck.Broadcast("Zeta", "q", inputs[1], inputs[0].Shape);
    }
}
