namespace NativeChain.Conformance;

/// <summary>Holds arrays against what Chainer computed.</summary>
internal static class Comparison
{
    /// <summary>
    /// Shapes must be equal; |actual - expected| at most atol + rtol |expected|, NaN equal to NaN, for floating point; equal otherwise.
    /// </summary>
    public static void Close(string what, NDArray actual, NDArray expected, double rtol, double atol)
    {
        if (actual.Shape != expected.Shape)
        {
            throw new CaseFailedException($"{what}: shape {actual.Shape}, expected {expected.Shape}");
        }
        if (!actual.DType.IsFloating() && !expected.DType.IsFloating())
        {
            rtol = atol = 0;
        }
        double[] a = Doubles(actual), e = Doubles(expected);
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] == e[i] || (double.IsNaN(a[i]) && double.IsNaN(e[i])))
            {
                continue;
            }
            // Not the other way round: a NaN on one side alone is a failure.
            if (!(Math.Abs(a[i] - e[i]) <= atol + rtol * Math.Abs(e[i])))
            {
                throw new CaseFailedException($"{what}: element {i} of {a.Length} is {a[i]:R}, expected {e[i]:R}");
            }
        }
    }

    /// <summary>An expectation that may be null: no gradient at all, or zeros.</summary>
    public static void CloseOrNone(string what, NDArray? actual, NDArray? expected, bool zerosAreNone, double rtol, double atol)
    {
        if (expected is not null)
        {
            Close(what, actual ?? throw new CaseFailedException($"{what}: none, expected an array of {expected.Shape}"), expected, rtol, atol);
        }
        else if (actual is not null && !(zerosAreNone && Doubles(actual).All(value => value == 0)))
        {
            throw new CaseFailedException($"{what}: an array of {actual.Shape}, expected none");
        }
    }

    public static void DType(string what, NDArray actual, string expected)
    {
        if (actual.DType.Name() != expected)
        {
            throw new CaseFailedException($"{what}: {actual.DType.Name()}, expected {expected}");
        }
    }

    public static double[] Doubles(NDArray array) => array.AsType(NativeChain.DType.Float64).ToArray<double>();
}
