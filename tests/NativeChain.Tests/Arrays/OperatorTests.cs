using System.Text.Json;
using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class OperatorTests
{
    public static IEnumerable<TestCaseData> Promotions() => NumPyTable.Cases("promotion").Select(c =>
        new TestCaseData(Type(c, "a"), Type(c, "b"), Type(c, "result")));

    [TestCaseSource(nameof(Promotions))]
    public void PromotesAsNumPy(DType a, DType b, DType expected)
    {
        Assert.Multiple(() =>
        {
            Assert.That(DTypes.Promote(a, b), Is.EqualTo(expected));
            Assert.That((NDArray.Ones(3, a) + NDArray.Ones(3, b)).DType, Is.EqualTo(expected));
            Assert.That((NDArray.Ones(Shape.Scalar, a) * NDArray.Ones(3, b)).DType, Is.EqualTo(expected), "a 0-d array's dtype counts");
        });
    }

    [TestCase(DType.BFloat16, DType.Bool, DType.BFloat16)]
    [TestCase(DType.BFloat16, DType.UInt8, DType.BFloat16)]
    [TestCase(DType.BFloat16, DType.Int32, DType.Float64)]
    [TestCase(DType.BFloat16, DType.Float16, DType.Float32)]
    [TestCase(DType.BFloat16, DType.Float32, DType.Float32)]
    [TestCase(DType.BFloat16, DType.BFloat16, DType.BFloat16)]
    public void PromotesBFloat16(DType a, DType b, DType expected) =>
        Assert.That((DTypes.Promote(a, b), DTypes.Promote(b, a)), Is.EqualTo((expected, expected)));

    [Test]
    public void NumbersAreWeak([Values] DType dtype)
    {
        NDArray x = NDArray.Ones(2, dtype);
        DType withInteger = dtype == DType.Bool ? DType.Int64 : dtype;
        DType withFraction = dtype.IsFloating() ? dtype : DType.Float64;
        Assert.Multiple(() =>
        {
            Assert.That((x + 2).DType, Is.EqualTo(withInteger));
            Assert.That((2 * x).DType, Is.EqualTo(withInteger));
            Assert.That((x * 2.5).DType, Is.EqualTo(withFraction));
            Assert.That((2.5f - x).DType, Is.EqualTo(withFraction));
            Assert.That((x / 2).DType, Is.EqualTo(withFraction));
            Assert.That((x / x).DType, Is.EqualTo(withFraction));
            Assert.That((x < 2).DType, Is.EqualTo(DType.Bool));
            Assert.That((2.5 - x).AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo(1.5));
        });
    }

    [Test]
    public void NumbersThatDoNotFitAreRefused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => NDArray.Ones(2, DType.UInt8) + 256, Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Ones(2, DType.UInt8) - (-1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => NDArray.Ones(2, DType.Int32) * (1L << 31), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That((NDArray.Ones(2, DType.UInt8) + 255).ToArray<byte>(), Is.All.EqualTo(0), "results wrap");
        });
    }

    [Test]
    public void Arithmetic()
    {
        NDArray a = new[] { 7, -7, 5 };
        NDArray b = new[] { 2, 2, -3 };
        NDArray x = new[] { 7.5, -7.5 };
        Assert.Multiple(() =>
        {
            Assert.That((a + b).ToArray<int>(), Is.EqualTo(new[] { 9, -5, 2 }));
            Assert.That((a - b).ToArray<int>(), Is.EqualTo(new[] { 5, -9, 8 }));
            Assert.That((a * b).ToArray<int>(), Is.EqualTo(new[] { 14, -14, -15 }));
            Assert.That((a / b).ToArray<double>(), Is.EqualTo(new[] { 3.5, -3.5, 5 / -3.0 }));
            Assert.That((a % b).ToArray<int>(), Is.EqualTo(new[] { 1, 1, -1 }));
            Assert.That(NDArray.FloorDivide(a, b).ToArray<int>(), Is.EqualTo(new[] { 3, -4, -2 }));
            Assert.That((x % 2).ToArray<double>(), Is.EqualTo(new[] { 1.5, 0.5 }));
            Assert.That(NDArray.Pow(a, 2).ToArray<int>(), Is.EqualTo(new[] { 49, 49, 25 }));
            Assert.That(NDArray.Pow(2, b[..2]).ToArray<int>(), Is.EqualTo(new[] { 4, 4 }));
            Assert.That(NDArray.Pow(x, -1.0).ToArray<double>()[0], Is.EqualTo(1 / 7.5).Within(1e-15));
            Assert.That((-a).ToArray<int>(), Is.EqualTo(new[] { -7, 7, -5 }));
            Assert.That(NDArray.Abs(a).ToArray<int>(), Is.EqualTo(new[] { 7, 7, 5 }));
            Assert.That(NDArray.Maximum(a, 0).ToArray<int>(), Is.EqualTo(new[] { 7, 0, 5 }));
            Assert.That(NDArray.Where(a > 0, a, b).ToArray<int>(), Is.EqualTo(new[] { 7, 2, 5 }));
            Assert.That(NDArray.Exp(NDArray.Zeros(2, DType.Int32)).ToRepr(), Is.EqualTo("array([1., 1.])"));
        });
    }

    [Test]
    public void ComparisonAndLogic()
    {
        NDArray a = new[] { 1, 2, 3 };
        NDArray t = new[] { true, true, false };
        NDArray u = new[] { true, false, false };
        Assert.Multiple(() =>
        {
            Assert.That((a < 2).ToArray<bool>(), Is.EqualTo(new[] { true, false, false }));
            Assert.That((a >= new[] { 2, 2, 2 }).ToArray<bool>(), Is.EqualTo(new[] { false, true, true }));
            Assert.That((2 > a).ToArray<bool>(), Is.EqualTo(new[] { true, false, false }));
            Assert.That(NDArray.Equal(a, 2).ToArray<bool>(), Is.EqualTo(new[] { false, true, false }));
            Assert.That((a == 2).ToArray<bool>(), Is.EqualTo(new[] { false, true, false }));
            Assert.That((2.0 != a).ToArray<bool>(), Is.EqualTo(new[] { true, false, true }));
            Assert.That((a == a.Copy()).ToArray<bool>(), Is.All.True);
            Assert.That(a.Equals(a.Copy()), Is.False, "Equals compares objects");
            Assert.That(NDArray.NotEqual(a, a).ToArray<bool>(), Is.All.False);
            Assert.That((t & u).ToArray<bool>(), Is.EqualTo(new[] { true, false, false }));
            Assert.That((t | u).ToArray<bool>(), Is.EqualTo(new[] { true, true, false }));
            Assert.That((t ^ u).ToArray<bool>(), Is.EqualTo(new[] { false, true, false }));
            Assert.That((~t).ToArray<bool>(), Is.EqualTo(new[] { false, false, true }));
            Assert.That((~a).ToArray<int>(), Is.EqualTo(new[] { -2, -3, -4 }));
            Assert.That((a & 2).ToArray<int>(), Is.EqualTo(new[] { 0, 2, 2 }));
            Assert.That((t + u).ToArray<bool>(), Is.EqualTo(new[] { true, true, false }));
        });
    }

    [Test]
    public void BroadcastsAnyStrides()
    {
        NDArray a = NDArray.Arange(6).Reshape((2, 3));
        NDArray y = a.T + new long[] { 10, 20 };
        Assert.Multiple(() =>
        {
            Assert.That(y.ToString(), Is.EqualTo("[[10 23]\n [11 24]\n [12 25]]"));
            Assert.That((a[.., new Slice(step: -1)] - a).ToString(), Is.EqualTo("[[ 2  0 -2]\n [ 2  0 -2]]"));
            Assert.That((a + NDArray.Zeros((0, 1, 1))).Shape, Is.EqualTo((Shape)(0, 2, 3)));
        });
    }

    [Test]
    public void RefusesWhatIsWrong()
    {
        NDArray a = NDArray.Ones((2, 3));
        NDArray t = new[] { true };
        var disposed = NDArray.Ones(3);
        disposed.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => a + NDArray.Ones(2), Throws.ArgumentException.With.Message.Contains("(2, 3)").And.Message.Contains("(2,)"));
            Assert.That(() => a + (NDArray)null!, Throws.ArgumentNullException);
            Assert.That(() => (NDArray)null! * 2, Throws.ArgumentNullException);
            Assert.That(() => a + disposed, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => disposed < 1, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => t - t, Throws.ArgumentException);
            Assert.That(() => -t, Throws.ArgumentException);
            Assert.That(() => ~a, Throws.ArgumentException);
            Assert.That(() => a & a, Throws.ArgumentException);
            Assert.That(() => NDArray.Pow((NDArray)new[] { 2 }, -1), Throws.ArgumentException);
            Assert.That(() => NDArray.Pow((NDArray)null!, -1), Throws.ArgumentNullException);
        });
    }

    private static DType Type(JsonElement c, string name) => DTypes.Parse(c.GetProperty(name).GetString()!);
}
