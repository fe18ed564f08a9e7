// Runs every case of a folder in the format of the conformance cases:
//   dotnet run -c Release --project tests/NativeChain.Conformance -- FOLDER [--filter TEXT]
// and ends with "N passed, N failed, N skipped". A case is skipped where it names something that NativeChain does not
// have; each such name is printed once.
using System.Text.Json;
using NativeChain.Conformance;

string? folder = args.FirstOrDefault(arg => !arg.StartsWith('-'));
int at = Array.IndexOf(args, "--filter");
string filter = at >= 0 && at + 1 < args.Length ? args[at + 1] : "";
if (folder is null || folder == filter || !Directory.Exists(folder))
{
    Console.Error.WriteLine($"usage: NativeChain.Conformance FOLDER [--filter TEXT]; {folder ?? "FOLDER"} is no folder of cases");
    return 2;
}

(string Subfolder, Action<JsonElement, CaseFile> Run)[] kinds =
[
    ("functions", FunctionCase.Run), ("links", LinkCase.Run), ("optimizers", OptimizerCase.Run), ("snapshots", SnapshotCase.Run),
];
int passed = 0, failed = 0, skipped = 0;
SortedDictionary<string, int> missing = new(StringComparer.Ordinal);
foreach ((string subfolder, Action<JsonElement, CaseFile> run) in kinds)
{
    string path = Path.Combine(folder, subfolder);
    foreach (string json in Directory.Exists(path) ? Directory.GetFiles(path, "*.json").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
    {
        using CaseFile file = new(json);
        foreach (JsonElement test in file.Cases)
        {
            string id = $"{subfolder}/{Path.GetFileNameWithoutExtension(json)}/{test.Text("id")}";
            if (!id.Contains(filter, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            try
            {
                run(test, file);
                passed++;
            }
            catch (MissingNameException e)
            {
                skipped++;
                missing[e.Name] = missing.GetValueOrDefault(e.Name) + 1;
            }
            catch (Exception e)
            {
                failed++;
                Console.WriteLine($"FAILED {id}: {(e is CaseFailedException ? e.Message : e.ToString())}");
            }
        }
    }
}
foreach ((string name, int count) in missing)
{
    Console.WriteLine($"skipped {count}: no {name}");
}
Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return failed == 0 && passed > 0 ? 0 : 1;
