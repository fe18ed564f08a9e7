using NUnit.Framework;

namespace NativeChain.Tests;

/// <summary>Activations with factors or pools along axes.</summary>
public class ParametricTests
{
    private static readonly int[][] s_factors = [[], [3], [3, 5]];

    [Test]
    public void PReluScalesNegativeElements([ValueSource(nameof(s_factors))] int[] shape) => Run(
        F.PRelu, (x, w) => x >= 0 ? x : x * w, shape);

    [Test]
    public void SwishIsGatedByItsSigmoid([ValueSource(nameof(s_factors))] int[] shape) => Run(
        F.Swish, (x, beta) => x / (1 + Math.Exp(-beta * x)), shape);

    [Test]
    public void RReluScalesByTheFactors([Values(0, 1, 7)] int size)
    {
        NDArray r = FunctionTest.Uniform((size, 3), 0.1, 0.4, seed: 4);
        new FunctionTest(xs => F.RRelu(xs[0], r: r.AsType(xs[0].DType)))
        {
            Expected = xs => [NDArray.Where(xs[0] >= 0.0, xs[0], xs[0] * r)],
            Ulps = 16,
        }.Run(AwayFromZero((size, 3)));
    }

    [Test]
    public void RReluDrawsItsFactorsAndInTestModeTakesTheirMean()
    {
        var x = new Variable(NDArray.Full((50, 40), -1, DType.Float64));
        (Variable y, NDArray? r) = F.RRelu(x, returnR: true, l: 0.25, u: 0.5);
        double[] factors = r!.ToArray<double>();
        Assert.That(factors, Is.All.InRange(0.25, 0.5));
        Assert.That(factors.Average(), Is.EqualTo(0.375).Within(0.01));
        Assert.That(y.Array.ToArray<double>(), Is.EqualTo(factors.Select(f => -f)));
        using (Config.Using(train: false))
        {
            Assert.That(F.RRelu(x, 0.25, 0.5).Array.ToArray<double>(), Is.All.EqualTo(-0.375));
            Assert.That(F.RRelu(x, returnR: true, l: 0.25, u: 0.5).R!.ToArray<double>(), Is.All.EqualTo(0.375));
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-1)]
    public void CReluHoldsBothSigns(int axis) => new FunctionTest(xs => F.CRelu(xs[0], axis))
    {
        Expected = xs => [NDArray.Concatenate([NDArray.Maximum(xs[0], 0.0), NDArray.Maximum(-xs[0], 0.0)], axis)],
    }.Run(AwayFromZero((3, 5, 2)));

    [Test]
    public void CReluOfNothing() => new FunctionTest(xs => F.CRelu(xs[0])).Run(NDArray.Zeros((2, 0, 3), DType.Float64));

    [TestCase(1, 3)]
    [TestCase(2, 2)]
    [TestCase(-1, 4)]
    [TestCase(0, 1)]
    public void MaxoutTakesTheGreatestOfAPool(int axis, int pool) => new FunctionTest(xs => F.Maxout(xs[0], pool, axis))
    {
        Expected = xs =>
        {
            int along = axis < 0 ? axis + 3 : axis;
            int[] shape = [.. xs[0].Shape];
            shape[along] /= pool;
            return [xs[0].Reshape([.. shape[..(along + 1)], pool, .. shape[(along + 1)..]]).Max(along + 1)];
        },
    }.Run(FunctionTest.Uniform((2, 6, 4)));

    private static NDArray AwayFromZero(Shape shape)
    {
        NDArray x = FunctionTest.Uniform(shape);
        return x + (0.1 * NDArray.Sign(x));
    }

    // x is (2, 3, 5), the factors go with its axes from 1 on.
    private static void Run(Func<Variable, Variable, Variable> call, Func<double, double, double> value, int[] shape)
    {
        int[] aligned = [1, .. shape, .. Enumerable.Repeat(1, 2 - shape.Length)];
        var test = new FunctionTest(xs => call(xs[0], xs[1]))
        {
            Expected = xs =>
            {
                double[] w = xs[1].Reshape(aligned).BroadcastTo(xs[0].Shape).ToArray<double>();
                return [NDArray.FromSpan<double>([.. xs[0].ToArray<double>().Zip(w, value)], xs[0].Shape)];
            },
            Ulps = 16,
        };
        test.Run(AwayFromZero((2, 3, 5)), FunctionTest.Uniform(shape, 0.25, 2, seed: 3));
    }
}
