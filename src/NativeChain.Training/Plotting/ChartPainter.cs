namespace NativeChain.Training.Plotting;

/// <summary>Draws one chart: title, legend, axes, series, markers.</summary>
internal sealed class ChartPainter
{
    private const string Ink = "#333333";
    private const string GridColor = "#e3e3e3";
    private const string MinorGridColor = "#f2f2f2";
    private const string MarkerColor = "#b6a5cf";
    private const string MarkerTextColor = "#7a5fa3";
    private const double LegendRow = 20;

    // More marks than this many pixels apart run into each other.
    private const double MarkDistance = 7;

    // Okabe and Ito's colours, which the colour-blind can tell apart too; the yellow, pale on white, left out.
    private static readonly string[] s_colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F3C8D", "#666666"];

    private readonly Chart _chart;
    private readonly SvgWriter _svg;
    private readonly ChartAxis _xAxis;
    private readonly ChartAxis _yAxis;
    private readonly string[] _colors;

    public ChartPainter(Chart chart, SvgWriter svg)
    {
        _chart = chart;
        _svg = svg;
        _colors = new string[chart.Series.Count];
        List<double[]> positions = [], heights = [];
        bool bars = false, onlyLines = true;
        int next = 0;
        for (int i = 0; i < _colors.Length; i++)
        {
            ChartSeries series = chart.Series[i];
            _colors[i] = series.Style.Color ?? s_colors[next++ % s_colors.Length];
            positions.Add(series.X);
            heights.Add(series.Y);
            bars |= series.Kind == ChartSeriesKind.Bars;
            onlyLines &= series.Kind == ChartSeriesKind.Line && !series.Style.Markers;
        }
        if (bars && !chart.LogY)
        {
            heights.Add([0]);
        }
        _xAxis = new ChartAxis(chart.LogX, positions, chart.XRange, onlyLines ? 0 : 0.02);
        _yAxis = new ChartAxis(chart.LogY, heights, chart.YRange, 0.05);
    }

    public void Paint()
    {
        List<LegendEntry> legend = Legend();
        List<ChartTick> yTicks = _yAxis.Ticks(Math.Max(2, _chart.Height / 60));
        double tickWidth = 0;
        foreach (ChartTick tick in yTicks)
        {
            tickWidth = Math.Max(tickWidth, SvgWriter.TextWidth(tick.Label ?? ""));
        }
        double left = 14 + tickWidth + (_chart.YLabel is null ? 0 : 20);
        double width = _chart.Width - left - 18;
        List<List<int>> rows = Rows(legend, width);
        double top = 12 + (_chart.Title is null ? 0 : 24) + (rows.Count * LegendRow);
        double height = _chart.Height - top - 26 - (_chart.XLabel is null ? 0 : 20);
        if (width < 20 || height < 20)
        {
            return;
        }
        List<ChartTick> xTicks = _xAxis.Ticks(Math.Max(2, (int)(width / 80)));

        if (_chart.Title is { } title)
        {
            _svg.Text(left + (width / 2), 26, title, "middle", 15, Ink, bold: true);
        }
        PaintLegend(legend, rows, left, 12 + (_chart.Title is null ? 0 : 24));
        PaintAxes(xTicks, yTicks, left, top, width, height);
        _svg.Open(left, top, width, height);
        if (_chart.Markers.Count > 0)
        {
            PaintMarkers(width, height);
        }
        for (int i = 0; i < _chart.Series.Count; i++)
        {
            PaintSeries(_chart.Series[i], _colors[i], width, height);
        }
        _svg.Close();
        _svg.Rect(left, top, width, height, "none", "#999999");
    }

    private List<LegendEntry> Legend()
    {
        List<LegendEntry> entries = [];
        for (int i = 0; i < _chart.Series.Count; i++)
        {
            ChartSeries series = _chart.Series[i];
            if (series.Name is { } name)
            {
                string color = _colors[i];
                entries.Add(new LegendEntry(name, (x, y) => PaintSample(series, color, x, y)));
            }
        }
        if (_chart.Markers.Count > 0)
        {
            AddMarkers(entries);
        }
        return entries;
    }

    private void AddMarkers(List<LegendEntry> entries)
    {
        foreach (string name in _chart.Markers.Select(marker => marker.Name).OfType<string>().Distinct())
        {
            entries.Add(new LegendEntry(name, (x, y) => _svg.Line(x + 9, y - 8, x + 9, y + 8, MarkerColor, 1.5, "4 3")));
        }
    }

