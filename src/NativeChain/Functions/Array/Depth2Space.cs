namespace NativeChain;

public static partial class F
{
    /// <summary>Blocks of channels as blocks of pixels: each r x r block of the result comes from r * r channels of one pixel.</summary>
    /// <remarks>y[n, c, h*r + i, w*r + j] = x[n, (i*r + j)*C + c, h, w] (Shi et al., 2016).</remarks>
    /// <param name="x">(N, r*r*C, H, W), floating point.</param>
    /// <param name="r">The side of a block.</param>
    /// <returns>(N, C, r*H, r*W).</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point with 4 axes, or its channels are no multiple of r * r.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="r"/> is below 1.</exception>
    public static Variable Depth2Space(Variable x, int r)
    {
        Shape s = ImageShape("Depth2Space", x, r);
        int c = s[1] / (r * r);
        if (c * r * r != s[1])
        {
            TypeCheck.Throw("Depth2Space", "x", $"a multiple of {r * r} channels", $"shape {s}");
        }

        Variable y = Transpose(Reshape(x, [s[0], r, r, c, s[2], s[3]]), 0, 3, 4, 1, 5, 2);
        return Reshape(y, [s[0], c, s[2] * r, s[3] * r]);
    }

    /// <summary>Blocks of pixels as blocks of channels: the inverse of <see cref="Depth2Space"/>.</summary>
    /// <remarks>y[n, (i*r + j)*C + c, h, w] = x[n, c, h*r + i, w*r + j].</remarks>
    /// <param name="x">(N, C, r*H, r*W), floating point.</param>
    /// <param name="r">The side of a block.</param>
    /// <returns>(N, r*r*C, H, W).</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point with 4 axes, or its height or width is no multiple of r.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="r"/> is below 1.</exception>
    public static Variable Space2Depth(Variable x, int r)
    {
        Shape s = ImageShape("Space2Depth", x, r);
        if (s[2] % r != 0 || s[3] % r != 0)
        {
            TypeCheck.Throw("Space2Depth", "x", $"a height and width that {r} divides", $"shape {s}");
        }

        Variable y = Transpose(Reshape(x, [s[0], s[1], s[2] / r, r, s[3] / r, r]), 0, 3, 5, 1, 2, 4);
        return Reshape(y, [s[0], r * r * s[1], s[2] / r, s[3] / r]);
    }

    private static Shape ImageShape(string function, Variable x, int r)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(r, 1);
        TypeCheck.Floating(function, "x", x.RawArray!);
        TypeCheck.NDim(function, "x", x.RawArray!, 4);
        return x.Shape;
    }
}
