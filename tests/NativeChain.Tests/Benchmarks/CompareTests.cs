using System.Text.Json.Nodes;
using NativeChain.Compare;
using NUnit.Framework;

namespace NativeChain.Tests.Benchmarks;

/// <summary>The harness that compares with peers: its list, its statistics, its verdicts.</summary>
public sealed class CompareTests
{
    private const string List = """
        {
          "groups": [{ "id": "g", "title": "G", "bar": { "geometric_mean": 1.1, "each": 0.9, "of_peak": 0.85, "of_peak_from": 100 } }],
          "cases": [
            { "id": "mm-{layout}-{m}x{n}", "group": "g", "operation": "matmul", "k": 5,
              "sweep": { "layout": ["nn", "tn"], "shape": [{ "m": 2, "n": 3 }, { "m": 4, "n": 5 }] } },
            { "id": "one", "group": "g", "operation": "add", "bar": 3.0 }
          ]
        }
        """;

    [Test]
    public void ASweepIsTheProductOfItsLists()
    {
        List<Case> cases = CaseList.Load(List);
        Assert.That(cases.Select(c => c.Id), Is.EqualTo((string[])["mm-nn-2x3", "mm-nn-4x5", "mm-tn-2x3", "mm-tn-4x5", "one"]));
        Assert.That(cases[3].Text("layout"), Is.EqualTo("tn"));
        Assert.That(cases[3].Number("m"), Is.EqualTo(4));
        Assert.That(cases[3].Parameters.ContainsKey("sweep"), Is.False);
        Assert.That(cases[3].Each, Is.EqualTo(0.9), "the group's bar");
        Assert.That(cases[4].Each, Is.EqualTo(3), "its own");
    }

