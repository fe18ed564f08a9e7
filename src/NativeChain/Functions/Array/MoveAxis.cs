namespace NativeChain;

public static partial class F
{
    /// <summary>Axes moved to other places, the others in their order; a view.</summary>
    /// <param name="x">An array of any shape; floating point.</param>
    /// <param name="source">The axes to move, each once; negative ones count from the end.</param>
    /// <param name="destination">The place of each in the result.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> is not floating point, or lacks such an axis.</exception>
    /// <exception cref="ArgumentException">Not as many places as axes, or one named twice.</exception>
    public static Variable MoveAxis(Variable x, Axes source, Axes destination)
    {
        ArgumentNullException.ThrowIfNull(x);
        NDArray array = x.RawArray!;
        TypeCheck.Floating("MoveAxis", "x", array);
        TypeCheck.Axes("MoveAxis", "x", array, source);
        TypeCheck.Axes("MoveAxis", "x", array, destination);
        if (source.IsAll || destination.IsAll || source.Count != destination.Count)
        {
            throw new ArgumentException($"MoveAxis: {source} are as many axes as the places {destination} they go to.", nameof(destination));
        }

        return Move(x, source.ToArray(), destination.ToArray());
    }

    /// <summary>An axis moved before another one, the others in their order; a view.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="axis">The axis to move; negative counts from the end.</param>
    /// <param name="start">The axis before which it goes; the number of axes to make it the last. Negative counts from the end.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks such an axis.</exception>
    public static Variable RollAxis(Variable x, int axis, int start = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        NDArray array = x.RawArray!;
        int from = TypeCheck.Axis("RollAxis", "x", array, axis);
        int to = start == array.NDim ? start : TypeCheck.Axis("RollAxis", "x", array, start);
        return Move(x, [from], [to > from ? to - 1 : to]);
    }

    /// <summary>Two axes exchanged; a view.</summary>
    /// <param name="x">An array of any shape and dtype.</param>
    /// <param name="axis1">An axis; negative counts from the end.</param>
    /// <param name="axis2">Another.</param>
    /// <exception cref="InvalidTypeException"><paramref name="x"/> lacks such an axis.</exception>
    public static Variable SwapAxes(Variable x, int axis1, int axis2)
    {
        ArgumentNullException.ThrowIfNull(x);
        NDArray array = x.RawArray!;
        int first = TypeCheck.Axis("SwapAxes", "x", array, axis1);
        int second = TypeCheck.Axis("SwapAxes", "x", array, axis2);
        int[] order = [.. Enumerable.Range(0, array.NDim)];
        (order[first], order[second]) = (second, first);
        return Transpose(x, order);
    }

    private static Variable Move(Variable x, int[] source, int[] destination)
    {
        int ndim = x.NDim;
        var order = new int[ndim];
        System.Array.Fill(order, -1);
        for (int i = 0; i < source.Length; i++)
        {
            int to = destination[i] < 0 ? destination[i] + ndim : destination[i];
            order[to] = source[i] = source[i] < 0 ? source[i] + ndim : source[i];
        }

        // The axes that stay fill the places that are left.
        for (int to = 0, from = 0; to < ndim; to++)
        {
            if (order[to] < 0)
            {
                while (System.Array.IndexOf(source, from) >= 0)
                {
                    from++;
                }

                order[to] = from++;
            }
        }

        return Transpose(x, order);
    }
}
