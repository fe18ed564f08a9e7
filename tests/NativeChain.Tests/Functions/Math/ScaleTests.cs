using NUnit.Framework;

namespace NativeChain.Tests;

public class ScaleTests
{
    private static readonly (int Axis, int[] Shape, int[] Aligned)[] s_cases =
    [
        (1, [3], [1, 3, 1]), (0, [2, 3], [2, 3, 1]), (2, [5], [1, 1, 5]), (-1, [5], [1, 1, 5]), (1, [3, 5], [1, 3, 5]),
        (1, [], [1, 1, 1]), (0, [2, 3, 5], [2, 3, 5]), (3, [], [1, 1, 1]),
    ];

    [Test]
    public void ScaleAndBiasBroadcastFromTheirAxis([ValueSource(nameof(s_cases))] (int Axis, int[] Shape, int[] Aligned) c)
    {
        NDArray x = FunctionTest.Uniform((2, 3, 5)), y = FunctionTest.Uniform(c.Shape, seed: 2);
        new FunctionTest(xs => F.Scale(xs[0], xs[1], c.Axis)) { Expected = xs => [xs[0] * xs[1].Reshape(c.Aligned)], Ulps = 16 }.Run(x, y);
        new FunctionTest(xs => F.Bias(xs[0], xs[1], c.Axis)) { Expected = xs => [xs[0] + xs[1].Reshape(c.Aligned)], Ulps = 16 }.Run(x, y);
    }
}
