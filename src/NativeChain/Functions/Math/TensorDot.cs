namespace NativeChain;

public static partial class F
{
    /// <summary>The sum of the products over the last axes of one array and the first of another.</summary>
    /// <param name="a">The left operand; floating point.</param>
    /// <param name="b">The right operand; floating point.</param>
    /// <param name="axes">Over how many axes, of the same extents; 0 gives the product of each element with each.</param>
    /// <returns>The other axes of <paramref name="a"/>, then those of <paramref name="b"/>; of the dtype to which theirs promote.</returns>
    /// <exception cref="InvalidTypeException">An operand is not floating point.</exception>
    /// <exception cref="ArgumentException">The extents differ, an operand has fewer axes, or the number is negative.</exception>
    public static Variable TensorDot(Variable a, Variable b, int axes = 2)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (axes < 0 || axes > Math.Min(a.NDim, b.NDim))
        {
            throw new ArgumentOutOfRangeException(nameof(axes), axes, $"TensorDot: no number of axes of shapes {a.Shape} and {b.Shape}.");
        }

        return TensorDot(a, b, [.. Enumerable.Range(a.NDim - axes, axes)], [.. Enumerable.Range(0, axes)]);
    }

    /// <summary>The sum of the products over pairs of axes.</summary>
    /// <param name="a">The left operand; floating point.</param>
    /// <param name="b">The right operand; floating point.</param>
    /// <param name="axes">The axes of <paramref name="a"/>, and for each that of <paramref name="b"/> of the same extent; negative ones count from the end.</param>
    /// <returns>The other axes of <paramref name="a"/>, then those of <paramref name="b"/>; of the dtype to which theirs promote.</returns>
    /// <exception cref="InvalidTypeException">An operand is not floating point.</exception>
    /// <exception cref="ArgumentException">The extents differ, not as many axes of the one as of the other, an axis twice, or no such axis.</exception>
    public static Variable TensorDot(Variable a, Variable b, (Axes A, Axes B) axes)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (axes.A.IsAll || axes.B.IsAll)
        {
            throw new ArgumentException("TensorDot: the axes of both operands are named.", nameof(axes));
        }

        return TensorDot(a, b, axes.A.ToArray(), axes.B.ToArray());
    }

    private static Variable TensorDot(Variable a, Variable b, int[] axesA, int[] axesB)
    {
        TypeCheck.Floating("TensorDot", "a", a.RawArray!);
        TypeCheck.Floating("TensorDot", "b", b.RawArray!);
        (int[] labelsA, int[] labelsB, int[] output) = NDArray.TensorDotLabels(a.Shape, b.Shape, axesA, axesB, "TensorDot");
        return new Einsum([labelsA, labelsB], output, default, null, "TensorDot").ApplySingle(a, b);
    }
}