    [Test]
    public void AListThatIsWrongSaysWhere()
    {
        Assert.That(() => CaseList.Load(List.Replace("{m}", "{q}")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("q"));
        Assert.That(() => CaseList.Load(List.Replace("-{layout}", "")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("mm-2x3"));
        Assert.That(() => CaseList.Load(List.Replace("\"id\": \"g\"", "\"id\": \"h\"")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("g"));
    }

    [Test]
    public void TheCommittedListCanBeReadAndCounted()
    {
        List<Case> cases = CaseList.Load(File.ReadAllText(Path.Combine(Repository.Root, "benchmarks", "cases.json")));
        Assert.That(cases, Has.Count.GreaterThan(200));
        string[] uncounted = ["add", "adds_backward", "cnn_step", "vgg_step", "lstm"];
        foreach (Case c in cases)
        {
            Assert.That(Work.Of(c) is null, Is.EqualTo(uncounted.Contains(c.Operation)), c.Id);
            Assert.That(Yardstick.Of(c)?.Count, Is.Null.Or.GreaterThan(0), c.Id);
        }
    }

    [Test]
    public void WorkIsOperationsOrBytes()
    {
        Case Made(string members) => new(new Group("g", "G", new Bar()), JsonNode.Parse(members)!.AsObject());
        Assert.That(Work.Of(Made("""{ "id": "", "operation": "matmul", "m": 2, "n": 3, "k": 5 }""")), Is.EqualTo(new Work(60, 0, 0)));
        Assert.That(Work.Of(Made("""{ "id": "", "operation": "copy", "kind": "cast", "rows": 4, "columns": 8 }""")), Is.EqualTo(new Work(0, 128, 256)));
        Assert.That(
            Work.Of(Made("""{ "id": "", "operation": "convolution", "batch": 1, "in": 4, "out": 2, "extent": 5, "kernel": 3, "stride": 2, "pad": 1, "groups": 1 }""")),
            Is.EqualTo(new Work(2 * 2 * 9 * 36, 0, 0)));
        Assert.That(Work.Of(Made("""{ "id": "", "operation": "optimizer", "rule": "adam", "units": [3, 2] }""")), Is.EqualTo(new Work(0, 128, 96)));
    }

    [Test]
    public void QuartilesInterpolate()
    {
        Quartiles q = Quartiles.Of([5, 1, 4, 2, 3, 10]);
        Assert.That((q.Lower, q.Median, q.Upper), Is.EqualTo((2.25, 3.5, 4.75)));
        Assert.That(q.Range, Is.EqualTo(2.5 / 3.5));
    }

    [TestCase(0.91, 0.01, nameof(Verdict.Met))]
    [TestCase(0.89, 0.01, nameof(Verdict.Missed))]
    [TestCase(2.00, 0.30, nameof(Verdict.Noisy))]
    public void ARowIsMetMissedOrNoisy(double ratio, double spread, string expected)
    {
        Row row = RowOf("mm-nn-2x3", [1, 1, 1], [ratio - spread, ratio, ratio + spread], null);
        Assert.That($"{row.Verdict}", Is.EqualTo(expected));
    }

    [Test]
    public void TheShareOfThePeakCountsOnlyWhereThereIsEnoughToDo()
    {
        Assert.That(RowOf("mm-nn-2x3", [1, 1], [1, 1], [0.5, 0.5]).FloorVerdict, Is.EqualTo(Verdict.None), "60 operations");
        Assert.That(RowOf("mm-nn-4x5", [1, 1], [1, 1], [0.5, 0.5]).FloorVerdict, Is.EqualTo(Verdict.Missed), "200 operations");
        Assert.That(RowOf("mm-nn-4x5", [1, 1], [1, 1], [0.9, 0.9]).FloorVerdict, Is.EqualTo(Verdict.Met));
    }

    [Test]
    public void AGroupIsJudgedByItsGeometricMeanAndEachOfItsRows()
    {
        Summary summary = Summary.Of([RowOf("mm-nn-2x3", [1], [1], null), RowOf("mm-tn-2x3", [1], [4], null)]).Single();
        Assert.That(summary.GeometricMean, Is.EqualTo(2).Within(1e-12));
        Assert.That(summary.Worst!.Case.Id, Is.EqualTo("mm-nn-2x3"));
        Assert.That(summary.Missed, Is.False);
        Assert.That(Summary.Of([RowOf("mm-nn-2x3", [1], [0.95], null)]).Single().Missed, Is.True, "the mean");
        Assert.That(Summary.Of([RowOf("mm-nn-2x3", [1], [0.5], null), RowOf("mm-tn-2x3", [1], [8], null)]).Single().Missed, Is.True, "a row");
    }

    [Test]
    public void ACurveIsMetWhereTimeGrowsNoMoreThanOperations()
    {
        Curve Made(params (double Size, double Seconds, double Operations)[] points) =>
            new("batch", [.. points.Select(p => new Curve.Point(p.Size, [p.Seconds], p.Operations))]);
        Assert.That(Made((1, 1, 10), (2, 1.9, 20), (4, 3, 40)).Verdict, Is.EqualTo(Verdict.Met));
        Assert.That(Made((1, 1, 10), (2, 1.5, 20), (4, 3.6, 40)).Verdict, Is.EqualTo(Verdict.Missed), "1.2 from the second to the third");
    }

    [Test]
    public void ACurveGrowsByWhatWasMeasuredSideBySide()
    {
        Curve curve = new("batch", [new(1, [1, 1, 3], 10), new(2, [2, 6, 6], 20)]);
        Assert.That(curve.Worst, Is.EqualTo(1).Within(1e-12), "twice as long in two rounds of three; the medians, 1 and 6, were measured in different ones");
    }

    [Test]
    public void ABaselineIsComparedByTheRatioToTheSamePeer()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Results before = new(3);
            before.Rows.Add(RowOf("mm-nn-2x3", [1, 1, 1], [2, 2, 2], null));
            before.Rows.Add(RowOf("mm-tn-2x3", [1, 1, 1], [2, 2, 2], null));
            before.Write(folder);
            string json = File.ReadAllText(Path.Combine(folder, "results.json"));
            // Twice the time on a machine half as fast is as fast as before; with the peer as fast as ever it is slower.
            List<(string Id, double Factor, bool Slower)> found =
                Baseline.Compare(json, [RowOf("mm-nn-2x3", [2, 2, 2], [4, 4, 4], null), RowOf("mm-tn-2x3", [2, 2, 2], [2, 2, 2], null), RowOf("one", [1], [1], null)]);
            Assert.That(found, Is.EqualTo(((string, double, bool)[])[("mm-nn-2x3", 1, false), ("mm-tn-2x3", 0.5, true)]));
            Assert.That(File.ReadAllText(Path.Combine(folder, "results.md")), Does.Contain("| mm-nn-2x3 | 1.00 s | 2.00 s, peer | 2.00"));
            Assert.That(() => System.Xml.Linq.XDocument.Load(Path.Combine(folder, "results.svg")), Throws.Nothing);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void ResultsAgreeUpToTheRoundingOfTheirDType()
    {
        Digest ours = new(1000, 3, 2000);
        Assert.That(ours.Agrees(ours, "float64"), Is.True);
        Assert.That(ours.Agrees(new(1000, 3.1, 2000.1), "float32"), Is.True, "the sum cancels: its terms come to 1400");
        Assert.That(ours.Agrees(new(1000, 3.1, 2000), "float64"), Is.False);
        Assert.That(ours.Agrees(new(1000, 3.2, 2000), "float32"), Is.False, "the sum");
        Assert.That(ours.Agrees(new(1000, 3, 2001), "float32"), Is.False, "the squares");
        Assert.That(ours.Agrees(new(1000, 3, 2001), "bfloat16"), Is.True);
        Assert.That(ours.Agrees(new(1001, 3, 2000), "bfloat16"), Is.False, "an element more");
        Assert.That(ours.Agrees(new(1000, double.NaN, double.NaN), "float32"), Is.False);
    }

    private static Row RowOf(string id, List<double> ours, List<double> theirs, List<double>? floor) =>
        new(CaseList.Load(List).Single(c => c.Id == id), ours, "peer", theirs, floor, null);
}
