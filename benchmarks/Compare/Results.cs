using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NativeChain.Compare;

/// <summary>A run: written as Markdown, JSON and a picture.</summary>
internal sealed class Results(int pairs)
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
    };

    public List<Row> Rows { get; } = [];

    public List<Report> Reports { get; } = [];

    /// <summary>Peers that computed something else than we did.</summary>
    public IReadOnlyList<string> Disagreements { get; set; } = [];

    /// <summary>Whether a bar is missed anywhere.</summary>
    public bool Missed => Summary.Of(Rows).Any(group => group.Missed) || Reports.Any(report => report.Verdict == Verdict.Missed)
        || Curve.Of(Rows).Any(curve => curve.Verdict == Verdict.Missed);

    public void Write(string folder)
    {
        _ = Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "results.md"), Markdown());
        File.WriteAllText(Path.Combine(folder, "results.json"), Json());
        File.WriteAllText(Path.Combine(folder, "results.svg"), Picture.Draw(Summary.Of(Rows), Curve.Of(Rows)));
    }

    private string Json() => JsonSerializer.Serialize(
        new
        {
            processor = Workplace.Processor,
            processors = Environment.ProcessorCount,
            os = RuntimeInformation.OSDescription,
            dotnet = $"{Environment.Version}",
            pairs,
            rows = Rows.Select(row => new
            {
                id = row.Case.Id,
                group = row.Case.Group.Id,
                row.Peer,
                ratio = row.Ratio?.Median,
                of_floor = row.OfFloor,
                row.Verdict,
                row.FloorVerdict,
                row.Bytes,
                ours = Rounded(row.Ours),
                theirs = Rounded(row.Theirs),
                floor = Rounded(row.Floor),
            }),
            reports = Reports,
        },
        s_options) + "\n";

    // Six digits are more than a clock is worth.
    private static IEnumerable<double>? Rounded(List<double>? seconds) =>
        seconds?.Select(s => double.Parse(s.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    private string Markdown()
    {
        StringBuilder text = new();
        _ = text.AppendLine("# NativeChain against its peers").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{Workplace.Processor}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, .NET {Environment.Version}. Medians of {pairs} interleaved pairs, pinned to two processors. ")
            .AppendLine(CultureInfo.InvariantCulture, $"The ratio is the best peer's time over ours, with its quartiles; where they are further apart than {Row.NoiseBound:P0} of it, the row is noisy: neither met nor missed. PyTorch, Chainer and NumPy run with every setting of their threads, PyTorch with each of {{1, 2}} x {{1, 2}}; a peer whose first sample is {Round.Outclassed} times the best one's, or whose fastest of {Round.Screening} is over {Round.Hopeless} times its median, is left out of the other rounds. Each row's runners compute the same, by the sum and the sum of squares of their results; training steps, by the number of parameters. The floor is the least that the machine needs, by its peak and its bandwidth as measured in the same rounds; its column is the share of our time that it makes up.")
            .AppendLine().AppendLine("![ratios and scaling](results.svg)").AppendLine()
            .AppendLine("| | geometric mean | worst | met | missed | noisy | floor: met | missed |").AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        List<Summary> groups = Summary.Of(Rows);
        foreach (Summary group in groups)
        {
            string Count(Func<Row, Verdict> of, Verdict verdict) => group.Count(of, verdict) is var n and > 0 ? $"{n}" : "";
            string mean = group.GeometricMean is { } value ? $"{Ratio(value)}{Asked(group.Group.Bar.GeometricMean, group.GeometricMeanVerdict)}" : "";
            string worst = group.Worst is { } row ? $"{Ratio(row.Ratio!.Value.Median)}, {row.Case.Id}" : "";
            _ = text.AppendLine($"| {group.Group.Title} | {mean} | {worst} | {Count(r => r.Verdict, Verdict.Met)} | {Count(r => r.Verdict, Verdict.Missed)} | {Count(r => r.Verdict, Verdict.Noisy)} | {Count(r => r.FloorVerdict, Verdict.Met)} | {Count(r => r.FloorVerdict, Verdict.Missed)} |");
        }
        foreach (Summary group in groups)
        {
            Table(text, group);
        }
        foreach (string disagreement in Disagreements)
        {
            _ = text.AppendLine().AppendLine($"**Not the same result, and left out:** {disagreement}.");
        }
        List<Curve> curves = Curve.Of(Rows);
        if (Reports.Count > 0 || curves.Count > 0)
        {
            _ = text.AppendLine().AppendLine("## Memory, start-up, MNIST, scaling").AppendLine();
        }
        foreach (Report report in Reports)
        {
            _ = text.AppendLine($"- {report.Text}: {Word(report.Verdict)}");
        }
        foreach (Curve curve in curves)
        {
            _ = text.AppendLine(CultureInfo.InvariantCulture,
                $"- `mlp` over {curve.Name} {curve.Points[0].Size} to {curve.Points[^1].Size}: between any two sizes the time grows at most {curve.Worst:F2} times as much as the operations: {Word(curve.Verdict)}");
        }
        return text.ToString();
    }

    private static void Table(StringBuilder text, Summary group)
    {
        bool bytes = group.Rows.Any(row => row.Bytes is not null);
        _ = text.AppendLine().AppendLine($"## {group.Group.Title}").AppendLine().AppendLine(Bars(group.Group.Bar)).AppendLine()
            .AppendLine($"| | NativeChain | best peer | ratio | quartiles | | of the floor | |{(bytes ? " managed bytes |" : "")}")
            .AppendLine($"| --- | --- | --- | --- | --- | --- | --- | --- |{(bytes ? " --- |" : "")}");
        foreach (Row row in group.Rows)
        {
            string peer = row.Theirs is null ? " | | | " : $"{Format.Time(Quartiles.Of(row.Theirs).Median)}, {row.Peer} | {Ratio(row.Ratio!.Value.Median)}{Asked((double?)row.Case.Parameters["bar"], Verdict.None)} | {Ratio(row.Ratio!.Value.Lower)} to {Ratio(row.Ratio!.Value.Upper)} | {Word(row.Verdict)}";
            string floor = row.OfFloor is { } share ? share.ToString("P0", CultureInfo.InvariantCulture) : "";
            _ = text.AppendLine($"| {row.Case.Title} | {Format.Time(row.Seconds)} | {peer} | {floor} | {Word(row.FloorVerdict)} |{(bytes ? $" {(row.Bytes is { } b ? Format.Bytes(b) : "")} |" : "")}");
        }
    }

    private static string Bars(Bar bar)
    {
        List<string> asked = [];
        void Ask(double? value, string text)
        {
            if (value is { } v)
            {
                asked.Add(string.Format(CultureInfo.InvariantCulture, text, v));
            }
        }
        Ask(bar.GeometricMean, "geometric mean {0:0.0#}");
        Ask(bar.Each, "each {0:0.0#}");
        Ask(bar.OfPeak, "{0:P0} of the peak from " + (bar.OfPeakFrom / 1e9).ToString("0.#", CultureInfo.InvariantCulture) + "e9 operations on");
        Ask(bar.OfBandwidth, "{0:P0} of the bandwidth" + (bar.OfBandwidthFrom > 0 ? " from " + (bar.OfBandwidthFrom / 1e6).ToString("0", CultureInfo.InvariantCulture) + " MB on" : ""));
        return asked.Count == 0 ? "No bar for the group." : $"Bars: {string.Join("; ", asked)}.";
    }

    private static string Ratio(double value) => value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    private static string Asked(double? bar, Verdict verdict) =>
        bar is { } value ? string.Create(CultureInfo.InvariantCulture, $" (bar {value:0.0#}{(verdict == Verdict.None ? "" : $", {Word(verdict)}")})") : "";

    private static string Word(Verdict verdict) => verdict == Verdict.None ? "" : verdict == Verdict.Missed ? "**missed**" : verdict.ToString().ToLowerInvariant();
}
