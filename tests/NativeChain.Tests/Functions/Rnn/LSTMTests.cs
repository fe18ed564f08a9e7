using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class LSTMTests
{
    [TestCase(1, 1, 1)]
    [TestCase(3, 3, 2)]
    [TestCase(3, 2, 5)]
    [TestCase(7, 7, 13)]
    [TestCase(4, 0, 3)]
    [TestCase(0, 0, 3)]
    public void LSTM(int batch, int rows, int units) => new FunctionTest(xs => Both(F.LSTM(xs[0], xs[1])))
    {
        Expected = xs => Expected(xs[0], xs[1]),
    }.Run(FunctionTest.Uniform((batch, units)), FunctionTest.Uniform((rows, 4 * units), seed: 2));

    [Test]
    public void AxesAfterTheUnitsAreOfTheBatch() => new FunctionTest(xs => Both(F.LSTM(xs[0], xs[1])))
    {
        // (N, U, 3) is (3 N, U), once the last axis stands beside the first.
        Expected = xs => [.. Expected(Flat(xs[0]), Flat(xs[1])).Select(y => y.Reshape((2, 3, 5)).Transpose(0, 2, 1))],
    }.Run(FunctionTest.Uniform((2, 5, 3)), FunctionTest.Uniform((2, 20, 3), seed: 2));

    [TestCase(0)]
    [TestCase(1)]
    public void AGradientMayBeMissing(int given)
    {
        var c = new Variable(FunctionTest.Uniform((3, 2)));
        var x = new Variable(FunctionTest.Uniform((2, 8), seed: 2));
        Variable[] ys = Both(F.LSTM(c, x));
        NDArray gy = FunctionTest.Uniform(ys[given].Shape, seed: 3);
        ys[given].Grad = gy;
        ys[given].Backward();
        NDArray[] one = [c.Grad!, x.Grad!];
        c.ClearGrad();
        x.ClearGrad();
        ys = F.Identity(ys);
        ys[given].Grad = gy;
        ys[1 - given].Grad = NDArray.ZerosLike(ys[1 - given].Array);
        ys[given].Backward();
        FunctionTest.AssertClose([c.Grad!, x.Grad!], one, DType.Float64, 4, "gradient");
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        NDArray c = NDArray.Zeros((2, 3));
        Assert.That(() => F.LSTM(c, NDArray.Zeros((3, 12))), Refuses("x"));
        Assert.That(() => F.LSTM(c, NDArray.Zeros((2, 11))), Refuses("x"));
        Assert.That(() => F.LSTM(c, NDArray.Zeros((2, 12, 1))), Refuses("x"));
        Assert.That(() => F.LSTM(c, NDArray.Zeros((2, 12), DType.Float64)), Refuses("x"));
        Assert.That(() => F.LSTM(NDArray.Zeros((2, 3), DType.Int32), NDArray.Zeros((2, 12), DType.Int32)), Refuses("cPrev"));
        Assert.That(() => F.LSTM(NDArray.Zeros(3), NDArray.Zeros(12)), Refuses("cPrev"));
        Assert.That(() => F.LSTM(NDArray.Zeros((2, 3, 4)), NDArray.Zeros((2, 12, 5))), Refuses("x"));
        Assert.That(() => F.LSTM(null!, c), Throws.ArgumentNullException);
        Assert.That(() => F.LSTM(c, null!), Throws.ArgumentNullException);
    }

    private static NUnit.Framework.Constraints.Constraint Refuses(string argument) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains("LSTM").And.Message.Contains($"'{argument}'");

    private static Variable[] Both((Variable C, Variable H) ys) => [ys.C, ys.H];

    private static NDArray Flat(NDArray x)
    {
        NDArray y = x.Transpose(0, 2, 1).Copy();
        return y.Reshape((-1, y.Shape[2]));
    }

    private static NDArray[] Expected(NDArray cPrev, NDArray x)
    {
        (int batch, int rows, int units) = (cPrev.Shape[0], x.Shape[0], cPrev.Shape[1]);
        double[] c = cPrev.ToArray<double>();
        double[] gates = x.ToArray<double>();
        var h = new double[rows * units];
        for (int k = 0; k < h.Length; k++)
        {
            double Sigmoid(int gate) => 1 / (1 + Math.Exp(-gates[(4 * k) + gate]));
            c[k] = (Math.Tanh(gates[4 * k]) * Sigmoid(1)) + (Sigmoid(2) * c[k]);
            h[k] = Sigmoid(3) * Math.Tanh(c[k]);
        }

        return [NDArray.FromSpan<double>(c, (batch, units)), NDArray.FromSpan<double>(h, (rows, units))];
    }
}
