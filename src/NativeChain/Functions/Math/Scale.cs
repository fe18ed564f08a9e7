namespace NativeChain;

public static partial class F
{
    private static Elementwise ScaleElementwise => field ??= Elementwise.Of((x, y) => x * y, "Scale").Taking(TypeRule.Floating, "x", "y");
    private static Elementwise BiasElementwise => field ??= Elementwise.Of((x, y) => x + y, "Bias").Taking(TypeRule.Floating, "x", "y");

    /// <summary>The product of an array and one of fewer axes, which begin at one of the first's.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="y">The factors, of the dtype of <paramref name="x"/> and the shape of its axes from <paramref name="axis"/> on; its last axes may be missing.</param>
    /// <param name="axis">The axis of <paramref name="x"/> that the first axis of <paramref name="y"/> goes with; negative counts from the end.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>, computed in one pass.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or the shape of <paramref name="y"/> does not fit.</exception>
    public static Variable Scale(Variable x, Variable y, int axis = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return ScaleElementwise.Apply(x, AlignedAt(axis, "Scale", x, y, nameof(y)));
    }

    /// <summary>The sum of an array and one of fewer axes, which begin at one of the first's.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="y">What to add, of the dtype of <paramref name="x"/> and the shape of its axes from <paramref name="axis"/> on; its last axes may be missing.</param>
    /// <param name="axis">The axis of <paramref name="x"/> that the first axis of <paramref name="y"/> goes with; negative counts from the end.</param>
    /// <returns>An array of the shape and dtype of <paramref name="x"/>, computed in one pass.</returns>
    /// <exception cref="InvalidTypeException">The arrays are not floating point of one dtype, or the shape of <paramref name="y"/> does not fit.</exception>
    public static Variable Bias(Variable x, Variable y, int axis = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return BiasElementwise.Apply(x, AlignedAt(axis, "Bias", x, y, nameof(y)));
    }

    /// <summary>y with axes of extent 1 behind its own, so that it broadcasts along x with its first axis at one of x's.</summary>
    private static Variable AlignedAt(int axis, string function, Variable x, Variable y, string argument)
    {
        int first = axis < 0 ? axis + x.NDim : axis;
        if (first < 0 || first + y.NDim > x.NDim || !x.Shape.Span.Slice(first, y.NDim).SequenceEqual(y.Shape.Span))
        {
            TypeCheck.Throw(function, argument, $"the shape of axes {axis} and on of {x.Shape}", $"shape {y.Shape}");
        }

        int[] shape = new int[x.NDim - first];
        Array.Fill(shape, 1);
        y.Shape.Span.CopyTo(shape);
        return Reshape(y, shape);
    }
}
