using System.Text.Json;
using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

/// <summary>Functions of arrays, each over all of its cases in Data/generate.py: dtype, shape and elements are NumPy's, and what it refuses is refused.</summary>
public class NumPyFunctionTests
{
    private static readonly Dictionary<string, Func<JsonElement, NDArray[]>> s_calls = new()
    {
        ["hstack"] = a => [NDArray.HStack(X(a), X(a, 1))],
        ["vstack"] = a => [NDArray.VStack(X(a), X(a, 1))],
        ["dstack"] = a => [NDArray.DStack(X(a), X(a, 1))],
        ["column_stack"] = a => [NDArray.ColumnStack(X(a), X(a, 1))],
        ["concatenate"] = a => [NDArray.Concatenate([X(a), X(a, 1)], Axis(a[2]))],
        ["split"] = a => NDArray.Split(X(a), Int(a[1]), Int(a[2])),
        ["array_split"] = a => NDArray.ArraySplit(X(a), Int(a[1]), Int(a[2])),
        ["split_at"] = a => NDArray.Split(X(a), Ints(a[1]), Int(a[2])),
        ["repeat"] = a => [X(a).Repeat(Int(a[1]), Axis(a[2]))],
        ["flip"] = a => [NDArray.Flip(X(a), Axis(a[1]))],
        ["roll"] = a => [NDArray.Roll(X(a), Int(a[1]), Axis(a[2]))],
        ["roll_axes"] = a => [NDArray.Roll(X(a), Ints(a[1]), Ints(a[2]))],
        ["tile"] = a => [X(a).Tile(Ints(a[1]))],
        ["rot90"] = a => [NDArray.Rot90(X(a), Int(a[1]))],
        ["tril"] = a => [NDArray.Tril(X(a), Int(a[1]))],
        ["triu"] = a => [NDArray.Triu(X(a), Int(a[1]))],
        ["diagonal"] = a => [X(a).Diagonal(Int(a[1]), Int(a[2]), Int(a[3]))],
        ["trace"] = a => [X(a).Trace(Int(a[1]), Int(a[2]), Int(a[3]))],
        ["diag"] = a => [NDArray.Diag(X(a), Int(a[1]))],
        ["tri"] = a => [NDArray.Tri(Int(a[0]), Int(a[1]), Int(a[2]), DType.Float64)],
        ["pad"] = a => [NDArray.Pad(X(a), [.. a[1].EnumerateArray().Select(w => (Int(w[0]), Int(w[1])))], Enum.Parse<PadMode>(a[2].GetString()!, ignoreCase: true))],
        ["nonzero"] = a => NDArray.Where(X(a)),
        ["argwhere"] = a => [NDArray.ArgWhere(X(a))],
        ["flatnonzero"] = a => [NDArray.FlatNonzero(X(a))],
        ["count_nonzero"] = a => [NDArray.CountNonzero(X(a), Axis(a[1]))],
        ["var"] = a => [X(a).Var(Axis(a[1]), Int(a[2]))],
        ["std"] = a => [X(a).Std(Axis(a[1]), Int(a[2]), keepDims: true)],
        ["ptp"] = a => [NDArray.Ptp(X(a), Axis(a[1]))],
        ["average"] = a => [NDArray.Average(X(a), Axis(a[1]), X(a, 2))],
        ["linspace"] = a => [NDArray.Linspace(a[0].GetDouble(), a[1].GetDouble(), Int(a[2]), a[3].GetBoolean(), a[4].GetString() is { } d ? DTypes.Parse(d) : null)],
        ["logspace"] = a => [NDArray.Logspace(a[0].GetDouble(), a[1].GetDouble(), Int(a[2]))],
        ["meshgrid"] = a => NDArray.Meshgrid(
            [.. Enumerable.Range(0, a.GetArrayLength() - 1).Select(i => X(a, i))], a[a.GetArrayLength() - 1].GetString() == "ij" ? MeshgridIndexing.IJ : MeshgridIndexing.XY),
        ["clip"] = a => [X(a).Clip(Axis(a[1]), Axis(a[2]))],
        ["take"] = a => [X(a).Take(X(a, 1), Axis(a[2]))],
        ["take_along_axis"] = a => [X(a).TakeAlongAxis(X(a, 1), Axis(a[2]))],
        ["sort"] = a => [NDArray.Sort(X(a), Axis(a[1]))],
        ["argsort"] = a => [X(a).ArgSort(Axis(a[1]))],
        ["cumsum"] = a => [X(a).CumSum(Axis(a[1]))],
        ["cumprod"] = a => [X(a).CumProd(Axis(a[1]))],
        ["unique"] = a => Unique(X(a), null),
        ["unique_axis"] = a => Unique(X(a), Int(a[1])),
        ["diff"] = a => [NDArray.Diff(X(a), Int(a[1]))],
        ["median"] = a => [NDArray.Median(X(a))],
        ["quantile"] = a => [NDArray.Quantile(X(a), a[1].GetDouble(), -1)],
        ["searchsorted"] = a => [X(a).SearchSorted(X(a, 1), a[2].GetBoolean())],
        ["bincount"] = a => [NDArray.BinCount(X(a), minLength: Int(a[1]))],
        ["repeat_each"] = a => [X(a).Repeat(X(a, 1), Axis(a[2]))],
        ["insert"] = a => [NDArray.Insert(X(a), Int(a[1]), X(a, 2), Axis(a[3]))],
        ["delete"] = a => [NDArray.Delete(X(a), Ints(a[1]), Axis(a[2]))],
        ["isin"] = a => [NDArray.IsIn(X(a), X(a, 1))],
        ["logical_and"] = a => [NDArray.LogicalAnd(X(a), X(a, 1))],
        ["logical_or"] = a => [NDArray.LogicalOr(X(a), X(a, 1))],
        ["logical_xor"] = a => [NDArray.LogicalXor(X(a), X(a, 1))],
        ["logical_not"] = a => [NDArray.LogicalNot(X(a))],
        ["round"] = a => [NDArray.Round(X(a), Int(a[1]))],
        ["arcsin"] = a => [NDArray.Asin(X(a))],
        ["arccos"] = a => [NDArray.Acos(X(a))],
        ["arctan"] = a => [NDArray.Atan(X(a))],
        ["arctan2"] = a => [NDArray.Atan2(X(a), X(a, 1))],
        ["sinh"] = a => [NDArray.Sinh(X(a))],
        ["cosh"] = a => [NDArray.Cosh(X(a))],
        ["arcsinh"] = a => [NDArray.Asinh(X(a))],
        ["arccosh"] = a => [NDArray.Acosh(X(a))],
        ["arctanh"] = a => [NDArray.Atanh(X(a))],
        ["exp2"] = a => [NDArray.Exp2(X(a))],
        ["cummax"] = a => [NDArray.CumMax(X(a), Axis(a[1]))],
        ["cummin"] = a => [NDArray.CumMin(X(a), Axis(a[1]))],
        ["nansum"] = a => [NDArray.NanSum(X(a), Axis(a[1]))],
        ["nanmean"] = a => [NDArray.NanMean(X(a), Axis(a[1]))],
        ["histogram"] = a =>
        {
            (NDArray counts, NDArray edges) = NDArray.Histogram(X(a), Int(a[1]));
            return [counts, edges];
        },
        ["histogram_of"] = a => [NDArray.Histogram(X(a), X(a, 1))],
        ["kron"] = a => [NDArray.Kron(X(a), X(a, 1))],
        ["einsum"] = a => [NDArray.Einsum(a[0].GetString()!, [.. Enumerable.Range(1, a.GetArrayLength() - 1).Select(i => X(a, i))])],
        ["tensordot"] = a => [a[2].ValueKind == JsonValueKind.Number
            ? NDArray.TensorDot(X(a), X(a, 1), Int(a[2]))
            : NDArray.TensorDot(X(a), X(a, 1), Ints(a[2][0]), Ints(a[2][1]))],
        ["outer"] = a => [NDArray.Outer(X(a), X(a, 1))],
        ["inner"] = a => [NDArray.Inner(X(a), X(a, 1))],
        ["dot"] = a => [NDArray.Dot(X(a), X(a, 1))],
    };

