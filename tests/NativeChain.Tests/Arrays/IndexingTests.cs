using System.Text.Json;
using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class IndexingTests
{
    public static IEnumerable<TestCaseData> Cases() => NumPyTable.Cases("indexing").Select(c =>
        new TestCaseData(c).SetArgDisplayNames(c.GetProperty("shape").GetRawText(), c.GetProperty("index").GetRawText()));

    [TestCaseSource(nameof(Cases))]
    public void IndexesAsNumPy(JsonElement c)
    {
        Shape shape = NumPyTable.Shape(c.GetProperty("shape"));
        NDArray x = NDArray.Arange(shape.Size).Reshape(shape);
        IndexExpr[] index = c.GetProperty("index").EnumerateArray().Select(Part).ToArray();
        if (c.GetProperty("result").ValueKind == JsonValueKind.Null)
        {
            Assert.That(() => x[index], Throws.TypeOf<ArgumentOutOfRangeException>());
            return;
        }

        NDArray y = x[index];
        long[] expected = c.GetProperty("values").EnumerateArray().Select(v => v.GetInt64()).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(y.Shape, Is.EqualTo(NumPyTable.Shape(c.GetProperty("result"))));
            Assert.That(y.ToArray<long>(), Is.EqualTo(expected));
            Assert.That(y.SharesMemoryWith(x));
        });

        y.Fill(-1);
        Assert.That(x.ToArray<long>().Count(v => v == -1), Is.EqualTo(expected.Distinct().Count()));
    }

    [Test]
    public void RangesAndIndicesOfCSharp()
    {
        NDArray x = NDArray.Arange(12).Reshape((3, 4));
        Assert.Multiple(() =>
        {
            Assert.That(x[1].ToArray<long>(), Is.EqualTo(new long[] { 4, 5, 6, 7 }));
            Assert.That(x[^1, ^1].Item<long>(), Is.EqualTo(11));
            Assert.That(x[.., ^1].ToArray<long>(), Is.EqualTo(new long[] { 3, 7, 11 }));
            Assert.That(x[1..3, 1..^1].ToArray<long>(), Is.EqualTo(new long[] { 5, 6, 9, 10 }));
            Assert.That(x[^2.., 0].ToArray<long>(), Is.EqualTo(new long[] { 4, 8 }));
            Assert.That(x[..^0, ^0..].Shape, Is.EqualTo((Shape)(3, 0)));
            Assert.That(x[IndexExpr.Ellipsis, IndexExpr.NewAxis].Shape, Is.EqualTo((Shape)(3, 4, 1)));
            Assert.That(x[new Slice(step: -1), 0].ToArray<long>(), Is.EqualTo(new long[] { 8, 4, 0 }));
        });
    }

    [Test]
    public void SetterBroadcastsAndCasts()
    {
        NDArray x = NDArray.Zeros((2, 3), DType.Int32);
        x[1] = new[] { 1.9f, -1.9f, 3f };
        x[.., 0] = 7;
        Assert.That(x.ToArray<int>(), Is.EqualTo(new[] { 7, 0, 0, 7, -1, 3 }));
    }

    [Test]
    public void SetterReadsAnOverlappingValueFirst()
    {
        NDArray x = NDArray.Arange(5);
        x[1..] = x[..^1];
        Assert.That(x.ToArray<long>(), Is.EqualTo(new long[] { 0, 0, 1, 2, 3 }));
        x[..] = x[new Slice(step: -1)];
        Assert.That(x.ToArray<long>(), Is.EqualTo(new long[] { 3, 2, 1, 0, 0 }));
    }

    [Test]
    public void RefusesWhatIsWrong()
    {
        NDArray x = NDArray.Arange(6).Reshape((2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(() => x[2], Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("axis 0 with size 2"));
            Assert.That(() => x[0, -4], Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => x[^0], Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => x[0, 0, 0], Throws.ArgumentException);
            Assert.That(() => x[IndexExpr.Ellipsis, IndexExpr.Ellipsis], Throws.ArgumentException);
            Assert.That(() => new Slice(step: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => x[0] = NDArray.Zeros(2), Throws.ArgumentException);
            Assert.That(() => x[0] = NDArray.Zeros((1, 3)), Throws.ArgumentException);
            Assert.That(() => x[0] = null!, Throws.ArgumentNullException);
            Assert.That(() => NDArray.Zeros([1, 1, 1, 1, 1, 1, 1, 1])[IndexExpr.NewAxis], Throws.ArgumentException);
        });
        Assert.That(x.ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2, 3, 4, 5 }));
    }

    private static IndexExpr Part(JsonElement part) => part[0].GetString() switch
    {
        "i" => part[1].GetInt32(),
        "s" => new Slice(Optional(part[1]), Optional(part[2]), Optional(part[3])),
        "n" => IndexExpr.NewAxis,
        _ => IndexExpr.Ellipsis,
    };

    private static int? Optional(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
}
