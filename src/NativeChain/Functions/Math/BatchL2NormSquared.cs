namespace NativeChain;

public static partial class F
{
    private static Elementwise BatchL2NormSquaredElementwise => field ??=
        Elementwise.Of(x => Expr.Square(x), "BatchL2NormSquared").Taking(TypeRule.Floating, "x");

    /// <summary>The sum of the squares of each example's elements.</summary>
    /// <param name="x">An array (N, ...) of two axes or more; floating point.</param>
    /// <returns>An array (N), computed in one pass.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or has fewer than two axes.</exception>
    public static Variable BatchL2NormSquared(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.MinNDim("BatchL2NormSquared", "x", x.Array, 2);
        int[] kept = new int[x.NDim];
        Array.Fill(kept, 1);
        kept[0] = x.Shape[0];
        return Reshape(BatchL2NormSquaredElementwise.ApplySumTo(kept, x.Shape, x), kept[0]);
    }
}
