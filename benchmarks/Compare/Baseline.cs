using System.Text.Json.Nodes;

namespace NativeChain.Compare;

/// <summary>Our times of this run against those of an earlier one, each over what it was compared with then and now.</summary>
internal static class Baseline
{
    /// <summary>A row is slower only past this much, beyond the quartiles of both runs.</summary>
    public const double NoiseBound = 1.15;

    /// <summary>One line for each row that both runs have: how many times as fast it is now; "slower" where that is past the bound.</summary>
    /// <remarks>
    /// Two runs are compared by their ratios to the same peer, or to the floor: a machine that is slower today is slower for both. Where neither is in
    /// both runs, by the times themselves.
    /// </remarks>
    public static List<(string Id, double Factor, bool Slower)> Compare(string json, IEnumerable<Row> rows)
    {
        Dictionary<string, JsonNode> before = JsonNode.Parse(json)!["rows"]!.AsArray().ToDictionary(row => (string)row!["id"]!, row => row!);
        List<(string, double, bool)> found = [];
        foreach (Row row in rows)
        {
            if (!before.TryGetValue(row.Case.Id, out JsonNode? then))
            {
                continue;
            }
            Quartiles earlier, now;
            if (row.Theirs is not null && (string?)then["peer"] == row.Peer)
            {
                (earlier, now) = (RatiosOf(then, "theirs"), row.Ratio!.Value);
            }
            else if (row.Floor is not null && then["floor"] is not null)
            {
                (earlier, now) = (RatiosOf(then, "floor"), Quartiles.Of(row.Floor.Zip(row.Ours, (floor, own) => floor / own)));
            }
            else
            {
                (earlier, now) = (Quartiles.Of(Samples(then, "ours").Select(s => 1 / s)), Quartiles.Of(row.Ours.Select(s => 1 / s)));
            }
            found.Add((row.Case.Id, now.Median / earlier.Median, now.Upper * NoiseBound < earlier.Lower));
        }
        return found;
    }

    private static Quartiles RatiosOf(JsonNode row, string what) => Quartiles.Of(Samples(row, what).Zip(Samples(row, "ours"), (other, own) => other / own));

    private static IEnumerable<double> Samples(JsonNode row, string name) => row[name]!.AsArray().Select(s => (double)s!);
}
