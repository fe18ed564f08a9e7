using System.Text;

namespace NativeChain.Training.Plotting;

/// <summary>A chart of lines, points and histograms over common axes, written as SVG.</summary>
/// <example><code>
/// new Chart { Title = "Loss", XLabel = "iteration", LogY = true }
///     .AddLine("training", iterations, losses)
///     .AddVerticalMarker(600, "0.0009", "learning rate")
///     .Save("loss.svg");
/// </code></example>
public sealed class Chart
{
    private readonly List<ChartSeries> _series = [];
    private readonly List<ChartMarker> _markers = [];

    /// <summary>Text above the chart.</summary>
    public string? Title { get; set; }

    /// <summary>Text below the horizontal axis.</summary>
    public string? XLabel { get; set; }

    /// <summary>Text beside the vertical axis.</summary>
    public string? YLabel { get; set; }

    /// <summary>Whether the horizontal axis is logarithmic; what is not positive is left out.</summary>
    public bool LogX { get; set; }

    /// <summary>Whether the vertical axis is logarithmic; what is not positive is left out.</summary>
    public bool LogY { get; set; }

    /// <summary>Whether lines are drawn at the ticks.</summary>
    /// <value>true</value>
    public bool Grid { get; set; } = true;

    /// <summary>First and last value of the horizontal axis.</summary>
    /// <value>null: what the series need.</value>
    public (double Min, double Max)? XRange { get; set; }

    /// <summary>First and last value of the vertical axis.</summary>
    /// <value>null: what the series need.</value>
    public (double Min, double Max)? YRange { get; set; }

    /// <summary>Width in pixels.</summary>
    /// <value>720</value>
    public int Width { get; set; } = 720;

    /// <summary>Height in pixels.</summary>
    /// <value>440</value>
    public int Height { get; set; } = 440;

    /// <summary>Whether nothing is to be drawn.</summary>
    public bool IsEmpty => _series.Count == 0;

    internal IReadOnlyList<ChartSeries> Series => _series;

    internal IReadOnlyList<ChartMarker> Markers => _markers;

    /// <summary>Adds a line through points. It is broken where a coordinate is NaN or infinite.</summary>
    /// <param name="name">Name in the legend; null for none.</param>
    /// <param name="x">Horizontal coordinates.</param>
    /// <param name="y">Vertical coordinates, as many.</param>
    /// <param name="style">How it looks; null for a solid line.</param>
    /// <returns>This chart.</returns>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    public Chart AddLine(string? name, IEnumerable<double> x, IEnumerable<double> y, SeriesStyle? style = null) =>
        Add(ChartSeriesKind.Line, name, x, y, style);

    /// <summary>Adds points.</summary>
    /// <param name="name">Name in the legend; null for none.</param>
    /// <param name="x">Horizontal coordinates.</param>
    /// <param name="y">Vertical coordinates, as many.</param>
    /// <param name="style">How they look; null for discs.</param>
    /// <returns>This chart.</returns>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    public Chart AddPoints(string? name, IEnumerable<double> x, IEnumerable<double> y, SeriesStyle? style = null) =>
        Add(ChartSeriesKind.Points, name, x, y, style);

