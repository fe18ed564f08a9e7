using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class LinearTests
{
    [TestCase(2, 3, 4)]
    [TestCase(1, 1, 1)]
    [TestCase(7, 13, 5)]
    [TestCase(0, 3, 2)]
    public void Linear(int n, int inSize, int outSize)
    {
        NDArray x = FunctionTest.Uniform((n, inSize));
        NDArray W = FunctionTest.Uniform((outSize, inSize), seed: 2);
        NDArray b = FunctionTest.Uniform(outSize, seed: 3);
        new FunctionTest(xs => F.Linear(xs[0], xs[1], xs[2])) { Expected = xs => [Expected(xs[0], xs[1], xs[2])], Ulps = 32 }.Run(x, W, b);
        new FunctionTest(xs => F.Linear(xs[0], xs[1])) { Expected = xs => [Expected(xs[0], xs[1], null)], Ulps = 32 }.Run(x, W);
    }

    [Test]
    public void TheGradientsOfTheReadMe()
    {
        var x = new Variable(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        var W = new Variable(NDArray.Zeros((2, 3)));
        var b = new Variable(NDArray.Zeros(2));
        Variable y = F.Linear(x, W, b);
        y.Grad = NDArray.Ones((2, 2));
        y.Backward();
        Assert.That(W.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 5, 7, 9, 5, 7, 9 }));
        Assert.That(b.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 2, 2 }));
    }

    [Test]
    public void AxesAfterTheBatchBelongToTheInput()
    {
        NDArray W = FunctionTest.Uniform((2, 12), seed: 2);
        NDArray b = FunctionTest.Uniform(2, seed: 3);
        new FunctionTest(xs => F.Linear(xs[0], xs[1], xs[2]))
        {
            Expected = xs => [Expected(xs[0].Reshape((5, 12)), xs[1], xs[2])],
            Ulps = 32,
        }.Run(FunctionTest.Uniform((5, 3, 4)), W, b);
        new FunctionTest(xs => F.Linear(xs[0], xs[1], xs[2], nBatchAxes: 2))
        {
            Expected = xs => [Expected(xs[0].Reshape((15, 12)), xs[1], xs[2]).Reshape((5, 3, 2))],
            Ulps = 32,
        }.Run(FunctionTest.Uniform((5, 3, 4, 3)), W, b);
    }

    [Test]
    public void WeightsOfAnotherDTypeGiveTheDTypeOfTheInput()
    {
        var x = new Variable(new float[,] { { 1, 2 } });
        var W = new Variable(new double[,] { { 3, 4 } });
        Variable y = F.Linear(x, W);
        Assert.That(y.DType, Is.EqualTo(DType.Float32));
        y.Backward();
        Assert.That(x.Grad!.DType, Is.EqualTo(DType.Float32));
        Assert.That(W.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 1, 2 }));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Zeros((2, 3));
        Variable W = NDArray.Zeros((4, 3));
        Variable b = NDArray.Zeros(4);
        Assert.That(() => F.Linear(x, (NDArray)NDArray.Zeros((4, 2))), Refuses("W"));
        Assert.That(() => F.Linear(x, (NDArray)NDArray.Zeros(3)), Refuses("W"));
        Assert.That(() => F.Linear(x, (NDArray)NDArray.Zeros((4, 3), DType.Int32)), Refuses("W"));
        Assert.That(() => F.Linear(x, W, (NDArray)NDArray.Zeros(3)), Refuses("b"));
        Assert.That(() => F.Linear(x, W, (NDArray)NDArray.Zeros((1, 4))), Refuses("b"));
        Assert.That(() => F.Linear(x, W, (NDArray)NDArray.Zeros(4, DType.Float64)), Refuses("b"));
        Assert.That(() => F.Linear((NDArray)NDArray.Zeros(3), W), Refuses("x"));
        Assert.That(() => F.Linear((NDArray)NDArray.Zeros((2, 3), DType.Int64), W), Refuses("x"));
        Assert.That(() => F.Linear(x, W, b, 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("nBatchAxes"));
        Assert.That(() => F.Linear(x, W, b, 3), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("nBatchAxes"));
        Assert.That(() => F.Linear(null!, W), Throws.ArgumentNullException);
        Assert.That(() => F.Linear(x, null!), Throws.ArgumentNullException);
    }

    private static NUnit.Framework.Constraints.Constraint Refuses(string argument) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains("Linear").And.Message.Contains($"'{argument}'");

    private static NDArray Expected(NDArray x, NDArray W, NDArray? b)
    {
        (int n, int inSize, int outSize) = (x.Shape[0], x.Shape[1], W.Shape[0]);
        double[] xs = x.ToArray<double>();
        double[] ws = W.ToArray<double>();
        double[]? bs = b?.ToArray<double>();
        var y = new double[n * outSize];
        for (int i = 0; i < n; i++)
        {
            for (int o = 0; o < outSize; o++)
            {
                y[(i * outSize) + o] = bs?[o] ?? 0;
                for (int k = 0; k < inSize; k++)
                {
                    y[(i * outSize) + o] += xs[(i * inSize) + k] * ws[(o * inSize) + k];
                }
            }
        }
        return NDArray.FromSpan<double>(y, (n, outSize));
    }
}
