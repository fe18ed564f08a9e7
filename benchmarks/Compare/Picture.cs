using System.Globalization;
using System.Security;
using System.Text;

namespace NativeChain.Compare;

/// <summary>The ratios of a run on one logarithmic axis, a line a case; below, the curves of its sweeps.</summary>
internal static class Picture
{
    private const double Left = 250, Width = 560, LineHeight = 5, Gap = 26, Top = 64;
    private const double Least = 0.25, Most = 16;
    private const double CurveHeight = 220, CurveWidth = 220;

    private static readonly string[] s_colours = ["#1b6ca8", "#b3541e", "#3a7d44"];

    public static string Draw(IReadOnlyList<Summary> groups, IReadOnlyList<Curve> curves)
    {
        StringBuilder body = new();
        double y = Top;
        foreach (Summary group in groups.Where(group => group.GeometricMean is not null))
        {
            y = Group(body, group, y);
        }
        StringBuilder axis = new();
        for (double tick = Least; tick <= Most; tick *= 2)
        {
            Append(axis, $"<line x1='{X(tick):F1}' y1='{Top - 8}' x2='{X(tick):F1}' y2='{y:F1}' stroke='{(tick == 1 ? "#333" : "#ddd")}'/>");
            Append(axis, $"<text x='{X(tick):F1}' y='{Top - 14}' text-anchor='middle'>{tick}</text>");
        }
        Append(axis, $"<text x='20' y='24' font-size='15' font-weight='bold'>The best peer's time over ours</text>");
        Append(axis, $"<text x='{Left + Width}' y='24' text-anchor='end' fill='#666'>dot: median of a case, line: its quartiles; bar: what is asked; diamond: geometric mean</text>");
        if (curves.Count > 0)
        {
            y = Curves(body, curves, y + 50);
        }
        double width = Left + Width + 70;
        return string.Create(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{y + 20:F0}' viewBox='0 0 {width} {y + 20:F0}' font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n{axis}{body}</svg>\n");
    }

    private static double X(double ratio) => Left + (Width * Math.Log(Math.Clamp(ratio, Least, Most) / Least) / Math.Log(Most / Least));

    // Cases in the order of their ratios, so that a group is one curve.
    private static double Group(StringBuilder body, Summary group, double y)
    {
        double top = y;
        Append(body, $"<text x='{Left - 14}' y='{y + 9:F1}' text-anchor='end'>{SecurityElement.Escape(group.Group.Title)}</text>");
        foreach (Row row in group.Rows.Where(row => row.Ratio is not null).OrderByDescending(row => row.Ratio!.Value.Median))
        {
            Quartiles ratio = row.Ratio!.Value;
            double middle = y + (LineHeight / 2);
            string colour = row.Verdict switch { Verdict.Missed => "#c0392b", Verdict.Noisy => "#999", _ => "#1b6ca8" };
            Append(body, $"<g><title>{SecurityElement.Escape(row.ToString())}</title><line x1='{X(ratio.Lower):F1}' y1='{middle:F1}' x2='{X(ratio.Upper):F1}' y2='{middle:F1}' stroke='{colour}'/><circle cx='{X(ratio.Median):F1}' cy='{middle:F1}' r='2.2' fill='{colour}'/></g>");
            if (row.Case.Each is { } bar)
            {
                Append(body, $"<line x1='{X(bar):F1}' y1='{y:F1}' x2='{X(bar):F1}' y2='{y + LineHeight:F1}' stroke='#222' stroke-width='1.6'/>");
            }
            y += LineHeight;
        }
        double centre = (top + y) / 2, mean = X(group.GeometricMean!.Value);
        Append(body, $"<path d='M{mean - 5:F1} {centre:F1}L{mean:F1} {centre - 5:F1}L{mean + 5:F1} {centre:F1}L{mean:F1} {centre + 5:F1}Z' fill='none' stroke='#222' stroke-width='1.5'/>");
        Append(body, $"<text x='{Left + Width + 14}' y='{Math.Max(centre, top + 5) + 4:F1}'>{group.GeometricMean:F2}</text>");
        return Math.Max(y, top + 12) + Gap - 14;
    }

    // Time by size, both logarithmic, with the operations scaled to the first point.
    private static double Curves(StringBuilder body, IReadOnlyList<Curve> curves, double top)
    {
        Append(body, $"<text x='40' y='{top:F1}' font-size='15' font-weight='bold'>A step of `mlp` by size: time (line), and the operations (dashed, from the last point back)</text>");
        top += 20;
        for (int k = 0; k < curves.Count; k++)
        {
            Curve curve = curves[k];
            double left = 70 + (k * (CurveWidth + 60));
            double low = curve.Points.Min(p => p.Seconds) / 2, high = curve.Points.Max(p => p.Seconds) * 2;
            double first = curve.Points[0].Size, last = curve.Points[^1].Size;
            Curve.Point end = curve.Points[^1];
            double Px(double size) => left + (CurveWidth * Math.Log(size / first) / Math.Log(last / first));
            double Py(double seconds) => top + CurveHeight - (CurveHeight * Math.Log(Math.Max(seconds, low) / low) / Math.Log(high / low));
            string Line(Func<Curve.Point, double> value) =>
                string.Join(' ', curve.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{Px(p.Size):F1},{Py(value(p)):F1}")));
            Append(body, $"<rect x='{left}' y='{top:F1}' width='{CurveWidth}' height='{CurveHeight}' fill='none' stroke='#bbb'/>");
            Append(body, $"<polyline points='{Line(p => end.Seconds * p.Operations / end.Operations)}' fill='none' stroke='#888' stroke-dasharray='4 3'/>");
            Append(body, $"<polyline points='{Line(p => p.Seconds)}' fill='none' stroke='{s_colours[k % s_colours.Length]}' stroke-width='2'/>");
            foreach (Curve.Point point in curve.Points)
            {
                (double size, double seconds) = (point.Size, point.Seconds);
                Append(body, $"<circle cx='{Px(size):F1}' cy='{Py(seconds):F1}' r='3' fill='{s_colours[k % s_colours.Length]}'><title>{size}: {Format.Time(seconds)}</title></circle>");
                Append(body, $"<text x='{Px(size):F1}' y='{top + CurveHeight + 14:F1}' text-anchor='middle' font-size='10'>{size}</text>");
            }
            Append(body, $"<text x='{left - 4:F1}' y='{Py(curve.Points[0].Seconds) + 4:F1}' text-anchor='end' font-size='10'>{Format.Time(curve.Points[0].Seconds)}</text>");
            Append(body, $"<text x='{left - 4:F1}' y='{Py(end.Seconds) + 4:F1}' text-anchor='end' font-size='10'>{Format.Time(end.Seconds)}</text>");
            Append(body, $"<text x='{left + (CurveWidth / 2)}' y='{top + CurveHeight + 32:F1}' text-anchor='middle'>{curve.Name}</text>");
        }
        return top + CurveHeight + 40;
    }

    private static void Append(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
