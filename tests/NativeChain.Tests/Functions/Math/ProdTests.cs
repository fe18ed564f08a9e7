using NUnit.Framework;

namespace NativeChain.Tests;

public class ProdTests
{
    private static readonly Axes[] s_axes = [Axes.All, 0, 1, -1, (0, 2), (2, 1)];

    [Test]
    public void MultipliesAlongAxes([ValueSource(nameof(s_axes))] Axes axis, [Values] bool keepDims) =>
        new FunctionTest(xs => F.Prod(xs[0], axis, keepDims))
        {
            Expected = xs => [NDArray.Exp(NDArray.Log(xs[0]).Sum(axis, keepDims))],
            Ulps = 256,
        }.Run(FunctionTest.Uniform((2, 3, 4), 0.8, 1.25));

    [Test]
    public void GradientsAreThoseOfTheOthersWhereFactorsAreZero()
    {
        // No, one and two zeros in a row.
        var x = new Variable(new double[,] { { 2, 3, 5 }, { 2, 0, 5 }, { 0, 3, 0 } });
        F.Sum(F.Prod(x, 1)).Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 15, 10, 6, 0, 10, 0, 0, 0, 0 }));
        new FunctionTest(xs => F.Prod(xs[0], 1)) { DTypes = [DType.Float64] }.Run(x.Array);
    }

    [Test]
    public void ProductsOfOneAndOfNothing()
    {
        new FunctionTest(xs => F.Prod(xs[0], 1)) { Expected = xs => [xs[0].Reshape(3)] }.Run(FunctionTest.Uniform((3, 1)));
        new FunctionTest(xs => F.Prod(xs[0], 1)) { Expected = _ => [NDArray.Ones(3, DType.Float64)] }.Run(NDArray.Zeros((3, 0), DType.Float64));
        new FunctionTest(xs => F.Prod(xs[0])) { Expected = xs => xs }.Run(FunctionTest.Uniform(Shape.Scalar));
        new FunctionTest(xs => F.Prod(xs[0], new Axes([]))) { Expected = xs => xs }.Run(FunctionTest.Uniform((3, 2)));
        Assert.That(() => F.Prod(NDArray.Ones((2, 3)), 2), Throws.TypeOf<InvalidTypeException>());
    }
}
