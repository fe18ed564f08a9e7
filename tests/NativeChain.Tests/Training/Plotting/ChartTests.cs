using System.Globalization;
using System.Xml.Linq;
using NativeChain.Training.Plotting;
using NUnit.Framework;

namespace NativeChain.Tests.Training.Plotting;

[TestFixture]
public class ChartTests : TemporaryFolder
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Test]
    public void LinesStandWhereTheirPointsSay()
    {
        Chart chart = new() { XRange = (0, 10), YRange = (0, 4), Title = "T", XLabel = "X", YLabel = "Y" };
        chart.AddLine("a", [0, 5, 10], [0, 4, 1]);
        (double width, double height) = PlotSize(chart);
        Assert.That(Lines(chart).Single(), Is.EqualTo(new[] { (0, height), (width / 2, 0), (width, height * 0.75) }).Within(0.1));
        Assert.That(Texts(chart), Is.SupersetOf(new[] { "T", "X", "Y", "a", "0", "2", "4", "6", "8", "10", "1", "3" }));
    }

    [Test]
    public void ALogarithmicAxisHasEqualStepsForEqualFactors()
    {
        Chart chart = new() { LogY = true };
        chart.AddLine(null, [1, 2, 3, 4, 5], [100, 10, 1, 0, 0.1]);
        (double X, double Y)[][] lines = Lines(chart);
        Assert.That(lines[0][1].Y - lines[0][0].Y, Is.EqualTo(lines[0][2].Y - lines[0][1].Y).Within(0.05));
        Assert.That(lines.Select(line => line.Length), Is.EqualTo(new[] { 3, 1 }));
        Assert.That(Texts(chart), Is.SupersetOf(new[] { "0.1", "1", "10", "100" }));
        Assert.That(Texts(new Chart { LogY = true }.AddLine(null, [0, 1], [0.02, 0.7])), Is.SupersetOf(new[] { "0.02", "0.05", "0.1", "0.2", "0.5" }));
        Assert.That(Texts(new Chart { LogY = true }.AddLine(null, [0, 1], [3.1, 3.4])), Is.SupersetOf(new[] { "3.20", "3.30" }));
    }

    [TestCase(0, 1, "0.0", "0.2", "1.0")]
    [TestCase(-0.3, 0.3, "−0.3", "0.0", "0.2")]
    [TestCase(0, 12000, "0", "2000", "12000")]
    [TestCase(1e-7, 5e-7, "1e−7", "5e−7")]
    [TestCase(0, 3e9, "0", "1e9", "3e9")]
    [TestCase(100, 100.002, "100.0005", "100.0010")]
    public void TicksAreRoundNumbers(double low, double high, params string[] labels)
    {
        Chart chart = new() { XRange = (low, high), YRange = (7, 8), Width = 600 };
        chart.AddLine(null, [low], [7]);
        string[] shown = [.. Texts(chart).Select(text => text == "0" ? "0.0" : text)];
        Assert.That(shown, Is.SupersetOf(labels.Select(text => text == "0" ? "0.0" : text)));
    }

    [Test]
    public void LinesBreakWhereThereIsNoNumber()
    {
        Chart chart = new();
        chart.AddLine("a", [1, 2, 3, 4, 5, 6], [1, 2, double.NaN, 3, double.PositiveInfinity, 4]);
        Assert.That(Lines(chart).Select(line => line.Length), Is.EqualTo(new[] { 2, 1, 1 }));
        Assert.That(Circles(chart), Is.EqualTo(2), "points alone are marked");
        Assert.That(Circles(new Chart().AddPoints(null, [1, 2, double.NaN], [1, 2, 3])), Is.EqualTo(2));
        Assert.That(Circles(new Chart().AddLine(null, [1, 2], [1, 2], new SeriesStyle { Markers = true })), Is.EqualTo(2));
    }

    [Test]
    public void WhatCannotBeSeenIsNotWritten()
    {
        double[] x = [.. Enumerable.Range(0, 100_000).Select(i => (double)i)];
        Chart chart = new();
        chart.AddLine("a", x, x.Select(i => i == 54_321 ? 5 : Math.Sin(i)), new SeriesStyle { Markers = true });
        (double X, double Y)[] line = Lines(chart).Single();
        Assert.That(line, Has.Length.LessThan(4 * 720));
        Assert.That(line.Min(point => point.Y), Is.LessThan(20), "the highest point is there");
        Assert.That(Circles(chart), Is.Zero);
    }

    [Test]
    public void AHistogramHasAnAreaOfOne()
    {
        Chart chart = new() { XRange = (0, 4), YRange = (0, 1) };
        chart.AddHistogram("h", [0, 0.5, 1.5, 4, double.NaN], bins: 4, range: (0, 4));
        (double width, double height) = PlotSize(chart);
        (double X, double Y)[] outline = Lines(chart).Single();
        double[] heights = [.. Enumerable.Range(0, 4).Select(i => Math.Round((height - outline[(2 * i) + 1].Y) / height, 3))];
        Assert.That(heights, Is.EqualTo(new[] { 0.5, 0.25, 0, 0.25 }));
        Assert.That(outline[^1].X, Is.EqualTo(width).Within(0.1));
        Assert.That(() => new Chart().AddHistogram(null, [3, 3]).AddHistogram(null, []).ToSvg(), Throws.Nothing);
        Assert.That(() => new Chart().AddHistogram(null, [1], range: (2, 1)), Throws.ArgumentException);
        Assert.That(() => new Chart().AddHistogram(null, [1], bins: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void VerticalLinesAreLabelledWhereThereIsRoom()
    {
        Chart chart = new() { XRange = (0, 100) };
        chart.AddLine(null, [0, 100], [0, 1]);
        for (int i = 1; i < 100; i++)
        {
            chart.AddVerticalMarker(i, "0.0001", "rate");
        }
        string[] texts = [.. Texts(chart)];
        Assert.That(texts.Count(text => text == "0.0001"), Is.InRange(8, 25));
        Assert.That(texts.Count(text => text == "rate"), Is.EqualTo(1));
    }

    [Test]
    public void NamesMayHoldAnything()
    {
        Chart chart = new() { Title = "<a> & \"b\"\u0001" };
        chart.AddLine("</svg>", [1, 2], [1, 2], new SeriesStyle { Color = "\"/>" });
        Assert.That(Texts(chart), Is.SupersetOf(new[] { "<a> & \"b\" ", "</svg>" }));
        Assert.That(() => chart.AddLine("a", [1], [1, 2]), Throws.ArgumentException.With.Message.Contains("1 horizontal and 2 vertical"));
    }

    [Test]
    public void ALongLegendTakesMoreRows()
    {
        Chart few = new(), many = new();
        few.AddLine("one", [1, 2], [1, 2]);
        for (int i = 0; i < 20; i++)
        {
            many.AddLine($"a rather long name {i}", [1, 2], [1, 2]);
        }
        Assert.That(PlotSize(many).Height, Is.LessThan(PlotSize(few).Height - 60));
        Assert.That(() => new Chart { Width = 30, Height = 30 }.AddLine("a", [1], [1]).ToSvg(), Throws.Nothing);
    }

    [Test]
    public void ChartsStandInRowsAndColumns()
    {
        Chart[] charts = [.. Enumerable.Range(0, 3).Select(i => new Chart { Width = 200, Height = 150 }.AddLine($"line {i}", [1, 2], [1, 2]))];
        string file = At("folder/charts.svg");
        Chart.Save(file, charts, columns: 2);
        XElement root = XDocument.Parse(File.ReadAllText(file)).Root!;
        Assert.That((root.Attribute("width")!.Value, root.Attribute("height")!.Value), Is.EqualTo(("400", "300")));
        Assert.That(
            root.Elements(s_svg + "svg").Select(part => (part.Attribute("x")!.Value, part.Attribute("y")!.Value)),
            Is.EqualTo(new[] { ("0", "0"), ("200", "0"), ("0", "150") }));
        Assert.That(() => Chart.ToSvg([], 1), Throws.Nothing);
        Assert.That(() => new Chart().ToSvg(), Throws.Nothing);
    }

    private static XElement Parse(Chart chart) => XDocument.Parse(chart.ToSvg()).Root!;

    private static IEnumerable<string> Texts(Chart chart) => Parse(chart).Descendants(s_svg + "text").Select(text => text.Value);

    private static int Circles(Chart chart) => Parse(chart).Descendants(s_svg + "circle").Count();

    private static (double Width, double Height) PlotSize(Chart chart)
    {
        XElement plot = Parse(chart).Element(s_svg + "svg")!.Element(s_svg + "svg")!;
        return (Number(plot.Attribute("width")!.Value), Number(plot.Attribute("height")!.Value));
    }

    private static (double X, double Y)[][] Lines(Chart chart) => [.. Parse(chart).Descendants(s_svg + "polyline").Select(line =>
        line.Attribute("points")!.Value.Split(' ').Select(point => (Number(point.Split(',')[0]), Number(point.Split(',')[1]))).ToArray())];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
