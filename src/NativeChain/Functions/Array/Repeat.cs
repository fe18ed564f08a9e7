namespace NativeChain;

public static partial class F
{
    /// <summary>Each element repeated, the repetitions next to each other.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="repeats">How often.</param>
    /// <param name="axis">The axis along which; where null, <paramref name="x"/> is seen as one axis in C order.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks the axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="repeats"/> is negative.</exception>
    public static Variable Repeat(Variable x, int repeats, int? axis = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(repeats);
        Variable along = AlongOne(x, ref axis, "Repeat");
        Span<int> shape = stackalloc int[along.NDim];
        along.Shape.Span.CopyTo(shape);
        int at = axis!.Value;
        int n = shape[at];
        int outer = checked((int)new Shape(shape[..at]).Size);
        int inner = checked((int)new Shape(shape[(at + 1)..]).Size);
        shape[at] = checked(n * repeats);

        // The elements are read in place; what joins the repeated axis to the other makes the one copy.
        Variable y = BroadcastTo(Reshape(along, (outer, n, 1, inner)), (outer, n, repeats, inner));
        return Reshape(y, new Shape(shape));
    }

    /// <summary>Each element along an axis repeated a number of times of its own, the repetitions next to each other.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="repeats">How often each; a single number counts for all.</param>
    /// <param name="axis">The axis along which; where null, <paramref name="x"/> is seen as one axis in C order.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks the axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number in <paramref name="repeats"/> is negative.</exception>
    /// <exception cref="ArgumentException">Not as many numbers as elements along the axis.</exception>
    public static Variable Repeat(Variable x, int[] repeats, int? axis = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(repeats);
        if (repeats.Length == 1)
        {
            return Repeat(x, repeats[0], axis);
        }

        Variable along = AlongOne(x, ref axis, "Repeat");
        int at = axis!.Value;
        if (repeats.Length != along.Shape[at])
        {
            throw new ArgumentException(
                $"Repeat: {repeats.Length} numbers for {along.Shape[at]} elements along axis {at} of shape {along.Shape}.", nameof(repeats));
        }

        var source = new List<int>();
        for (int i = 0; i < repeats.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(repeats[i], nameof(repeats));
            for (int k = 0; k < repeats[i]; k++)
            {
                source.Add(i);
            }
        }

        var index = new IndexExpr[at + 1];
        System.Array.Fill(index, ..);
        index[at] = source.ToArray();
        return GetItem(along, index);
    }

    // The array and the axis, counted from 0; or the array along its one axis.
    private static Variable AlongOne(Variable x, ref int? axis, string function)
    {
        Variable along = axis is null ? Flatten(x) : x;
        axis = TypeCheck.Axis(function, "x", along.RawArray!, axis ?? 0);
        return along;
    }
}
