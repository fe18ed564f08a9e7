namespace NativeChain;

public static partial class F
{
    /// <summary>Each element rounded towards plus infinity.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>, which is no part of a graph: the gradient would be 0.</returns>
    public static Variable Ceil(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return NDArray.Ceil(x.Array);
    }

    /// <summary>Each element rounded towards minus infinity.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>, which is no part of a graph: the gradient would be 0.</returns>
    public static Variable Floor(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return NDArray.Floor(x.Array);
    }

    /// <summary>Each element rounded towards 0.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>, which is no part of a graph: the gradient would be 0.</returns>
    public static Variable Fix(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return NDArray.Trunc(x.Array);
    }

    /// <summary>The sign of each element: -1, 0 or 1; NaN stays.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>, which is no part of a graph: the gradient would be 0.</returns>
    public static Variable Sign(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return NDArray.Sign(x.Array);
    }
}
