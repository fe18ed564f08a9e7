namespace NativeChain;

public static partial class F
{
    /// <summary>The greatest element of each pool of neighbours along an axis.</summary>
    /// <remarks>
    /// Each of several equal ones takes the whole gradient. See I. J. Goodfellow, D. Warde-Farley, M. Mirza, A. Courville, Y. Bengio: Maxout Networks,
    /// https://arxiv.org/abs/1302.4389.
    /// </remarks>
    /// <param name="x">An array of any shape with that axis; floating point.</param>
    /// <param name="poolSize">How many neighbours make a pool; a divisor of the extent along the axis.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <returns>An array of the dtype of <paramref name="x"/>, <paramref name="poolSize"/> times shorter along the axis.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, lacks the axis, or is not of whole pools.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="poolSize"/> is not positive.</exception>
    public static Variable Maxout(Variable x, int poolSize, int axis = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (poolSize <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(poolSize), poolSize, "Maxout: poolSize must be positive");
        }

        TypeCheck.Floating("Maxout", "x", x.Array);
        int along = TypeCheck.Axis("Maxout", "x", x.Array, axis);
        if (x.Shape[along] % poolSize != 0)
        {
            TypeCheck.Throw("Maxout", "x", $"a multiple of {poolSize} along axis {axis}", $"shape {x.Shape}");
        }

        ReadOnlySpan<int> shape = x.Shape.Span;
        return Max(Reshape(x, [.. shape[..along], shape[along] / poolSize, poolSize, .. shape[(along + 1)..]]), along + 1);
    }
}
