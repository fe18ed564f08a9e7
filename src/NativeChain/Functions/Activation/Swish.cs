namespace NativeChain;

public static partial class F
{
    private static Elementwise SwishElementwise => field ??=
        Elementwise.Of((x, beta) => x * Expr.Sigmoid(beta * x), "Swish").Taking(TypeRule.Floating, "x", "beta");

    /// <summary>The Swish function: each element times the sigmoid of its multiple.</summary>
    /// <remarks>y = x * sigmoid(beta * x). See P. Ramachandran, B. Zoph, Q. V. Le: Searching for Activation Functions, https://arxiv.org/abs/1710.05941.</remarks>
    /// <param name="x">An array (N, ...); floating point.</param>
    /// <param name="beta">The factors, of the dtype of <paramref name="x"/> and the shape of its axes 1, 2, ...; its last axes may be missing, so that () is one factor for all.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or the shape of <paramref name="beta"/> does not fit.</exception>
    public static Variable Swish(Variable x, Variable beta)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(beta);
        return SwishElementwise.Apply(x, AlignedAt(1, "Swish", x, beta, nameof(beta)));
    }
}
