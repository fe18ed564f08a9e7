namespace NativeChain.Optimizers;

/// <summary>One pass over the gradients of many parameters.</summary>
internal static class GradientPass
{
    private static readonly Elementwise s_square = Elementwise.Of(x => x * x);

    /// <summary>
    /// Replaces each gradient by what a function makes of parameter, gradient and numbers. New arrays: a gradient may be shared with
    /// another variable's.
    /// </summary>
    public static void Run(Elementwise step, IEnumerable<Parameter> parameters, params double[] numbers)
    {
        foreach (var group in parameters.Distinct().Where(p => p.Grad is not null).GroupBy(p => (p.Device, p.DType)))
        {
            Parameter[] members = [.. group];
            NDArray[] grads = Array.ConvertAll(members, p => NDArray.EmptyLike(p.Array));
            Scalar[] scalars = new Scalar[members.Length * numbers.Length];
            for (int i = 0; i < scalars.Length; i++)
            {
                scalars[i] = numbers[i % numbers.Length];
            }
            step.ComputeMany(members.Length, [.. members.SelectMany(p => new[] { p.Array, p.Grad! })], scalars, grads);
            for (int i = 0; i < members.Length; i++)
            {
                members[i].Grad = grads[i];
            }
        }
    }

    /// <summary>Sum of the squares of an array, by one map-reduce: 0-d, in float32 where the array is of fewer bits, in which it could overflow.</summary>
    public static NDArray SumOfSquares(NDArray x) => s_square.Reduce(
        Reduction.Sum, Axes.All, keepDims: false, x.DType == DType.Float64 ? x : x.AsType(DType.Float32, copy: false));
}
