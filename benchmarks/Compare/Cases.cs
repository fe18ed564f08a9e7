using System.Text.Json;
using System.Text.Json.Nodes;

namespace NativeChain.Compare;

/// <summary>What a group must reach; what is null is not asked.</summary>
/// <param name="GeometricMean">Of the ratios of all its cases.</param>
/// <param name="Each">Ratio of every case.</param>
/// <param name="OfPeak">Share of the measured peak, in cases of at least <paramref name="OfPeakFrom"/> operations.</param>
/// <param name="OfBandwidth">Share of the measured bandwidth, in cases of at least <paramref name="OfBandwidthFrom"/> bytes.</param>
internal sealed record Bar(
    double? GeometricMean = null, double? Each = null, double? OfPeak = null, double OfPeakFrom = 0, double? OfBandwidth = null, double OfBandwidthFrom = 0);

/// <summary>Cases that are judged together.</summary>
/// <param name="Peers">The names of those that it is compared with; null for all that have the operation.</param>
internal sealed record Group(string Id, string Title, Bar Bar, string[]? Peers = null);

/// <summary>One workload, as a runner receives it.</summary>
internal sealed record Case(Group Group, JsonObject Parameters)
{
    public string Id => (string)Parameters["id"]!;

    public string Title => (string?)Parameters["title"] ?? Id;

    public string Operation => (string)Parameters["operation"]!;

    public string DType => (string?)Parameters["dtype"] ?? "float32";

    public int Threads => (int?)Parameters["threads"] ?? 2;

    /// <summary>The name of the member that a sweep of it varies, where the case is a point of a curve over that.</summary>
    public string? Curve => (string?)Parameters["curve"];

    /// <summary>The case's own bar, else its group's.</summary>
    public double? Each => (double?)Parameters["bar"] ?? Group.Bar.Each;

    public double Number(string name) => (double)Parameters[name]!;

    public string? Text(string name) => (string?)Parameters[name];
}

/// <summary>The list of cases.json.</summary>
internal static class CaseList
{
    private static readonly JsonSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>All cases, in order.</summary>
    /// <exception cref="InvalidDataException">A case of no group, an id twice, or a name in an id that the case lacks.</exception>
    public static List<Case> Load(string json)
    {
        JsonNode root = JsonNode.Parse(json)!;
        Dictionary<string, Group> groups = root["groups"]!.AsArray().Select(node => node.Deserialize<Group>(s_options)!).ToDictionary(group => group.Id);
        List<Case> cases = [];
        HashSet<string> ids = [];
        foreach (JsonNode? node in root["cases"]!.AsArray())
        {
            string group = (string)node!["group"]!;
            foreach (JsonObject parameters in Expand(node.AsObject()))
            {
                Case one = new(groups.GetValueOrDefault(group) ?? throw new InvalidDataException($"a case of no group: {group}"), parameters);
                cases.Add(ids.Add(one.Id) ? one : throw new InvalidDataException($"two cases {one.Id}"));
            }
        }
        return cases;
    }

    // A case without its sweep: one for each choice of a value from each of its lists. An object's members are merged in.
    private static List<JsonObject> Expand(JsonObject given)
    {
        JsonObject first = given.DeepClone().AsObject();
        JsonObject? sweep = first["sweep"]?.AsObject();
        _ = first.Remove("sweep");
        List<JsonObject> cases = [first];
        foreach ((string name, JsonNode? values) in sweep ?? [])
        {
            cases = [.. cases.SelectMany(_ => values!.AsArray(), (shorter, value) => With(shorter, name, value!))];
        }
        foreach (JsonObject one in cases)
        {
            one["id"] = FillIn((string)one["id"]!, one);
        }
        return cases;
    }

    private static JsonObject With(JsonObject given, string name, JsonNode value)
    {
        JsonObject longer = given.DeepClone().AsObject();
        foreach ((string key, JsonNode? member) in value as JsonObject ?? new JsonObject { [name] = value.DeepClone() })
        {
            longer[key] = member?.DeepClone();
        }
        return longer;
    }

    // "{m}x{n}" with the members m and n.
    private static string FillIn(string text, JsonObject members)
    {
        for (int open; (open = text.IndexOf('{')) >= 0;)
        {
            int close = text.IndexOf('}', open);
            string name = text[(open + 1)..close];
            JsonNode value = members[name] ?? throw new InvalidDataException($"{text}: the case has no {name}");
            text = text[..open] + value + text[(close + 1)..];
        }
        return text;
    }
}