    private void PaintSample(ChartSeries series, string color, double x, double y)
    {
        switch (series.Kind)
        {
            case ChartSeriesKind.Points:
                _svg.Circle(x + 9, y, series.Style.Size ?? 4, color);
                break;
            case ChartSeriesKind.Bars:
                _svg.Rect(x, y - 6, 18, 12, color, color, 0.45);
                break;
            default:
                _svg.Line(x, y, x + 18, y, color, Math.Max(2, series.Style.Size ?? 2), series.Style.Dashed ? "6 4" : null);
                break;
        }
    }

    /// <summary>Entries of the legend, in as many rows as they need.</summary>
    private static List<List<int>> Rows(List<LegendEntry> legend, double width)
    {
        List<List<int>> rows = [];
        double used = width;
        for (int i = 0; i < legend.Count; i++)
        {
            double entry = EntryWidth(legend[i].Name);
            if (used + entry > width || rows.Count == 0)
            {
                rows.Add([]);
                used = 0;
            }
            rows[^1].Add(i);
            used += entry;
        }
        return rows;
    }

    private static double EntryWidth(string name) => 24 + SvgWriter.TextWidth(name) + 18;

    private void PaintLegend(List<LegendEntry> legend, List<List<int>> rows, double left, double top)
    {
        for (int row = 0; row < rows.Count; row++)
        {
            double x = left, y = top + (row * LegendRow) + 8;
            foreach (int i in rows[row])
            {
                legend[i].Sample(x, y);
                _svg.Text(x + 24, y + 4, legend[i].Name);
                x += EntryWidth(legend[i].Name);
            }
        }
    }

    private void PaintAxes(
        List<ChartTick> xTicks, List<ChartTick> yTicks, double left, double top, double width, double height)
    {
        foreach ((double value, string? label) in xTicks)
        {
            double x = left + (_xAxis.Place(value) * width);
            PaintGrid(label, x, top, x, top + height);
            if (label is not null)
            {
                _svg.Line(x, top + height, x, top + height + 5, "#999999");
                _svg.Text(x, top + height + 18, label, "middle");
            }
        }
        foreach ((double value, string? label) in yTicks)
        {
            double y = top + height - (_yAxis.Place(value) * height);
            PaintGrid(label, left, y, left + width, y);
            if (label is not null)
            {
                _svg.Line(left - 5, y, left, y, "#999999");
                _svg.Text(left - 8, y + 4, label, "end");
            }
        }
        if (_chart.XLabel is { } xLabel)
        {
            _svg.Text(left + (width / 2), _chart.Height - 8, xLabel, "middle", 13, Ink);
        }
        if (_chart.YLabel is { } yLabel)
        {
            _svg.Text(18, top + (height / 2), yLabel, "middle", 13, Ink, upwards: true);
        }
    }

    private void PaintGrid(string? label, double x1, double y1, double x2, double y2)
    {
        if (_chart.Grid)
        {
            _svg.Line(x1, y1, x2, y2, label is null ? MinorGridColor : GridColor);
        }
    }

    /// <summary>Vertical lines, and the labels that have room beside those before them.</summary>
    private void PaintMarkers(double width, double height)
    {
        const double Size = 10;
        double lastLine = double.NegativeInfinity, free = double.NegativeInfinity;
        foreach (ChartMarker marker in _chart.Markers.Where(marker => _xAxis.Holds(marker.X)).OrderBy(marker => marker.X))
        {
            double x = _xAxis.Place(marker.X) * width;
            if (x < 0 || x > width || x - lastLine < 3)
            {
                continue;
            }
            lastLine = x;
            double textWidth = SvgWriter.TextWidth(marker.Label ?? "", Size);
            bool labelled = marker.Label is not null && x >= free && x + 4 + textWidth <= width;
            _svg.Line(x, labelled ? 0 : 16, x, height, MarkerColor, 1, "4 3");
            if (labelled)
            {
                _svg.Text(x + 3, 11, marker.Label!, size: Size, color: MarkerTextColor);
                free = x + textWidth + 8;
            }
        }
    }

