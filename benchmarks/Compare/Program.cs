// dotnet run -c Release --project benchmarks/Compare -- [options]: the cases of benchmarks/cases.json in NativeChain and in every peer that is
// installed, interleaved in one run. See benchmarks/README.md.
using NativeChain.Compare;

string? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? null : at + 1 < args.Length ? args[at + 1] : throw new ArgumentException($"{name} is without its value");
}

string[] known = ["--filter", "--pairs", "--python", "--baseline", "--output", "--quick", "--require", "--list"];
if (args.FirstOrDefault(arg => arg.StartsWith("--", StringComparison.Ordinal) && !known.Contains(arg)) is { } unknown)
{
    Console.Error.WriteLine($"{unknown} is not an option; there are {string.Join(", ", known)}");
    return 2;
}
Workplace place = new(Option("--python") ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3"));
string filter = Option("--filter") ?? "";
bool Chosen(string id, string group = "") => id.Contains(filter, StringComparison.OrdinalIgnoreCase) || group == filter;
List<Case> cases = [.. CaseList.Load(File.ReadAllText(place.Cases)).Where(test => Chosen(test.Id, test.Group.Id))];
(string Id, Func<Report?> Make)[] reports = [.. Reports.All(place).Where(report => Chosen(report.Id))];
if (args.Contains("--list"))
{
    cases.ForEach(test => Console.WriteLine(test.Id));
    Array.ForEach(reports, report => Console.WriteLine(report.Id));
    return 0;
}
string? baseline = Option("--baseline") is { } file ? File.ReadAllText(file) : null;
int pairs = int.Parse(Option("--pairs") ?? (args.Contains("--quick") ? "3" : "11"));
// A part of the list is shown, and kept only where it is asked for: the results of a machine are those of one whole run.
string? output = Option("--output") ?? (filter.Length == 0 ? place.Results : null);

Results results = new(pairs);
foreach ((string id, Func<Report?> make) in reports)
{
    if (make() is { } report)
    {
        results.Reports.Add(report);
        Console.WriteLine($"{report.Text}: {report.Verdict}");
        Save();
    }
    else
    {
        Console.WriteLine($"{id} is left out");
    }
}
if (cases.Count > 0)
{
    place.Build();
    using Runner core = place.Core(), machine = place.Core(), library = place.Library();
    List<Runner> peers = place.Peers();
    Console.WriteLine($"peers: {string.Join("; ", peers.Select(peer => peer.Name))}");
    Round round = new(core, library, machine, peers, pairs);
    results.Disagreements = round.Disagreements;
    foreach (IGrouping<Group, Case> group in cases.GroupBy(test => test.Group))
    {
        // A curve's points are compared with each other.
        foreach (IGrouping<string, Case> together in group.GroupBy(test => test.Curve ?? test.Id))
        {
            List<Row> rows = round.Measure(together);
            results.Rows.AddRange(rows);
            rows.ForEach(Console.WriteLine);
        }
        Save();
    }
    peers.ForEach(peer => peer.Dispose());
    round.Disagreements.ForEach(Console.Error.WriteLine);
}
foreach (Summary group in Summary.Of(results.Rows).Where(group => group.GeometricMean is not null))
{
    Console.WriteLine($"{group.Group.Title}: {group.GeometricMean:F2} in the geometric mean, {group.Worst!.Ratio!.Value.Median:F2} at worst ({group.Worst.Case.Id})");
}

bool slower = false;
if (baseline is not null)
{
    foreach ((string id, double factor, bool past) in Baseline.Compare(baseline, results.Rows))
    {
        Console.WriteLine(FormattableString.Invariant($"{id}: {factor:F2} times as fast as before{(past ? ": SLOWER" : "")}"));
        slower |= past;
    }
}
return slower || results.Disagreements.Count > 0 || (args.Contains("--require") && results.Missed) ? 1 : 0;

// After each group, so that an interrupted run has lost no more than one.
void Save()
{
    if (output is not null)
    {
        results.Write(output);
    }
}
