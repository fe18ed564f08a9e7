using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class BilinearTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string argument) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains("Bilinear").And.Message.Contains(argument);

    private static NDArray Expected(NDArray[] x) => Elements.Build((x[0].Shape[0], x[2].Shape[2]), i =>
    {
        double sum = 0;
        for (int j = 0; j < x[2].Shape[0]; j++)
        {
            for (int k = 0; k < x[2].Shape[1]; k++)
            {
                sum += x[0].At(i[0], j) * x[1].At(i[0], k) * x[2].At(j, k, i[1]);
            }
        }

        if (x.Length > 3)
        {
            sum += x[5].At(i[1]) + Enumerable.Range(0, x[3].Shape[0]).Sum(j => x[0].At(i[0], j) * x[3].At(j, i[1]))
                + Enumerable.Range(0, x[4].Shape[0]).Sum(k => x[1].At(i[0], k) * x[4].At(k, i[1]));
        }

        return sum;
    });

    [TestCase(2, 3, 2, 4)]
    [TestCase(1, 1, 1, 1)]
    [TestCase(0, 2, 3, 1)]
    public void IsTheFormOfAllPairs(int n, int j, int k, int l)
    {
        NDArray e1 = FunctionTest.Uniform((n, j));
        NDArray e2 = FunctionTest.Uniform((n, k), seed: 2);
        NDArray w = FunctionTest.Uniform((j, k, l), seed: 3);
        new FunctionTest(x => F.Bilinear(x[0], x[1], x[2])) { Expected = x => [Expected(x)], Ulps = 32 }.Run(e1, e2, w);
        new FunctionTest(x => F.Bilinear(x[0], x[1], x[2], x[3], x[4], x[5])) { Expected = x => [Expected(x)], Ulps = 64 }.Run(
            e1, e2, w, FunctionTest.Uniform((j, l), seed: 4), FunctionTest.Uniform((k, l), seed: 5), FunctionTest.Uniform(l, seed: 6));
    }

    [Test]
    public void FlattensWhatBelongsToAnExample()
    {
        NDArray e1 = FunctionTest.Uniform((2, 2, 3));
        NDArray e2 = FunctionTest.Uniform((2, 2), seed: 2);
        NDArray w = FunctionTest.Uniform((6, 2, 1), seed: 3);
        Assert.That(F.Bilinear(e1, e2, w).Array.ToArray<double>(), Is.EqualTo(Expected([e1.Reshape((2, 6)), e2, w]).ToArray<double>()).Within(1e-14));
    }

    [Test]
    public void RefusesWhatDoesNotFit()
    {
        NDArray e1 = NDArray.Ones((2, 3)), e2 = NDArray.Ones((2, 4)), w = NDArray.Ones((3, 4, 5));
        NDArray v1 = NDArray.Ones((3, 5)), v2 = NDArray.Ones((4, 5)), b = NDArray.Ones(5);
        Assert.That(() => F.Bilinear(e1, e2, w, v1), Throws.ArgumentException.With.Message.Contains("V2"));
        Assert.That(() => F.Bilinear(e1, e2, w, null, v2, b), Throws.ArgumentException);
        Assert.That(() => F.Bilinear(e1, NDArray.Ones((3, 4)), w), Refuses("e2"));
        Assert.That(() => F.Bilinear(e1, e1, w), Refuses("W"));
        Assert.That(() => F.Bilinear(e1, e2, w[0]), Refuses("W"));
        Assert.That(() => F.Bilinear(e1[0], e2, w), Refuses("e1"));
        Assert.That(() => F.Bilinear(e1, e2.AsType(DType.Float64), w), Refuses("e2"));
        Assert.That(() => F.Bilinear(e1.AsType(DType.Int32), e2, w), Refuses("e1"));
        Assert.That(() => F.Bilinear(e1, e2, w, v2, v2, b), Refuses("V1"));
        Assert.That(() => F.Bilinear(e1, e2, w, v1, v1, b), Refuses("V2"));
        Assert.That(() => F.Bilinear(e1, e2, w, v1, v2, v1), Refuses("b"));
    }
}
