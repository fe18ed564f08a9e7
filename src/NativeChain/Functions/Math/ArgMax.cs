namespace NativeChain;

public static partial class F
{
    /// <summary>The index of the first greatest element along an axis.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axis to search along; null for the index in the flattened array.</param>
    /// <returns>An array of int32 without the axis, which carries no gradient.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks the axis.</exception>
    /// <exception cref="ArgumentException">There is no element to choose from.</exception>
    public static Variable ArgMax(Variable x, int? axis = null) => CheckedForIndex(x, "ArgMax", axis).ArgMax(axis).AsType(DType.Int32);

    /// <summary>The index of the first least element along an axis.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="axis">The axis to search along; null for the index in the flattened array.</param>
    /// <returns>An array of int32 without the axis, which carries no gradient.</returns>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks the axis.</exception>
    /// <exception cref="ArgumentException">There is no element to choose from.</exception>
    public static Variable ArgMin(Variable x, int? axis = null) => CheckedForIndex(x, "ArgMin", axis).ArgMin(axis).AsType(DType.Int32);

    private static NDArray CheckedForIndex(Variable x, string function, int? axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        TypeCheck.Floating(function, "x", x.Array);
        TypeCheck.Axes(function, "x", x.Array, axis);
        return x.Array;
    }
}
