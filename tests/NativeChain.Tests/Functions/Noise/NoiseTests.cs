using NUnit.Framework;

namespace NativeChain.Tests;

public class NoiseTests
{
    [Test]
    public void GaussianScalesAndShiftsItsNoise([Values(0, 1, 7)] int size)
    {
        NDArray eps = FunctionTest.Uniform((size, 3), seed: 5);
        new FunctionTest(xs => F.Gaussian(xs[0], xs[1], eps.AsType(xs[0].DType)))
        {
            Expected = xs => [xs[0] + (NDArray.Exp(0.5 * xs[1]) * eps)],
            Ulps = 16,
        }.Run(FunctionTest.Uniform((size, 3)), FunctionTest.Uniform((size, 3), seed: 2));
    }

    [Test]
    public void GaussianHasTheMeanAndVarianceThatItIsGiven()
    {
        NDArray mean = NDArray.Full(10000, 3, DType.Float64), lnVar = NDArray.Full(10000, Math.Log(4), DType.Float64);
        (Variable y, NDArray? eps) = F.Gaussian(mean, lnVar, returnEps: true);
        double[] values = y.Array.ToArray<double>();
        Assert.That(values.Average(), Is.EqualTo(3).Within(0.1));
        Assert.That(values.Average(v => (v - 3) * (v - 3)), Is.EqualTo(4).Within(0.3));
        Assert.That(F.Gaussian(mean, lnVar, eps).Array.ToArray<double>(), Is.EqualTo(values));
        Assert.That(F.Gaussian(mean, lnVar, returnEps: false).Eps, Is.Null);
    }

    [TestCase(DType.Float64)]
    [TestCase(DType.Float32)]
    [TestCase(DType.Float16)]
    public void GumbelSoftmaxChoosesByTheProbabilities(DType dtype)
    {
        double[] p = [0.1, 0.2, 0.7];
        NDArray logPi = NDArray.Log(p).BroadcastTo((5000, 3)).AsType(dtype);
        Variable y = F.GumbelSoftmax(logPi, tau: 0.05);
        Assert.That(y.DType, Is.EqualTo(dtype));
        NDArray wide = y.Array.AsType(DType.Float64);
        Assert.That(wide.Sum(1).ToArray<double>(), Is.All.EqualTo(1).Within(0.01));
        Assert.That(wide.Mean(0).ToArray<double>(), Is.EqualTo(p).Within(0.03));
    }

    [Test]
    public void GumbelSoftmaxIsDifferentiableAlongAnyAxis()
    {
        var logPi = new Variable(FunctionTest.Uniform((3, 5)));
        Variable y = F.GumbelSoftmax(logPi, tau: 2, axis: 0);
        Assert.That(y.Array.Sum(0).ToArray<double>(), Is.All.EqualTo(1).Within(1e-12));
        NDArray gy = FunctionTest.Uniform((3, 5), seed: 2);
        y.Grad = gy;
        y.Backward();

        // That of softmax, over tau.
        NDArray expected = y.Array * (gy - (y.Array * gy).Sum(0, keepDims: true)) / 2.0;
        Assert.That(logPi.Grad!.ToArray<double>(), Is.EqualTo(expected.ToArray<double>()).Within(1e-12));
        Assert.That(F.GumbelSoftmax(NDArray.Full(Shape.Scalar, -3.0)).Array.Item<float>(), Is.EqualTo(1));
    }

    [Test]
    public void ZoneoutTakesEachElementFromOneSide()
    {
        (Variable h, Variable x) = (new(NDArray.Zeros((100, 100))), new(NDArray.Ones((100, 100))));
        Variable y = F.Zoneout(h, x, 0.3);
        NDArray gy = NDArray.Full((100, 100), 2.0, DType.Float32);
        y.Grad = gy;
        y.Backward();
        float[] taken = y.Array.ToArray<float>();
        Assert.That(taken.Distinct().Order(), Is.EqualTo(new[] { 0f, 1f }));
        Assert.That(taken.Average(), Is.EqualTo(0.7).Within(0.03));
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(taken.Select(t => 2 * t)));
        Assert.That(h.Grad!.ToArray<float>(), Is.EqualTo(taken.Select(t => 2 - (2 * t))));
    }

    [Test]
    public void ZoneoutTakesAllOfOneSideAtItsLimits()
    {
        (Variable h, Variable x) = (new(FunctionTest.Uniform((3, 5))), new(FunctionTest.Uniform((3, 5), seed: 2)));
        Assert.That(F.Zoneout(h, x, 0).Array.ToArray<double>(), Is.EqualTo(x.Array.ToArray<double>()));
        Assert.That(F.Zoneout(h, x, 1).Array.ToArray<double>(), Is.EqualTo(h.Array.ToArray<double>()));
        using (Config.Using(train: false))
        {
            Assert.That(F.Zoneout(h, x, 0.5), Is.SameAs(x));
        }
    }
}
