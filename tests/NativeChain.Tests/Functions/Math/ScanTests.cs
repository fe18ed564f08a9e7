using NUnit.Framework;

namespace NativeChain.Tests.Functions;

/// <summary><see cref="F.CumSum"/> and <see cref="F.CumProd"/>.</summary>
[TestFixture]
public class ScanTests
{
    private static readonly object?[] s_cases =
    [
        new object?[] { new Shape(5), 0 },
        new object?[] { new Shape(5), null },
        new object?[] { new Shape(1), -1 },
        new object?[] { new Shape(0), 0 },
        new object?[] { Shape.Scalar, null },
        new object?[] { new Shape(2, 3), null },
        new object?[] { new Shape(2, 3, 4), 0 },
        new object?[] { new Shape(2, 3, 4), 1 },
        new object?[] { new Shape(2, 3, 4), -1 },
        new object?[] { new Shape(3, 1), 1 },
        new object?[] { new Shape(0, 3), 1 },
        new object?[] { new Shape(3, 0), 1 },
        new object?[] { new Shape(7, 13), 0 },
    ];

    [TestCaseSource(nameof(s_cases))]
    public void CumSum(Shape shape, int? axis) => new FunctionTest(xs => F.CumSum(xs[0], axis))
    {
        Expected = xs => [Scan(xs[0], axis, (a, b) => a + b)],
        Ulps = 16,
    }.Run(FunctionTest.Uniform(shape));

    [TestCaseSource(nameof(s_cases))]
    public void CumProd(Shape shape, int? axis) => new FunctionTest(xs => F.CumProd(xs[0], axis))
    {
        Expected = xs => [Scan(xs[0], axis, (a, b) => a * b)],
        Ulps = 32,
    }.Run(FunctionTest.Uniform(shape, 0.5, 1.3));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    public void TheGradientOfCumProdKnowsZeros(int zeros)
    {
        NDArray x = FunctionTest.Uniform((2, 5));
        for (int i = 0; i < zeros; i++)
        {
            x[i % 2, 1 + (i / 2 * 2)] = 0.0;
        }
        new FunctionTest(xs => F.CumProd(xs[0], 1)) { DTypes = [DType.Float64], Expected = xs => [Scan(xs[0], 1, (a, b) => a * b)] }.Run(x);
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Zeros((2, 3));
        foreach (Func<Variable, int?, Variable> f in new Func<Variable, int?, Variable>[] { F.CumSum, F.CumProd })
        {
            Assert.That(() => f(null!, 0), Throws.ArgumentNullException);
            Assert.That(() => f(x, 2), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("Cum"));
            Assert.That(() => f(x, -3), Throws.TypeOf<InvalidTypeException>());
            Assert.That(() => f(NDArray.Zeros(3, DType.Int32), null), Throws.TypeOf<InvalidTypeException>());
        }
    }

    private static NDArray Scan(NDArray x, int? axis, Func<double, double, double> combine)
    {
        NDArray y = (axis is null ? x.Ravel() : x).Copy();
        double[] values = y.ToArray<double>();
        int along = axis is int a ? (a < 0 ? a + y.NDim : a) : 0;
        int n = y.Shape[along];
        int inner = 1;
        for (int i = along + 1; i < y.NDim; i++)
        {
            inner *= y.Shape[i];
        }
        for (int i = 0; i < values.Length; i++)
        {
            if (i / inner % n > 0)
            {
                values[i] = combine(values[i - inner], values[i]);
            }
        }
        return NDArray.FromSpan<double>(values, y.Shape);
    }
}
