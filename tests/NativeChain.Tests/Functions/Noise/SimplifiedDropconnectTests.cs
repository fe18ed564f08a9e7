using NUnit.Framework;

namespace NativeChain.Tests;

public class SimplifiedDropconnectTests
{
    [Test]
    public void MultipliesByTheMaskedWeights([Values] bool batchwise, [Values] bool bias)
    {
        NDArray mask = FunctionTest.Uniform(batchwise ? (2, 4, 3) : (4, 3), seed: 7) > 0.0;
        NDArray b = FunctionTest.Uniform(4, seed: 3);
        NDArray[] inputs = [FunctionTest.Uniform((2, 3)), FunctionTest.Uniform((4, 3), seed: 2)];
        new FunctionTest(xs => F.SimplifiedDropconnect(xs[0], xs[1], bias ? xs[2] : null, 0.25, mask: mask, useBatchwiseMask: batchwise))
        {
            Expected = xs =>
            {
                NDArray y = (xs[0].Reshape((2, 1, 3)) * (xs[1] * mask) / 0.75).Sum(2);
                return [bias ? y + xs[2] : y];
            },
            Ulps = 32,
        }.Run(bias ? [.. inputs, b] : inputs);
    }

    [Test]
    public void DropsWeightsAtRandomOnlyInTraining([Values] bool batchwise)
    {
        NDArray x = NDArray.Ones((50, 40)), w = NDArray.Ones((30, 40));
        float[] y = F.SimplifiedDropconnect(x, w, ratio: 0.25, useBatchwiseMask: batchwise).Array.ToArray<float>();
        Assert.That(y.Average(), Is.EqualTo(40).Within(1.5));
        Assert.That(y.Distinct().Count(), Is.GreaterThan(3));
        Assert.That(F.SimplifiedDropconnect(x, w, train: false).Array.ToArray<float>(), Is.All.EqualTo(40));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        NDArray x = NDArray.Ones((2, 3)), w = NDArray.Ones((4, 3));
        Assert.That(() => F.SimplifiedDropconnect(x, NDArray.Ones((4, 2))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.SimplifiedDropconnect(x, w, NDArray.Ones(3)), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.SimplifiedDropconnect(x, w, mask: NDArray.Ones((4, 3))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.SimplifiedDropconnect(x, w, ratio: 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
