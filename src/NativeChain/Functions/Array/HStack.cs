namespace NativeChain;

public static partial class F
{
    /// <summary>Arrays joined beside each other: along axis 1, or the only axis of 1-d arrays; numbers become a 1-d array.</summary>
    /// <param name="xs">Arrays of one dtype and number of axes, whose shapes differ along the joined axis at most.</param>
    /// <exception cref="ArgumentException"><paramref name="xs"/> is empty.</exception>
    /// <exception cref="InvalidTypeException">A dtype or shape does not fit.</exception>
    public static Variable HStack(IReadOnlyList<Variable> xs) =>
        Join("HStack", xs, shape => shape.NDim == 0 ? 1 : shape, ndim => ndim < 2 ? 0 : 1);

    /// <summary>Arrays joined below each other, along axis 0; a 1-d array is a row, a number a row of one.</summary>
    /// <param name="xs">Arrays of one dtype and number of axes, whose shapes differ along the joined axis at most.</param>
    /// <exception cref="ArgumentException"><paramref name="xs"/> is empty.</exception>
    /// <exception cref="InvalidTypeException">A dtype or shape does not fit.</exception>
    public static Variable VStack(IReadOnlyList<Variable> xs) =>
        Join("VStack", xs, shape => shape.NDim switch { 0 => (1, 1), 1 => (1, shape[0]), _ => shape }, _ => 0);

    /// <summary>Arrays joined behind each other, along axis 2; a 2-d array (M, N) counts as (M, N, 1), a 1-d array (N,) as (1, N, 1).</summary>
    /// <param name="xs">Arrays of one dtype and number of axes, whose shapes differ along the joined axis at most.</param>
    /// <exception cref="ArgumentException"><paramref name="xs"/> is empty.</exception>
    /// <exception cref="InvalidTypeException">A dtype or shape does not fit.</exception>
    public static Variable DStack(IReadOnlyList<Variable> xs) => Join(
        "DStack",
        xs,
        shape => shape.NDim switch { 0 => (1, 1, 1), 1 => (1, shape[0], 1), 2 => (shape[0], shape[1], 1), _ => shape },
        _ => 2);

    /// <summary>Arrays of one number of axes, joined along an axis of what each is reshaped to.</summary>
    private static Variable Join(string function, IReadOnlyList<Variable> xs, Func<Shape, Shape> reshaped, Func<int, int> axis)
    {
        Variable[] arrays = Several(xs, function);
        int ndim = arrays[0].NDim;
        for (int i = 0; i < arrays.Length; i++)
        {
            if (arrays[i].NDim != ndim)
            {
                TypeCheck.NDim(function, $"xs[{i}]", arrays[i].RawArray!, ndim);
            }

            arrays[i] = Reshape(arrays[i], reshaped(arrays[i].Shape));
        }

        return new Concat(axis(ndim), function).ApplySingle(arrays);
    }

    /// <summary>The arrays that a function joins, in an array of their own.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    private static Variable[] Several(IReadOnlyList<Variable> xs, string function)
    {
        ArgumentNullException.ThrowIfNull(xs);
        if (xs.Count == 0)
        {
            throw new ArgumentException($"{function}: there is no array to join.", nameof(xs));
        }

        Variable[] arrays = [.. xs];
        for (int i = 0; i < arrays.Length; i++)
        {
            if (arrays[i] is null)
            {
                throw new ArgumentNullException($"xs[{i}]", $"{function}: xs[{i}] is null.");
            }
        }

        return arrays;
    }
}
