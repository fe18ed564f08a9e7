using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace NativeChain.Compare;

/// <summary>One case: our seconds and the peer's, pair by pair.</summary>
internal sealed record Row(string Id, string Title, double Bar, string Peer, List<double> Ours, List<double> Theirs)
{
    private IEnumerable<double> Ratios => Theirs.Zip(Ours, (peer, own) => peer / own);

    /// <summary>The peer's time over ours.</summary>
    public Quartiles Ratio => Quartiles.Of(Ratios);

    public string Verdict => Ratio.Range > 0.1 ? "noisy" : Ratio.Median >= Bar ? "met" : "missed";

    public override string ToString() =>
        $"{Id}: {Ratio.Median:F2} times {Peer} (bar {Bar}, {Verdict}); {Format(Quartiles.Of(Ours).Median)} against {Format(Quartiles.Of(Theirs).Median)}";

    public static string Format(double seconds) => seconds switch
    {
        < 1e-6 => FormattableString.Invariant($"{seconds * 1e9:F0} ns"),
        < 1e-3 => FormattableString.Invariant($"{seconds * 1e6:F2} us"),
        < 1 => FormattableString.Invariant($"{seconds * 1e3:F2} ms"),
        _ => FormattableString.Invariant($"{seconds:F2} s"),
    };
}

/// <summary>Median and quartiles; the range is the interquartile range over the median.</summary>
internal readonly record struct Quartiles(double Lower, double Median, double Upper)
{
    public double Range => (Upper - Lower) / Median;

    public static Quartiles Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Quartiles(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75));
    }

    private static double At(double[] sorted, double quantile)
    {
        double position = quantile * (sorted.Length - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}

/// <summary>Resident memory of a plain training loop, in bytes.</summary>
internal sealed record MemoryReport(long Before, long LiveAfterStep, long AfterTenth, long AfterAll)
{
    /// <summary>"mlp", "cnn" or "lstm".</summary>
    public string Model { get; init; } = "";

    private const long Allowance = 64L << 20;

    /// <summary>After a tenth of the steps: before + 3 x live + 64 MB. After all: 1.05 times what it was then.</summary>
    public bool Met => AfterTenth <= Before + 3 * LiveAfterStep + Allowance && AfterAll <= 1.05 * AfterTenth;

    public override string ToString() => FormattableString.Invariant(
        $"memory, {Model}: {Mega(Before)} before, {Mega(LiveAfterStep)} live after a step, {Mega(AfterTenth)} resident after 2,000 steps, {Mega(AfterAll)} after 20,000: {(Met ? "met" : "missed")}");

    private static string Mega(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");
}

internal static class Report
{
    public static string Write(string benchmarks, List<Row> rows, List<MemoryReport> memory, int pairs)
    {
        string processor = Processor();
        string folder = Path.Combine(benchmarks, "results", Slug(processor));
        Directory.CreateDirectory(folder);
        StringBuilder text = new();
        text.AppendLine("# NativeChain against PyTorch").AppendLine();
        text.AppendLine($"{processor}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, .NET {Environment.Version}. "
            + $"Medians of {pairs} interleaved pairs, pinned; the ratio is the peer's time over ours, with its quartiles.").AppendLine();
        text.AppendLine("| workload | NativeChain | peer | ratio | quartiles | bar | |").AppendLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (Row row in rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Title} | {Row.Format(Quartiles.Of(row.Ours).Median)} | {Row.Format(Quartiles.Of(row.Theirs).Median)}, {row.Peer} | {row.Ratio.Median:F2} | {row.Ratio.Lower:F2} to {row.Ratio.Upper:F2} | {row.Bar} | {row.Verdict} |");
        }
        if (memory.Count > 0)
        {
            text.AppendLine().AppendLine(
                "20,000 plain training steps of an MLP 784-100-100-10, batch 100, of a CNN with 3x3 convolutions 1-4-8, batch 32, and of LSTMs of 64 units, batch 32:").AppendLine();
        }
        foreach (MemoryReport report in memory)
        {
            text.AppendLine($"- {report}");
        }
        File.WriteAllText(Path.Combine(folder, "results.md"), text.ToString());
        File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(
            new { processor, processors = Environment.ProcessorCount, os = RuntimeInformation.OSDescription, pairs, rows, memory },
            new JsonSerializerOptions { WriteIndented = true }) + "\n");
        return folder;
    }

    private static string Processor()
    {
        string? name = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return name ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Slug(string text) =>
        string.Join('-', text.ToLowerInvariant().Split([.. text.Where(c => !char.IsAsciiLetterOrDigit(c)).Select(char.ToLowerInvariant).Distinct(), ' '], StringSplitOptions.RemoveEmptyEntries));
}
