namespace NativeChain;

public static partial class F
{
    /// <summary>The elements in one axis, in C order.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <returns>(size,).</returns>
    public static Variable Flatten(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Reshape(x, checked((int)x.Size));
    }
}
