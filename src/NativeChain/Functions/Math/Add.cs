namespace NativeChain;

public static partial class F
{
    private static Elementwise AddElementwise => field ??= Ops.Add.Taking(TypeRule.SameDType, "lhs", "rhs");
    private static readonly Elementwise?[] s_adds = new Elementwise?[Program.MaxInputs + 1];

    /// <summary>The sum of two arrays.</summary>
    /// <param name="lhs">An array of any shape and dtype.</param>
    /// <param name="rhs">An array of the same dtype, of a shape that broadcasts with the first.</param>
    /// <exception cref="InvalidTypeException">The dtypes differ, or the shapes do not broadcast.</exception>
    public static Variable Add(Variable lhs, Variable rhs) => AddElementwise.Apply(lhs, rhs);

    /// <summary>The sum of any number of arrays, in one pass over up to 16.</summary>
    /// <param name="xs">At least one array; all of one dtype, of shapes that broadcast.</param>
    /// <exception cref="ArgumentException"><paramref name="xs"/> is empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="xs"/> or one of them is null.</exception>
    /// <exception cref="InvalidTypeException">The dtypes differ, or the shapes do not broadcast.</exception>
    public static Variable Add(params Variable[] xs)
    {
        ArgumentNullException.ThrowIfNull(xs);
        if (xs.Length < 2)
        {
            return xs.Length == 1 ? Identity(xs[0]) : throw new ArgumentException("Add: xs is empty.", nameof(xs));
        }

        Variable sum = xs[0];
        for (int first = 1; first < xs.Length;)
        {
            int count = Math.Min(xs.Length - first, Program.MaxInputs - 1);
            Span<Operand> operands = new Operand[count + 1];
            operands[0] = sum;
            for (int i = 0; i < count; i++)
            {
                operands[i + 1] = xs[first + i];
            }

            sum = AddOf(count + 1).Apply(operands);
            first += count;
        }

        return sum;
    }

    private static Elementwise AddOf(int count) => s_adds[count] ??= Elementwise
        .OfMany(count, xs => [xs.Aggregate((a, b) => a + b)], "Add")
        .Taking(TypeRule.SameDType, [.. Enumerable.Range(0, count).Select(i => $"xs[{i}]")]);
}
