using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class ReductionTests
{
    [Test]
    public void DTypesOfResults([Values] DType dtype)
    {
        NDArray x = NDArray.Ones((2, 3), dtype);
        DType sum = dtype.IsFloating() ? dtype : DType.Int64;
        DType mean = dtype.IsFloating() ? dtype : DType.Float64;
        Assert.Multiple(() =>
        {
            Assert.That((x.Sum().DType, x.Sum().Item<double>()), Is.EqualTo((sum, 6.0)));
            Assert.That((x.Prod().DType, x.Prod().Item<double>()), Is.EqualTo((sum, 1.0)));
            Assert.That((x.Mean().DType, x.Mean().Item<double>()), Is.EqualTo((mean, 1.0)));
            Assert.That((x.Max().DType, x.Min().DType), Is.EqualTo((dtype, dtype)));
            Assert.That((x.ArgMax().DType, x.ArgMax().Item<long>()), Is.EqualTo((DType.Int64, 0L)));
            Assert.That((x.All().DType, x.All().Item<bool>(), x.Any().Item<bool>()), Is.EqualTo((DType.Bool, true, true)));
        });
    }

    [Test]
    public void AxesAndKeepDims()
    {
        NDArray x = NDArray.Arange(24).Reshape((2, 3, 4));
        Assert.Multiple(() =>
        {
            Assert.That(x.Sum().Item<long>(), Is.EqualTo(276));
            Assert.That(x.Sum(0).ToString(), Is.EqualTo("[[12 14 16 18]\n [20 22 24 26]\n [28 30 32 34]]"));
            Assert.That(x.Sum((0, -1)).ToArray<long>(), Is.EqualTo(new long[] { 60, 92, 124 }));
            Assert.That(x.Sum((0, -1), keepDims: true).Shape, Is.EqualTo((Shape)(1, 3, 1)));
            Assert.That(x.Sum(keepDims: true).Shape, Is.EqualTo((Shape)(1, 1, 1)));
            Assert.That(x.Sum(new Axes([])).Shape, Is.EqualTo(x.Shape));
            Assert.That(x.Max((1, 2)).ToArray<long>(), Is.EqualTo(new long[] { 11, 23 }));
            Assert.That(x.T.Min(0).ToArray<long>(), Is.EqualTo(new long[] { 0, 12, 4, 16, 8, 20 }));
            Assert.That(x.Mean(1).ToArray<double>(), Is.EqualTo(new double[] { 4, 5, 6, 7, 16, 17, 18, 19 }));
            Assert.That(x.ArgMax(1).ToArray<long>(), Is.All.EqualTo(2));
            Assert.That(x[.., new Slice(step: -1)].ArgMin().Item<long>(), Is.EqualTo(8));
            Assert.That(x.ArgMax(2, keepDims: true).Shape, Is.EqualTo((Shape)(2, 3, 1)));
            Assert.That((x > 3).All((1, 2)).ToArray<bool>(), Is.EqualTo(new[] { false, true }));
            Assert.That((x > 22).Any(0).ToArray<bool>().Count(v => v), Is.EqualTo(1));
        });
    }

    [Test]
    public void NaNAndTies()
    {
        NDArray x = new[] { 1.0, double.NaN, 3, double.NaN, 3 };
        NDArray ties = new[] { 1, 5, 5, 1 };
        Assert.Multiple(() =>
        {
            Assert.That(x.Max().Item<double>(), Is.NaN);
            Assert.That(x.ArgMax().Item<long>(), Is.EqualTo(1));
            Assert.That(x.ArgMin().Item<long>(), Is.EqualTo(1));
            Assert.That(ties.ArgMax().Item<long>(), Is.EqualTo(1));
            Assert.That(ties.ArgMin().Item<long>(), Is.EqualTo(0));
            Assert.That(((NDArray)new[] { -1, 1 }).Any().Item<bool>(), "a sum of 0 is not nothing");
        });
    }

    [Test]
    public void OfNoElements()
    {
        NDArray x = NDArray.Zeros((0, 3));
        Assert.Multiple(() =>
        {
            Assert.That(x.Sum(0).ToArray<float>(), Is.EqualTo(new float[3]));
            Assert.That(x.Prod(0).ToArray<float>(), Is.All.EqualTo(1f));
            Assert.That(x.Mean(0).ToArray<float>(), Is.All.NaN);
            Assert.That(x.All().Item<bool>());
            Assert.That(x.Any().Item<bool>(), Is.False);
            Assert.That(x.Max(1).Size, Is.Zero);
            Assert.That(() => x.Max(), Throws.ArgumentException.With.Message.Contains("Max"));
            Assert.That(() => x.ArgMin(0), Throws.ArgumentException);
        });
    }

    [Test]
    public void RefusesWhatIsWrong()
    {
        NDArray x = NDArray.Ones((2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(() => x.Sum(2), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Sum"));
            Assert.That(() => x.Mean((0, -2)), Throws.ArgumentException);
            Assert.That(() => x.ArgMax((0, 1)), Throws.ArgumentException);
        });
    }
}
