using NUnit.Framework;

namespace NativeChain.Tests;

public class BatchTests
{
    private static readonly Shape[] s_shapes = [(3, 5), (1, 1), (0, 3), (3, 0), (2, 3, 5), (7, 1, 11, 2)];

    [Test]
    public void L2NormSquaredSumsTheSquaresOfEachExample([ValueSource(nameof(s_shapes))] Shape shape) =>
        new FunctionTest(xs => F.BatchL2NormSquared(xs[0]))
        {
            Expected = xs => [NDArray.Square(xs[0]).Sum(new Axes([.. Enumerable.Range(1, shape.NDim - 1)]))],
            Ulps = 16,
        }.Run(FunctionTest.Uniform(shape));

    [TestCase(false, false)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    public void MatMulMultipliesStacks(bool transa, bool transb)
    {
        NDArray a = FunctionTest.Uniform(transa ? (2, 5, 3) : (2, 3, 5)).AsType(DType.Float32);
        NDArray b = FunctionTest.Uniform(transb ? (2, 7, 5) : (2, 5, 7), seed: 2).AsType(DType.Float32);
        (Variable x, Variable y) = (new(a), new(b));
        Variable z = F.BatchMatMul(x, y, transa, transb);
        z.Grad = NDArray.Ones(z.Shape);
        z.Backward();
        Variable expected = F.MatMul(x, y, transa, transb);
        Assert.That(z.Array.ToArray<float>(), Is.EqualTo(expected.Array.ToArray<float>()));
        Assert.That((x.Grad!.Shape, y.Grad!.Shape), Is.EqualTo((a.Shape, b.Shape)));
    }

    [Test]
    public void MatMulOfColumns()
    {
        NDArray a = NDArray.FromSpan<float>([1, 2, 3, 4], (2, 2));
        Variable z = F.BatchMatMul(a, a, transa: true);
        Assert.That(z.Shape, Is.EqualTo((Shape)(2, 1, 1)));
        Assert.That(z.Array.ToArray<float>(), Is.EqualTo(new float[] { 5, 25 }));
        Assert.That(() => F.BatchMatMul(a, NDArray.Ones((3, 2))), Throws.TypeOf<InvalidTypeException>());
    }
}
