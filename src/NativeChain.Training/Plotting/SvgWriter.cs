using System.Globalization;
using System.Text;

namespace NativeChain.Training.Plotting;

/// <summary>Writes the few elements of SVG that charts are made of.</summary>
internal sealed class SvgWriter
{
    private const string Font = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

    private readonly StringBuilder _svg = new();

    public SvgWriter(double width, double height)
    {
        _svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Number(width)}\" height=\"{Number(height)}\" viewBox=\"0 0 {Number(width)} {Number(height)}\" font-family=\"{Font}\" font-size=\"12\">\n");
        _svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    }

    /// <summary>An estimate of a text's width: an average character of Helvetica is less than 0.6 times as wide as the font is high.</summary>
    public static double TextWidth(string text, double size = 12) => text.Length * size * 0.6;

    /// <summary>Opens a part with coordinates of its own, outside of which nothing is drawn.</summary>
    public void Open(double x, double y, double width, double height) =>
        _svg.Append($"<svg x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\">\n");

    public void Close() => _svg.Append("</svg>\n");

    public void Line(double x1, double y1, double x2, double y2, string color, double width = 1, string? dashes = null) =>
        _svg.Append($"<line x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\" stroke=\"{Escape(color)}\" stroke-width=\"{Number(width)}\"{Dashes(dashes)}/>\n");

    public void Rect(double x, double y, double width, double height, string fill, string? stroke = null, double opacity = 1) =>
        _svg.Append($"<rect x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\" fill=\"{Escape(fill)}\" fill-opacity=\"{Number(opacity)}\"{(stroke is null ? "" : $" stroke=\"{Escape(stroke)}\"")}/>\n");

    public void Circle(double x, double y, double radius, string fill) =>
        _svg.Append($"<circle cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"{Number(radius)}\" fill=\"{Escape(fill)}\"/>\n");

    /// <summary>Lines through points, and the area below them if it is to be filled.</summary>
    public void Path(List<ChartPoint> points, string color, double width, string? dashes = null, double fillOpacity = 0)
    {
        if (points.Count == 0)
        {
            return;
        }
        _svg.Append("<polyline points=\"");
        foreach (ChartPoint point in points)
        {
            _svg.Append($"{Number(point.X)},{Number(point.Y)} ");
        }
        _svg.Length--;
        string fill = fillOpacity > 0
            ? $"fill=\"{Escape(color)}\" fill-opacity=\"{Number(fillOpacity)}\""
            : "fill=\"none\"";
        _svg.Append($"\" {fill} stroke=\"{Escape(color)}\" stroke-width=\"{Number(width)}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{Dashes(dashes)}/>\n");
    }

    /// <summary>A text whose start, middle or end is at a point.</summary>
    public void Text(
        double x, double y, string text, string anchor = "start", double size = 12, string color = "#333333", bool bold = false, bool upwards = false)
    {
        string turned = upwards ? $" transform=\"rotate(-90 {Number(x)} {Number(y)})\"" : "";
        _svg.Append($"<text x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\" font-size=\"{Number(size)}\" fill=\"{color}\"{(bold ? " font-weight=\"bold\"" : "")}{turned}>{Escape(text)}</text>\n");
    }

    public override string ToString() => _svg + "</svg>\n";

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Dashes(string? dashes) => dashes is null ? "" : $" stroke-dasharray=\"{dashes}\"";

    private static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in text)
        {
            _ = c switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                '"' => escaped.Append("&quot;"),
                < ' ' => escaped.Append(' '),
                _ => escaped.Append(c),
            };
        }
        return escaped.ToString();
    }
}

/// <summary>A point in pixels.</summary>
internal sealed record ChartPoint(double X, double Y);
