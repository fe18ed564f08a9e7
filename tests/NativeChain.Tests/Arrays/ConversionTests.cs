using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class ConversionTests
{
    [Test]
    public void AsTypeFollowsTheRules()
    {
        NDArray x = new[] { -1.9, 1.9, 300, double.NaN, 1e20, double.NegativeInfinity };
        Assert.Multiple(() =>
        {
            Assert.That(x.AsType(DType.Int32).ToArray<int>(), Is.EqualTo(new[] { -1, 1, 300, 0, int.MaxValue, int.MinValue }));
            Assert.That(x.AsType(DType.UInt8).ToArray<byte>(), Is.EqualTo(new byte[] { 0, 1, 255, 0, 255, 0 }));
            Assert.That(((NDArray)new[] { 0, 2, -1 }).AsType(DType.Bool).ToArray<bool>(), Is.EqualTo(new[] { false, true, true }));
            Assert.That(((NDArray)new[] { 257 }).AsType(DType.UInt8).ToArray<byte>(), Is.EqualTo(new byte[] { 1 }));
            Assert.That(x.AsType(DType.Float64, copy: false), Is.SameAs(x));
            Assert.That(x.AsType(DType.Float64), Is.Not.SameAs(x));
            Assert.That(() => x.AsType((DType)9), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void EveryDTypeRoundTrips([Values] DType from, [Values] DType to)
    {
        NDArray x = NDArray.Arange(2, dtype: from);
        Assert.That(x.AsType(to).AsType(from).AsType(DType.Int64).ToArray<long>(), Is.EqualTo(new long[] { 0, 1 }));
    }

    [Test]
    public void ToArraysAndSpans()
    {
        NDArray x = NDArray.Arange(6, dtype: DType.Int32).Reshape((2, 3));
        var span = new int[8];
        x.T.CopyTo(span.AsSpan());
        Assert.Multiple(() =>
        {
            Assert.That(span, Is.EqualTo(new[] { 0, 3, 1, 4, 2, 5, 0, 0 }));
            Assert.That(x.T.ToArray(), Is.EqualTo(new[,] { { 0, 3 }, { 1, 4 }, { 2, 5 } }));
            Assert.That(((NDArray)1.5f).ToArray(), Is.EqualTo(new[] { 1.5f }));
            Assert.That(() => x.ToArray<long>(), Throws.ArgumentException.With.Message.Contains("int32"));
            Assert.That(() => x.CopyTo(new int[5].AsSpan()), Throws.ArgumentException);
        });
    }

    [Test]
    public void CopyToBroadcastsAndCasts()
    {
        NDArray y = NDArray.Zeros((2, 2));
        ((NDArray)new[] { 1, 2 }).CopyTo(y);
        Assert.Multiple(() =>
        {
            Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 1f, 2, 1, 2 }));
            Assert.That(() => NDArray.Zeros(3).CopyTo(y), Throws.ArgumentException);
            Assert.That(() => NDArray.Zeros((1, 2, 2)).CopyTo(y), Throws.ArgumentException);
            Assert.That(() => y.CopyTo((NDArray)null!), Throws.ArgumentNullException);
        });
    }

    [Test]
    public void Item()
    {
        NDArray x = new[,] { { 2.75f } };
        Assert.Multiple(() =>
        {
            Assert.That(x.Item<float>(), Is.EqualTo(2.75f));
            Assert.That(x.Item<double>(), Is.EqualTo(2.75));
            Assert.That(x.Item<int>(), Is.EqualTo(2));
            Assert.That((double)x, Is.EqualTo(2.75));
            Assert.That((bool)x);
            Assert.That(() => NDArray.Zeros(2).Item<float>(), Throws.InvalidOperationException);
            Assert.That(() => NDArray.Zeros(0).Item<float>(), Throws.InvalidOperationException);
            Assert.That(() => (float)(NDArray)null!, Throws.ArgumentNullException);
        });
    }

    [Test]
    public void BFloat16RoundsToNearestEven()
    {
        Assert.Multiple(() =>
        {
            Assert.That((float)(BFloat16)1.00390625f, Is.EqualTo(1f), "a tie goes to the even one");
            Assert.That((float)(BFloat16)1.01171875f, Is.EqualTo(1.015625f));
            Assert.That(float.IsNaN((BFloat16)float.NaN));
            Assert.That((float)(BFloat16)float.MaxValue, Is.EqualTo(float.PositiveInfinity));
            Assert.That(((NDArray)new[] { 0.1f, -3.14159f }).AsType(DType.BFloat16).ToArray<BFloat16>(),
                Is.EqualTo(new[] { (BFloat16)0.1f, (BFloat16)(-3.14159f) }));
        });
    }
}
