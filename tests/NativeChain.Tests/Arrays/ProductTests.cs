using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class ProductTests
{
    private static NDArray Range(Shape shape) => NDArray.Arange(shape.Size, DType.Float32).Reshape(shape);

    [Test]
    public void MatMul()
    {
        NDArray a = Range((2, 3));
        NDArray v = Range(3);
        Assert.Multiple(() =>
        {
            Assert.That(NDArray.MatMul(a, a.T).ToString(), Is.EqualTo("[[ 5. 14.]\n [14. 50.]]"));
            Assert.That(NDArray.MatMul(a, v).ToArray<float>(), Is.EqualTo(new[] { 5f, 14 }));
            Assert.That(NDArray.MatMul(v, a.T).ToArray<float>(), Is.EqualTo(new[] { 5f, 14 }));
            Assert.That((NDArray.MatMul(v, v).Shape, NDArray.MatMul(v, v).Item<float>()), Is.EqualTo((Shape.Scalar, 5f)));
            Assert.That(NDArray.MatMul(Range((4, 1, 2, 3)), Range((5, 3, 2))).Shape, Is.EqualTo((Shape)(4, 5, 2, 2)));
            Assert.That(NDArray.MatMul(Range((4, 2, 3)), v).Shape, Is.EqualTo((Shape)(4, 2)));
            Assert.That(NDArray.MatMul(NDArray.Zeros((2, 0)), NDArray.Zeros((0, 2))).ToArray<float>(), Is.EqualTo(new float[4]));
            Assert.That(NDArray.MatMul(new[,] { { 1, 2 } }, new[,] { { 3 }, { 4 } }).ToRepr(), Is.EqualTo("array([[11]], dtype=int32)"));
            Assert.That(NDArray.MatMul(new[,] { { true, true } }, new[] { true, true }).ToRepr(), Is.EqualTo("array([ True])"));
            Assert.That(NDArray.MatMul(a, new[,] { { 1.0 }, { 1 }, { 1 } }).DType, Is.EqualTo(DType.Float64));
        });
    }

    [Test]
    public void Dot()
    {
        NDArray a = Range((2, 3));
        NDArray b = Range((4, 3, 2));
        NDArray y = a.Dot(b);
        Assert.Multiple(() =>
        {
            Assert.That(y.Shape, Is.EqualTo((Shape)(2, 4, 2)));
            Assert.That(y[1, 2, 1].Item<float>(), Is.EqualTo((3 * 13) + (4 * 15) + (5 * 17)));
            Assert.That(Range((5, 2, 3)).Dot(a.T).Shape, Is.EqualTo((Shape)(5, 2, 2)));
            Assert.That(Range(3).Dot(Range(3)).Item<float>(), Is.EqualTo(5));
            Assert.That(a.Dot(2f).ToArray<float>(), Is.EqualTo((a * 2).ToArray<float>()));
            Assert.That(NDArray.Dot(NDArray.Zeros((2, 0)), NDArray.Zeros((3, 0, 2))).ToArray<float>(), Is.EqualTo(new float[12]));
        });
    }

    [Test]
    public void RefusesWhatDoesNotFit()
    {
        NDArray a = Range((2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(() => NDArray.MatMul(a, a), Throws.ArgumentException.With.Message.Contains("(2, 3)"));
            Assert.That(() => NDArray.MatMul(a, 2f), Throws.ArgumentException);
            Assert.That(() => NDArray.MatMul(a, null!), Throws.ArgumentNullException);
            Assert.That(() => NDArray.MatMul(Range((2, 2, 3)), Range((3, 3, 2))), Throws.ArgumentException);
            Assert.That(() => a.Dot(Range((2, 2))), Throws.ArgumentException);
            Assert.That(() => a.Dot(null!), Throws.ArgumentNullException);
        });
    }
}
