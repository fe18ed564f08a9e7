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

    public static IEnumerable<TestCaseData> Pickings() => NumPyTable.Cases("picking").Select(c =>
        new TestCaseData(c).SetArgDisplayNames(c.GetProperty("shape").GetRawText(), c.GetProperty("index").GetRawText()));

    [TestCaseSource(nameof(Pickings))]
    public void PicksAndAssignsAsNumPy(JsonElement c)
    {
        Shape shape = NumPyTable.Shape(c.GetProperty("shape"));
        NDArray x = NDArray.Arange(shape.Size).Reshape(shape);
        IndexExpr[] index = c.GetProperty("index").EnumerateArray().Select(Part).ToArray();
        if (c.GetProperty("result").ValueKind == JsonValueKind.Null)
        {
            Assert.That(() => x[index], Throws.InstanceOf<ArgumentException>());
            Assert.That(() => x[index] = -1, Throws.InstanceOf<ArgumentException>());
            Assert.That(x.ToArray<long>(), Is.EqualTo(Enumerable.Range(0, (int)shape.Size)), "what is refused changes nothing");
            return;
        }

        NDArray y = x[index];
        long[] picked = NumPyTable.Longs(c.GetProperty("values"));
        Assert.That(y.Shape, Is.EqualTo(NumPyTable.Shape(c.GetProperty("result"))));
        Assert.That(y.ToArray<long>(), Is.EqualTo(picked));
        NDArray columns = x.T.Copy().T;
        Assert.That(columns[index].ToArray<long>(), Is.EqualTo(picked), "of an array in the order of columns");

        NDArray one = x.Copy();
        one[index] = -1;
        Assert.That(one.ToArray<long>(), Is.EqualTo(x.ToArray<long>().Select(v => picked.Contains(v) ? -1 : v)));

        Shape extents = NumPyTable.Shape(c.GetProperty("value"));
        NDArray many = x.Copy();
        many[index] = NDArray.Arange(-extents.Size, 0).Reshape(extents);
        Assert.That(many.ToArray<long>(), Is.EqualTo(NumPyTable.Longs(c.GetProperty("assigned"))));
        columns[index] = NDArray.Arange(-extents.Size, 0, dtype: DType.Int32).Reshape(extents);
        Assert.That(NDArray.ArrayEqual(columns, many), "in an array in the order of columns");
    }

    [Test]
    public void ArraysOfCSharpPick()
    {
        NDArray x = NDArray.Arange(12).Reshape((3, 4));
        Assert.Multiple(() =>
        {
            Assert.That(x[[0, 2]].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2, 3, 8, 9, 10, 11 }));
            Assert.That(x[[0, 2], [1, 3]].ToArray<long>(), Is.EqualTo(new long[] { 1, 11 }));
            Assert.That(x[.., [-1, 0]].ToArray<long>(), Is.EqualTo(new long[] { 3, 0, 7, 4, 11, 8 }));
            Assert.That(x[new[] { 2L }, 1].ToArray<long>(), Is.EqualTo(new long[] { 9 }));
            Assert.That(x[new[,] { { 0, 1 }, { 2, 0 } }].Shape, Is.EqualTo((Shape)(2, 2, 4)));
            Assert.That(x[new[] { true, false, true }, 0].ToArray<long>(), Is.EqualTo(new long[] { 0, 8 }));
            Assert.That(x[[]].Shape, Is.EqualTo((Shape)(0, 4)));
            Assert.That(x[1, 2].Item<long>(), Is.EqualTo(6));
        });
    }

    [Test]
    public void AMaskIsAssignedInPlace([Values(DType.Bool, DType.UInt8, DType.Int32, DType.Float16, DType.Float32, DType.Float64)] DType dtype)
    {
        NDArray x = NDArray.Arange(6).Reshape((2, 3)).AsType(dtype);
        NDArray before = x.AsType(DType.Float64);
        x[before % 2.0 > 0] = dtype == DType.Bool ? 0 : 7;
        NDArray expected = NDArray.Where(before % 2.0 > 0, dtype == DType.Bool ? 0 : 7, before);
        Assert.That(x.AsType(DType.Float64).ToString(), Is.EqualTo(expected.AsType(DType.Float64).ToString()));
        x.T[new[] { true, false, true }] = 1;
        Assert.That(x.AsType(DType.Int64)[.., [0, 2]].ToArray<long>(), Is.All.EqualTo(1));
    }

    [Test]
    public void AnIndexThatLiesInWhatIsWrittenIsReadFirst()
    {
        NDArray x = new[] { 3, 2, 1, 0 };
        x[x] = NDArray.Arange(4, DType.Int32);
        Assert.That(x.ToArray<int>(), Is.EqualTo(new[] { 3, 2, 1, 0 }));
        NDArray flags = new[] { true, false, true };
        flags[flags[new Slice(step: -1)]] = false;
        Assert.That(flags.ToArray<bool>(), Is.All.False);
    }

    [Test]
    public void PickedElementsAreUpdated()
    {
        NDArray x = NDArray.Arange(5);
        x[x > 2] *= 10;
        x[[0, 1]] += 100;
        x[^3] -= 2;
        Assert.That(x.ToArray<long>(), Is.EqualTo(new long[] { 100, 101, 0, 30, 40 }));
    }

    [Test]
    public void RowsAreEnumerated()
    {
        NDArray x = NDArray.Arange(6).Reshape((3, 2));
        foreach (NDArray row in x)
        {
            row[0] = -1;
        }

        Assert.That(x.ToArray<long>(), Is.EqualTo(new long[] { -1, 1, -1, 3, -1, 5 }));
        Assert.That(() => ((NDArray)1).GetEnumerator(), Throws.ArgumentException);
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
            Assert.That(() => x[0] = NDArray.Zeros((2, 3)), Throws.ArgumentException);
            Assert.That(() => x[0] = null!, Throws.ArgumentNullException);
            Assert.That(() => x[x > 2] = NDArray.Zeros(2), Throws.ArgumentException.With.Message.Contains("(2,)"));
            Assert.That(() => x[x > 2] = NDArray.Zeros((1, 3)), Throws.ArgumentException);
            Assert.That(() => x[NDArray.Zeros(2)], Throws.ArgumentException.With.Message.Contains("float32"));
            Assert.That(() => NDArray.Zeros([1, 1, 1, 1, 1, 1, 1, 1])[IndexExpr.NewAxis], Throws.ArgumentException);
        });
        Assert.That(x.ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2, 3, 4, 5 }));
    }

    private static IndexExpr Part(JsonElement part) => part[0].GetString() switch
    {
        "i" => part[1].GetInt32(),
        "s" => new Slice(Optional(part[1]), Optional(part[2]), Optional(part[3])),
        "n" => IndexExpr.NewAxis,
        "m" => NDArray.FromSpan<bool>([.. part[2].EnumerateArray().Select(v => v.GetBoolean())], NumPyTable.Shape(part[1])),
        "a" => NDArray.FromSpan<long>(NumPyTable.Longs(part[3]), NumPyTable.Shape(part[2])).AsType(DTypes.Parse(part[1].GetString()!)),
        _ => IndexExpr.Ellipsis,
    };

    private static int? Optional(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
}
