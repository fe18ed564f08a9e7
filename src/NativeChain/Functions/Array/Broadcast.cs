namespace NativeChain;

public static partial class F
{
    /// <summary>Arrays repeated to their common shape; views.</summary>
    /// <param name="args">One array or more of any dtypes, whose shapes broadcast.</param>
    /// <returns>As many arrays, all of one shape.</returns>
    /// <exception cref="ArgumentException"><paramref name="args"/> is empty.</exception>
    /// <exception cref="InvalidTypeException">The shapes do not broadcast.</exception>
    public static Variable[] Broadcast(params Variable[] args)
    {
        Variable[] arrays = Several(args, "Broadcast");
        Shape shape = arrays[0].Shape;
        for (int i = 1; i < arrays.Length; i++)
        {
            if (!Shape.TryBroadcast(shape, arrays[i].Shape, out Shape both))
            {
                TypeCheck.Throw("Broadcast", $"args[{i}]", $"a shape that broadcasts with {shape}", $"shape {arrays[i].Shape}");
            }

            shape = both;
        }

        return System.Array.ConvertAll(arrays, x => BroadcastTo(x, shape));
    }
}
