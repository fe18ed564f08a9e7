// dotnet run -c Release --project benchmarks/Compare -- [--filter TEXT] [--pairs N] [--python PATH] [--quick]
// Runs the cases of benchmarks/cases.json in NativeChain and in PyTorch, interleaved, and writes a table of ratios to
// benchmarks/results/<machine>/.
using System.Text.Json;
using NativeChain.Compare;

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}

string benchmarks = Folders.Benchmarks();
string filter = Option("--filter", "");
bool quick = args.Contains("--quick");
int pairs = int.Parse(Option("--pairs", quick ? "3" : "11"));
string python = Option("--python", File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");

using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(benchmarks, "cases.json")));
using Runner ours = Runner.NativeChain(benchmarks);
// The best of the peer's own thread settings counts; each is a process, since BLAS reads its setting at the start.
List<Runner> peers = [];
foreach (int torch in (int[])[1, 2])
{
    foreach (int blas in (int[])[1, 2])
    {
        if (Runner.PyTorch(benchmarks, python, torch, blas) is { } peer)
        {
            peers.Add(peer);
        }
    }
}
if (peers.Count == 0)
{
    Console.Error.WriteLine($"{python} cannot import torch (on Debian: apt-get install python3-torch): nothing to compare with");
    return 2;
}

List<Row> rows = [];
foreach (JsonElement test in cases.RootElement.EnumerateArray())
{
    string id = test.GetProperty("id").GetString()!;
    if (!id.Contains(filter, StringComparison.OrdinalIgnoreCase))
    {
        continue;
    }
    string line = JsonSerializer.Serialize(test);
    // Every setting of the peer runs in every round: which is its best is known only from all of them.
    ours.Measure(line);
    peers.ForEach(peer => peer.Measure(line));
    List<double> own = [];
    List<double>[] others = [.. peers.Select(_ => new List<double>())];
    for (int round = 0; round < pairs; round++)
    {
        // Who goes first rotates, so that none always finds another's cache.
        for (int turn = 0; turn <= peers.Count; turn++)
        {
            int who = (turn + round) % (peers.Count + 1);
            if (who == peers.Count)
            {
                own.Add(ours.Measure(line));
            }
            else
            {
                others[who].Add(peers[who].Measure(line));
            }
        }
    }
    int best = Enumerable.Range(0, peers.Count).MinBy(k => Quartiles.Of(others[k]).Median);
    Row row = new(id, test.GetProperty("title").GetString()!, test.GetProperty("bar").GetDouble(), peers[best].Name, own, others[best]);
    rows.Add(row);
    Console.WriteLine(row);
}
peers.ForEach(peer => peer.Dispose());

List<MemoryReport> memory = [];
foreach (string model in (string[])["mlp", "cnn", "lstm"])
{
    if (filter.Length == 0 || $"memory-{model}".Contains(filter, StringComparison.OrdinalIgnoreCase))
    {
        memory.Add(Runner.Memory(benchmarks, model));
        Console.WriteLine(memory[^1]);
    }
}
string folder = Report.Write(benchmarks, rows, memory, pairs);
Console.WriteLine($"written to {Path.GetRelativePath(Environment.CurrentDirectory, folder)}");
return 0;
