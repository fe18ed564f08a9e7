namespace NativeChain;

public static partial class F
{
    private static Elementwise WhereElementwise => field ??=
        Elementwise.Of((condition, x, y) => Expr.Select(condition, x, y), "Where").Taking(TypeRule.Expression, "condition", "x", "y");

    /// <summary>The element of one array where a condition holds, else that of another.</summary>
    /// <param name="condition">Truth values; bool. They carry no gradient.</param>
    /// <param name="x">What is taken where the condition is true; any dtype.</param>
    /// <param name="y">What is taken elsewhere; of the dtype of <paramref name="x"/>.</param>
    /// <returns>An array of the shape that all three broadcast to.</returns>
    /// <exception cref="InvalidTypeException">The condition is not bool, the dtypes differ, or the shapes do not broadcast.</exception>
    public static Variable Where(NDArray condition, Variable x, Variable y)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (Config.TypeCheck)
        {
            TypeCheck.SameDType("Where", "condition", condition, DType.Bool);
            TypeCheck.SameDType("Where", "y", y.RawArray!, x.DType);
        }

        return WhereElementwise.Apply(condition, x, y);
    }
}