    public static IEnumerable<TestCaseData> Functions() =>
        NumPyTable.Cases("functions").GroupBy(c => c[0].GetString()!).Select(g => new TestCaseData(g.Key, g.ToArray()).SetArgDisplayNames(g.Key));

    [TestCaseSource(nameof(Functions))]
    public void IsAsNumPy(string name, JsonElement[] cases) => Assert.Multiple(() =>
    {
        foreach (JsonElement c in cases)
        {
            Check(s_calls[name], c[1], c[2]);
        }
    });

    /// <summary>Asserts that a call gives NumPy's results, or is refused where there are none.</summary>
    /// <param name="call">The call.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="results">The results, or null.</param>
    /// <param name="slack">How many times the usual tolerance an element may be off.</param>
    internal static void Check(Func<JsonElement, NDArray[]> call, JsonElement arguments, JsonElement results, double slack = 1)
    {
        string what = arguments.GetRawText();
        if (results.ValueKind == JsonValueKind.Null)
        {
            Assert.That(() => call(arguments), Throws.InstanceOf<ArgumentException>(), what);
            return;
        }

        NDArray[] actual;
        try
        {
            actual = call(arguments);
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
            return;
        }

        NDArray[] expected = [.. results.EnumerateArray().Select(NumPyTable.Array)];
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        foreach ((NDArray y, NDArray e) in actual.Zip(expected))
        {
            Assert.That((y.DType, y.Shape), Is.EqualTo((e.DType, e.Shape)), what);
            double[] values = y.AsType(DType.Float64).ToArray<double>();
            double[] wanted = e.AsType(DType.Float64).ToArray<double>();
            double tolerance = slack * (y.DType == DType.Float32 ? 1e-6 : 1e-14) * wanted.Where(double.IsFinite).Select(Math.Abs).Append(1).Max();
            Assert.That(values.Zip(wanted).All(p => p.First.Equals(p.Second) || Math.Abs(p.First - p.Second) <= tolerance), $"{what}\n{y}\n{e}");
        }
    }

    private static NDArray[] Unique(NDArray x, int? axis)
    {
        (NDArray values, NDArray index, NDArray inverse, NDArray counts) = NDArray.UniqueAll(x, axis);
        Assert.That(NDArray.ArrayEqual(NDArray.Unique(x, axis), values, equalNaN: true));
        Assert.That(NDArray.ArrayEqual(NDArray.UniqueCounts(x, axis).Counts, counts));
        Assert.That(NDArray.ArrayEqual(NDArray.UniqueIndex(x, axis).Index, index));
        Assert.That(NDArray.ArrayEqual(NDArray.UniqueInverse(x, axis).Inverse, inverse));
        Assert.That(NDArray.ArrayEqual(values.Take(inverse, axis ?? 0), x, equalNaN: true));
        return [values, index, inverse.Ravel(), counts];
    }

    internal static NDArray X(JsonElement arguments, int index = 0) => NumPyTable.Array(arguments[index]);

    internal static int Int(JsonElement value) => value.GetInt32();

    internal static int[] Ints(JsonElement values) => [.. values.EnumerateArray().Select(Int)];

    private static int? Axis(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
}
