using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>A `.json` file of cases and the `.npz` of their arrays.</summary>
internal sealed class CaseFile : IDisposable
{
    private readonly JsonDocument _document;
    private readonly NpzFile _arrays;

    public CaseFile(string path)
    {
        _document = JsonDocument.Parse(File.ReadAllBytes(path));
        Folder = Path.GetDirectoryName(path)!;
        string arrays = _document.RootElement.TryGetProperty("arrays", out JsonElement name)
            ? Path.Combine(Folder, name.GetString()!)
            : Path.ChangeExtension(path, ".npz");
        _arrays = NpzFile.Open(arrays);
    }

    public string Folder { get; }

    public IEnumerable<JsonElement> Cases =>
        _document.RootElement.GetProperty(_document.RootElement.TryGetProperty("cases", out _) ? "cases" : "snapshots").EnumerateArray();

    /// <summary>The array under a key, read anew, so that no case sees what another did to it.</summary>
    public NDArray Array(string key) => _arrays[key];

    public NDArray? ArrayOrNull(JsonElement key) => key.ValueKind == JsonValueKind.Null ? null : Array(key.GetString()!);

    public void Dispose()
    {
        _arrays.Dispose();
        _document.Dispose();
    }
}

internal static class JsonExtensions
{
    public static JsonElement? Get(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static IEnumerable<JsonElement> Items(this JsonElement? element) => element?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    public static IEnumerable<JsonProperty> Members(this JsonElement? element) =>
        element?.EnumerateObject() ?? Enumerable.Empty<JsonProperty>();

    public static (double Rtol, double Atol) Tolerance(this JsonElement element) =>
        (element.GetProperty("rtol").GetDouble(), element.GetProperty("atol").GetDouble());
}
