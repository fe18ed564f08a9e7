using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class CreationTests
{
    [Test]
    public void FromArraysOfAnyRank()
    {
        NDArray scalar = 2.5;
        NDArray vector = new[] { 1, 2, 3 };
        NDArray matrix = new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } };
        NDArray cube = new bool[1, 2, 1, 2] { { { { true, false } }, { { false, true } } } };
        NDArray rows = NDArray.FromArray(new[] { new byte[] { 1, 2 }, new byte[] { 3, 4 } });
        Assert.Multiple(() =>
        {
            Assert.That((scalar.Shape, scalar.DType, scalar.Item<double>()), Is.EqualTo((Shape.Scalar, DType.Float64, 2.5)));
            Assert.That((vector.Shape, vector.DType), Is.EqualTo(((Shape)3, DType.Int32)));
            Assert.That(vector.ToArray<int>(), Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That((matrix.Shape, matrix.DType), Is.EqualTo(((Shape)(3, 2), DType.Float32)));
            Assert.That(matrix.ToArray(), Is.EqualTo(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }));
            Assert.That(cube.Shape, Is.EqualTo((Shape)(1, 2, 1, 2)));
            Assert.That(cube.ToArray<bool>(), Is.EqualTo(new[] { true, false, false, true }));
            Assert.That(rows.ToRepr(), Is.EqualTo("array([[1, 2],\n       [3, 4]], dtype=uint8)"));
            Assert.That(NDArray.FromArray(new double[0, 3]).Shape, Is.EqualTo((Shape)(0, 3)));
        });
    }

    [Test]
    public void RefusesOtherArrays()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => NDArray.FromArray(null!), Throws.ArgumentNullException);
            Assert.That(() => NDArray.FromArray(new[] { "a" }), Throws.ArgumentException);
            Assert.That(() => NDArray.FromArray(new[] { new[] { 1 }, new[] { 1, 2 } }), Throws.ArgumentException);
            Assert.That(() => NDArray.FromArray(new[] { new[] { 1 }, null! }), Throws.ArgumentNullException);
            Assert.That(() => NDArray.FromArray(new int[1, 1, 1, 1, 1, 1, 1, 1, 1]), Throws.ArgumentException);
            Assert.That(() => NDArray.FromSpan<int>([1, 2, 3], (2, 2)), Throws.ArgumentException);
            Assert.That(() => NDArray.FromSpan<char>(['a']), Throws.ArgumentException);
            Assert.That(() => NDArray.Zeros(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Zeros((int.MaxValue, int.MaxValue, int.MaxValue)), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Zeros(3, (DType)42), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.ZerosLike(null!), Throws.ArgumentNullException);
            Assert.That(() => NDArray.Zeros(3, device: Device.Cuda(63)), Throws.TypeOf<DeviceException>());
            Assert.That(() => new Shape(1, 1, 1, 1, 1, 1, 1, 1, 1), Throws.ArgumentException);
        });
    }

    [Test]
    public void MoreThanTheDeviceHasIsOneException()
    {
        var error = Assert.Throws<OutOfDeviceMemoryException>(() => NDArray.Empty((1 << 30, 1 << 20), DType.Float64));
        Assert.That(error!.Requested, Is.EqualTo(1L << 53));
    }

    [Test]
    public void FilledWithOneValue([Values] DType dtype)
    {
        NDArray zeros = NDArray.Zeros((2, 3), dtype);
        NDArray ones = NDArray.OnesLike(zeros);
        NDArray full = NDArray.Full(4, 1.75, dtype);
        Assert.Multiple(() =>
        {
            Assert.That(ones.DType, Is.EqualTo(dtype));
            Assert.That(zeros.AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo(0.0));
            Assert.That(ones.AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo(1.0));
            Assert.That(full.AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo(dtype.IsFloating() ? 1.75 : 1.0));
        });
    }

    [Test]
    public void DefaultDType()
    {
        Assert.That(NDArray.Zeros(1).DType, Is.EqualTo(DType.Float32));
        using (Config.Using(dtype: DType.Float64))
        {
            Assert.That(NDArray.Zeros(1).DType, Is.EqualTo(DType.Float64));
        }
    }

    [Test]
    public void Arange()
    {
        Assert.Multiple(() =>
        {
            Assert.That(NDArray.Arange(3).ToRepr(), Is.EqualTo("array([0, 1, 2])"));
            Assert.That(NDArray.Arange(5, -2, -3).ToArray<long>(), Is.EqualTo(new long[] { 5, 2, -1 }));
            Assert.That(NDArray.Arange(5, 5).Size, Is.Zero);
            Assert.That(NDArray.Arange(-3).Size, Is.Zero);
            Assert.That(NDArray.Arange(3, dtype: DType.Float32).ToRepr(), Is.EqualTo("array([0., 1., 2.], dtype=float32)"));
            Assert.That(NDArray.Arange(0.0, 1.0, 0.3).ToString(), Is.EqualTo("[0.  0.3 0.6 0.9]"));
            Assert.That(NDArray.Arange(2.5).ToArray<double>(), Is.EqualTo(new[] { 0.0, 1, 2 }));
            Assert.That(() => NDArray.Arange(0, 1, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Arange(0, double.PositiveInfinity), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Arange(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Arange(long.MinValue, long.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [TestCase(3, null, 0, "100010001")]
    [TestCase(2, 4, 1, "01000010")]
    [TestCase(3, 2, -1, "001001")]
    [TestCase(2, 2, 5, "0000")]
    [TestCase(0, 3, 0, "")]
    public void Eye(int n, int? m, int k, string expected)
    {
        NDArray y = NDArray.Eye(n, m, k, DType.UInt8);
        Assert.That(string.Concat(y.ToArray<byte>()), Is.EqualTo(expected));
    }

    [Test]
    public void ConcatenateAndStack()
    {
        NDArray a = new[,] { { 1, 2 } };
        NDArray b = new[,] { { 3.5f, 4 }, { 5, 6 } };
        NDArray v = new[] { 1, 2 };
        Assert.Multiple(() =>
        {
            Assert.That(NDArray.Concatenate([a, b]).ToRepr(), Is.EqualTo("array([[1. , 2. ],\n       [3.5, 4. ],\n       [5. , 6. ]])"));
            Assert.That(NDArray.Concatenate([b, b.T], -1).Shape, Is.EqualTo((Shape)(2, 4)));
            Assert.That(NDArray.Stack([v, v + 2]).ToArray<int>(), Is.EqualTo(new[] { 1, 2, 3, 4 }));
            Assert.That(NDArray.Stack([v, v + 2], 1).ToArray<int>(), Is.EqualTo(new[] { 1, 3, 2, 4 }));
            Assert.That(() => NDArray.Concatenate([]), Throws.ArgumentException);
            Assert.That(() => NDArray.Concatenate([a, null!]), Throws.ArgumentNullException);
            Assert.That(() => NDArray.Concatenate([a, b], 1), Throws.ArgumentException);
            Assert.That(() => NDArray.Concatenate([a, b], 2), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Stack([a, b]), Throws.ArgumentException);
        });
    }
}
