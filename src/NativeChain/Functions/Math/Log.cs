namespace NativeChain;

public static partial class F
{
    private static readonly Elementwise s_log =
        Elementwise.Of(x => Expr.Log(x), "Log").Taking(TypeRule.Floating, "x");

    /// <summary>The natural logarithm of each element.</summary>
    /// <remarks>0 gives -infinity, a negative number NaN.</remarks>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point.</exception>
    public static Variable Log(Variable x) => s_log.Apply(x);
}
