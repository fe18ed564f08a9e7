using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class ViewTests
{
    private static NDArray Range(Shape shape) => NDArray.Arange(shape.Size).Reshape(shape);

    [Test]
    public void ReshapeOfContiguousIsAView()
    {
        NDArray x = Range((3, 4));
        NDArray y = x.Reshape((2, -1));
        y.Fill(7);
        Assert.Multiple(() =>
        {
            Assert.That(y.Shape, Is.EqualTo((Shape)(2, 6)));
            Assert.That(x.ToArray<long>(), Is.All.EqualTo(7));
            Assert.That(Range((2, 0)).Reshape((0, 5)).Shape, Is.EqualTo((Shape)(0, 5)));
            Assert.That(NDArray.Ones(1).Reshape(Shape.Scalar).Item<float>(), Is.EqualTo(1));
        });
    }

    [Test]
    public void ReshapeOfStridedKeepsTheOrder()
    {
        NDArray x = Range((2, 3, 4));
        NDArray split = x[.., 1..].Reshape((4, 4)); // a copy
        NDArray joined = x[.., .., ..2].Reshape((6, 2)); // a view: the first two axes step as one
        Assert.Multiple(() =>
        {
            Assert.That(split.ToArray<long>(), Is.EqualTo(new long[] { 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23 }));
            Assert.That(split.SharesMemoryWith(x), Is.False);
            Assert.That(joined.ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21 }));
            Assert.That(joined.SharesMemoryWith(x));
            Assert.That(x.T.Reshape(-1).ToArray<long>(), Is.EqualTo(x.T.ToArray<long>()));
            Assert.That(x.T.Reshape((4, 3, 1, 2, 1)).SharesMemoryWith(x));
            Assert.That(x.Transpose(2, 0, 1).Reshape((4, 6)).ToArray<long>(), Is.EqualTo(x.Transpose(2, 0, 1).ToArray<long>()));
            Assert.That(x[.., new Slice(step: -1)].Ravel().ToArray<long>()[0], Is.EqualTo(8));
        });
    }

    [Test]
    public void Transpose()
    {
        NDArray x = Range((2, 3, 4));
        Assert.Multiple(() =>
        {
            Assert.That(x.T.Shape, Is.EqualTo((Shape)(4, 3, 2)));
            Assert.That(x.T[1, 2, 0].Item<long>(), Is.EqualTo(9));
            Assert.That(x.Transpose(1, -1, 0).Shape, Is.EqualTo((Shape)(3, 4, 2)));
            Assert.That(x.Transpose(1, 2, 0)[2, 3, 1].Item<long>(), Is.EqualTo(23));
            Assert.That(x.T.IsContiguous, Is.False);
            Assert.That(x.T.T.IsContiguous);
            Assert.That(() => x.Transpose(0, 1), Throws.ArgumentException);
            Assert.That(() => x.Transpose(0, 1, 1), Throws.ArgumentException);
            Assert.That(() => x.Transpose(0, 1, 3), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => x.Transpose(null!), Throws.ArgumentNullException);
        });
    }

    [Test]
    public void BroadcastTo()
    {
        NDArray x = new[,] { { 1 }, { 2 } };
        NDArray y = x.BroadcastTo((2, 2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(y.ToArray<int>(), Is.EqualTo(new[] { 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2 }));
            Assert.That(y.Strides.ToArray(), Is.EqualTo(new long[] { 0, 1, 0 }));
            Assert.That(x.BroadcastTo((2, 0)).Size, Is.Zero);
            Assert.That(() => x.BroadcastTo((3, 3)), Throws.ArgumentException);
            Assert.That(() => x.BroadcastTo(2), Throws.ArgumentException);
            Assert.That(() => x.BroadcastTo((2, -1)), Throws.ArgumentException);
            Assert.That(() => y.Fill(1), Throws.ArgumentException, "elements that repeat cannot be written");
        });
    }

    [Test]
    public void Tile()
    {
        NDArray x = new[,] { { 1, 2 }, { 3, 4 } };
        Assert.Multiple(() =>
        {
            Assert.That(x.Tile(2).ToString(), Is.EqualTo("[[1 2 1 2]\n [3 4 3 4]]"));
            Assert.That(x.Tile(2, 1).ToString(), Is.EqualTo("[[1 2]\n [3 4]\n [1 2]\n [3 4]]"));
            Assert.That(x.Tile(2, 2, 3).ToArray<int>(), Is.EqualTo(Enumerable.Repeat(new[] { 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4 }, 4).SelectMany(r => r)));
            Assert.That(x.T.Tile(1, 2).ToString(), Is.EqualTo("[[1 3 1 3]\n [2 4 2 4]]"));
            Assert.That(x.Tile(0).Shape, Is.EqualTo((Shape)(2, 0)));
            Assert.That(((NDArray)5).Tile(3).ToArray<int>(), Is.EqualTo(new[] { 5, 5, 5 }));
            Assert.That(() => x.Tile(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void ExpandDimsAndSqueeze()
    {
        NDArray x = Range((2, 3));
        NDArray y = x.ExpandDims(1).ExpandDims(-1);
        Assert.Multiple(() =>
        {
            Assert.That(y.Shape, Is.EqualTo((Shape)(2, 1, 3, 1)));
            Assert.That(y.Squeeze().Shape, Is.EqualTo(x.Shape));
            Assert.That(y.Squeeze(-1).Shape, Is.EqualTo((Shape)(2, 1, 3)));
            Assert.That(y.Squeeze((1, 3)).ToArray<long>(), Is.EqualTo(x.ToArray<long>()));
            Assert.That(() => y.Squeeze(0), Throws.ArgumentException);
            Assert.That(() => y.Squeeze((1, 1)), Throws.ArgumentException);
            Assert.That(() => x.ExpandDims(3), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Zeros([1, 1, 1, 1, 1, 1, 1, 1]).ExpandDims(0), Throws.ArgumentException);
        });
    }

    [Test]
    public void ReshapeRefuses()
    {
        NDArray x = Range((2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(() => x.Reshape(5), Throws.ArgumentException);
            Assert.That(() => x.Reshape((4, -1)), Throws.ArgumentException);
            Assert.That(() => x.Reshape((-1, -1)), Throws.ArgumentException);
            Assert.That(() => x.Reshape((-2, 3)), Throws.ArgumentException);
            Assert.That(() => Range((0, 3)).Reshape((0, -1)), Throws.ArgumentException);
            Assert.That(() => Range(0).Reshape((65536, 65536, 65536, 65536)), Throws.ArgumentException, "2^64 elements");
            Assert.That(() => NDArray.Zeros(1).BroadcastTo((int.MaxValue, int.MaxValue, int.MaxValue)), Throws.ArgumentException);
            Assert.That(() => NDArray.FromSpan<int>([], (65536, 65536, 65536, 65536)), Throws.ArgumentException);
            Assert.That(() => NDArray.Zeros((2, 0)).Tile(int.MaxValue, 1), Throws.ArgumentException);
            Assert.That(() => NDArray.Concatenate([NDArray.Zeros((int.MaxValue, 0)), NDArray.Zeros((1, 0))]), Throws.ArgumentException);
        });
    }
}
