namespace NativeChain.Tests;

/// <summary>Arrays element by element: how a function is computed by other means.</summary>
internal static class Elements
{
    /// <summary>A float64 array whose element at each position is a function of the position.</summary>
    public static NDArray Build(Shape shape, Func<int[], double> value)
    {
        var values = new double[shape.Size];
        var at = new int[shape.NDim];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = value(at);
            for (int i = at.Length - 1; i >= 0 && ++at[i] == shape[i]; i--)
            {
                at[i] = 0;
            }
        }

        return NDArray.FromSpan<double>(values, shape);
    }

    /// <summary>One element of a float64 array.</summary>
    public static double At(this NDArray x, params int[] at) => x[[.. at.Select(i => (IndexExpr)i)]].Item<double>();
}