    private void PaintSeries(ChartSeries series, string color, double width, double height)
    {
        if (series.Kind == ChartSeriesKind.Bars)
        {
            PaintBars(series, color, width, height);
            return;
        }
        List<List<ChartPoint>> runs = Runs(series, width, height);
        if (series.Kind == ChartSeriesKind.Points)
        {
            foreach (List<ChartPoint> run in runs)
            {
                PaintPoints(run, series.Style.Size ?? 4, color);
            }
            return;
        }
        double size = series.Style.Size ?? 2;
        bool marked = series.Style.Markers && HaveRoom(runs, width);
        foreach (List<ChartPoint> run in runs)
        {
            _svg.Path(Thin(run), color, size, series.Style.Dashed ? "6 4" : null);
            // A point without neighbours makes no line.
            if (marked || run.Count == 1)
            {
                PaintPoints(run, size + 1, color);
            }
        }
    }

    private void PaintPoints(List<ChartPoint> points, double radius, string color)
    {
        foreach (ChartPoint point in points)
        {
            _svg.Circle(point.X, point.Y, radius, color);
        }
    }

    private static bool HaveRoom(List<List<ChartPoint>> runs, double width)
    {
        int count = runs.Sum(run => run.Count);
        return count > 0 && width / count >= MarkDistance;
    }

    private void PaintBars(ChartSeries series, string color, double width, double height)
    {
        double floor = _chart.LogY ? height : height - (_yAxis.Place(0) * height);
        List<ChartPoint> outline = [new(_xAxis.Place(series.X[0]) * width, floor)];
        for (int i = 0; i + 1 < series.X.Length; i++)
        {
            double y = _yAxis.Holds(series.Y[i]) ? height - (_yAxis.Place(series.Y[i]) * height) : floor;
            outline.Add(new(_xAxis.Place(series.X[i]) * width, y));
            outline.Add(new(_xAxis.Place(series.X[i + 1]) * width, y));
        }
        outline.Add(new(_xAxis.Place(series.X[^1]) * width, floor));
        // Many on top of each other are told apart by their outlines alone.
        bool few = _chart.Series.Count(other => other.Kind == ChartSeriesKind.Bars) <= 2;
        _svg.Path(outline, color, few ? 1 : 1.5, fillOpacity: few ? 0.35 : 0.08);
    }

    /// <summary>Points in pixels, in runs between what has no place on the axes.</summary>
    private List<List<ChartPoint>> Runs(ChartSeries series, double width, double height)
    {
        List<List<ChartPoint>> runs = [];
        bool open = false;
        for (int i = 0; i < series.X.Length; i++)
        {
            bool holds = _xAxis.Holds(series.X[i]) && _yAxis.Holds(series.Y[i]);
            if (holds && !open)
            {
                runs.Add([]);
            }
            open = holds;
            if (holds)
            {
                // Far outside a coordinate only has to be outside.
                double x = Math.Clamp(_xAxis.Place(series.X[i]), -50, 51), y = Math.Clamp(_yAxis.Place(series.Y[i]), -50, 51);
                runs[^1].Add(new(x * width, height - (y * height)));
            }
        }
        return runs;
    }

    /// <summary>Of many points to a pixel, the first, the last, the lowest and the highest are all that can be seen.</summary>
    private static List<ChartPoint> Thin(List<ChartPoint> points)
    {
        List<ChartPoint> thin = [];
        for (int i = 0; i < points.Count;)
        {
            int end = i + 1;
            double column = Math.Floor(points[i].X);
            while (end < points.Count && Math.Floor(points[end].X) == column)
            {
                end++;
            }
            if (end - i <= 4)
            {
                thin.AddRange(points[i..end]);
            }
            else
            {
                AddOutermost(points, i, end, thin);
            }
            i = end;
        }
        return thin;
    }

    private static void AddOutermost(List<ChartPoint> points, int start, int end, List<ChartPoint> thin)
    {
        int lowest = start, highest = start;
        for (int k = start; k < end; k++)
        {
            lowest = points[k].Y < points[lowest].Y ? k : lowest;
            highest = points[k].Y > points[highest].Y ? k : highest;
        }
        foreach (int k in new SortedSet<int> { start, lowest, highest, end - 1 })
        {
            thin.Add(points[k]);
        }
    }
}

/// <summary>A name in the legend, and what draws the sample beside it.</summary>
internal sealed record LegendEntry(string Name, Action<double, double> Sample);