    /// <summary>Adds the distribution of values, as density: the area is that of the values within the range, 1 for all.</summary>
    /// <param name="name">Name in the legend; null for none.</param>
    /// <param name="values">The values; NaN and infinities are left out.</param>
    /// <param name="bins">Number of bars.</param>
    /// <param name="range">First and last value of the bars; null for those of the values.</param>
    /// <param name="style">How it looks; null for translucent bars.</param>
    /// <returns>This chart.</returns>
    /// <exception cref="ArgumentException">There are no bars, or the range is empty.</exception>
    public Chart AddHistogram(
        string? name, IEnumerable<double> values, int bins = 50, (double Min, double Max)? range = null, SeriesStyle? style = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double[] all = [.. values.Where(double.IsFinite)];
        (double min, double max) = range ?? (all.Length == 0 ? (0, 1) : (all.Min(), all.Max()));
        if (range is null && min == max)
        {
            (min, max) = (min - 0.5, max + 0.5);
        }
        if (!(min < max))
        {
            throw new ArgumentException($"Chart: a histogram from {min} to {max} has no extent", nameof(range));
        }
        double[] edges = [.. Enumerable.Range(0, bins + 1).Select(i => min + ((max - min) * i / bins))];
        double[] densities = new double[bins + 1];
        foreach (double value in all)
        {
            if (value >= min && value <= max)
            {
                densities[Math.Min((int)((value - min) / (max - min) * bins), bins - 1)] += bins / ((max - min) * all.Length);
            }
        }
        return Add(ChartSeriesKind.Bars, name, edges, densities, style);
    }

    /// <summary>Adds a vertical line.</summary>
    /// <param name="x">Where it stands.</param>
    /// <param name="label">Text at its upper end, where there is room for it; null for none.</param>
    /// <param name="name">Name in the legend, once for all lines of that name; null for none.</param>
    /// <returns>This chart.</returns>
    public Chart AddVerticalMarker(double x, string? label = null, string? name = null)
    {
        _markers.Add(new ChartMarker(x, label, name));
        return this;
    }

    /// <summary>The chart as an SVG document.</summary>
    public string ToSvg() => ToSvg(Alone(), columns: 1);

    /// <summary>Charts in rows and columns, as one SVG document.</summary>
    /// <param name="charts">The charts, row by row.</param>
    /// <param name="columns">Number of columns.</param>
    public static string ToSvg(IReadOnlyList<Chart> charts, int columns)
    {
        ArgumentNullException.ThrowIfNull(charts);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        int width = 0, height = 0;
        foreach (Chart chart in charts)
        {
            width = Math.Max(width, chart.Width);
            height = Math.Max(height, chart.Height);
        }
        int rows = (charts.Count + columns - 1) / columns;
        SvgWriter svg = new(width * Math.Min(columns, charts.Count), height * rows);
        for (int i = 0; i < charts.Count; i++)
        {
            svg.Open(i % columns * width, i / columns * height, charts[i].Width, charts[i].Height);
            new ChartPainter(charts[i], svg).Paint();
            svg.Close();
        }
        return svg.ToString();
    }

    /// <summary>Writes the chart to a file, which is never seen half written. Its folder is created.</summary>
    /// <param name="path">Path of the file.</param>
    public void Save(string path) => Save(path, Alone(), columns: 1);

    /// <summary>Writes charts in rows and columns to a file, which is never seen half written. Its folder is created.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="charts">The charts, row by row.</param>
    /// <param name="columns">Number of columns.</param>
    public static void Save(string path, IReadOnlyList<Chart> charts, int columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] svg = Encoding.UTF8.GetBytes(ToSvg(charts, columns));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, stream => stream.Write(svg));
    }

    private Chart[] Alone() => [this];

    private Chart Add(ChartSeriesKind kind, string? name, IEnumerable<double> x, IEnumerable<double> y, SeriesStyle? style)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ChartSeries series = new(kind, name, [.. x], [.. y], style ?? new SeriesStyle());
        if (series.X.Length != series.Y.Length)
        {
            throw new ArgumentException($"Chart: {name ?? "a series"} has {series.X.Length} horizontal and {series.Y.Length} vertical coordinates", nameof(y));
        }
        _series.Add(series);
        return this;
    }
}

internal enum ChartSeriesKind
{
    Line,
    Points,

    /// <summary>Bar i goes from X[i] to X[i + 1] and is Y[i] high.</summary>
    Bars,
}

internal sealed record ChartSeries(ChartSeriesKind Kind, string? Name, double[] X, double[] Y, SeriesStyle Style);

internal sealed record ChartMarker(double X, string? Label, string? Name);
