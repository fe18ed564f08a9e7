using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class SoftmaxTests
{
    private static readonly object[] s_cases =
    [
        new object[] { new Shape(2, 3), 1 },
        new object[] { new Shape(2, 3), 0 },
        new object[] { new Shape(2, 3), -1 },
        new object[] { new Shape(3, 7, 5), 1 },
        new object[] { new Shape(3, 7, 5), -3 },
        new object[] { new Shape(1, 131), 1 },
        new object[] { new Shape(4, 1), 1 },
        new object[] { new Shape(0, 3), 1 },
        new object[] { new Shape(13), 0 },
    ];

    [TestCaseSource(nameof(s_cases))]
    public void Softmax(Shape shape, int axis) =>
        new FunctionTest(xs => F.Softmax(xs[0], axis)) { Expected = xs => [Expected(xs[0], axis, log: false)], Ulps = 16 }
            .Run(FunctionTest.Uniform(shape));

    [TestCaseSource(nameof(s_cases))]
    public void LogSoftmax(Shape shape, int axis) =>
        new FunctionTest(xs => F.LogSoftmax(xs[0], axis)) { Expected = xs => [Expected(xs[0], axis, log: true)], Ulps = 16 }
            .Run(FunctionTest.Uniform(shape));

    [Test]
    public void LargeScoresDoNotOverflow()
    {
        Variable x = (NDArray)new float[,] { { 1000, 1001 }, { -1000, -1001 } };
        float e = 1 / (1 + MathF.Exp(1));
        Assert.That(F.Softmax(x).Array.ToArray<float>(), Is.EqualTo(new[] { e, 1 - e, 1 - e, e }).Within(1e-6f));
        Assert.That(F.LogSoftmax(x).Array.ToArray<float>(), Has.All.InRange(-1.32f, -0.31f));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Zeros((2, 3));
        Variable integers = NDArray.Zeros((2, 3), DType.Int32);
        foreach (Func<Variable, int, Variable> f in new Func<Variable, int, Variable>[] { F.Softmax, F.LogSoftmax })
        {
            Assert.That(() => f(x, 2), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("oftmax").And.Message.Contains("'x'"));
            Assert.That(() => f(x, -3), Throws.TypeOf<InvalidTypeException>());
            Assert.That(() => f(integers, 1), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("int32"));
            Assert.That(() => f(null!, 1), Throws.ArgumentNullException);
        }
        using (Config.Using(typeCheck: false))
        {
            Assert.That(() => F.Softmax(x, 7), Throws.Exception, "refused further down, never a crash");
        }
    }

    private static NDArray Expected(NDArray x, int axis, bool log)
    {
        axis = axis < 0 ? axis + x.NDim : axis;
        int inner = 1;
        for (int i = axis + 1; i < x.NDim; i++)
        {
            inner *= x.Shape[i];
        }
        int extent = x.Shape[axis];
        double[] values = x.ToArray<double>();
        var y = new double[values.Length];
        for (int k = 0; k < values.Length; k++)
        {
            int start = (k / (inner * extent) * inner * extent) + (k % inner);
            double sum = 0;
            for (int j = 0; j < extent; j++)
            {
                sum += Math.Exp(values[start + (j * inner)]);
            }
            y[k] = log ? -Math.Log(sum / Math.Exp(values[k])) : Math.Exp(values[k]) / sum;
        }
        return NDArray.FromSpan<double>(y, x.Shape);
    }
}
