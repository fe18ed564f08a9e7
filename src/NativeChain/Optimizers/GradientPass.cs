namespace NativeChain.Optimizers;

/// <summary>One pass over the gradients of many parameters.</summary>
internal static class GradientPass
{
    private static readonly Elementwise s_square = Elementwise.Of(x => x * x);

    /// <summary>
    /// Replaces each gradient by what a function makes of parameter, gradient and one number. New arrays: a gradient may be shared with
    /// another variable's.
    /// </summary>
    public static void Run(Elementwise step, IEnumerable<Parameter> parameters, double number)
    {
        foreach (var group in parameters.Distinct().Where(p => p.Grad is not null).GroupBy(p => (p.Device, p.DType)))
        {
            Parameter[] members = [.. group];
            NDArray[] grads = Array.ConvertAll(members, p => NDArray.EmptyLike(p.Array));
            Scalar[] numbers = new Scalar[members.Length];
            Array.Fill(numbers, number);
            step.ComputeMany(members.Length, [.. members.SelectMany(p => new[] { p.Array, p.Grad! })], numbers, grads);
            for (int i = 0; i < members.Length; i++)
            {
                members[i].Grad = grads[i];
            }
        }
    }

    /// <summary>Sum of the squares of an array, by one map-reduce.</summary>
    public static double SumOfSquares(NDArray x) =>
        s_square.Reduce(Reduction.Sum, Axes.All, keepDims: false, x).AsType(DType.Float64).Item<double>();
}
