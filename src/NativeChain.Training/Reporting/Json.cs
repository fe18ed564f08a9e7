using System.Globalization;
using System.Text;
using System.Text.Json;

namespace NativeChain.Training;

/// <summary>The JSON of logs and names. Numbers may be NaN and infinities, as Python writes and reads them.</summary>
internal static class Json
{
    public static string Write(IEnumerable<string> texts) => "[" + string.Join(", ", texts.Select(Quote)) + "]";

    /// <summary>A list of objects of numbers; whole numbers of the names given are written without a fraction.</summary>
    public static string Write(
        IEnumerable<IReadOnlyDictionary<string, double>> objects, IReadOnlySet<string> integers, bool indented = false)
    {
        (string newLine1, string newLine2, string comma) = indented ? ("\n    ", "\n        ", ",") : ("", "", ", ");
        IEnumerable<string> texts = objects.Select(entries => newLine1 + "{" + string.Join(comma, entries.Select(
            entry => $"{newLine2}{Quote(entry.Key)}: {Number(entry.Value, integers.Contains(entry.Key))}")) + newLine1 + "}");
        string joined = string.Join(comma, texts);
        return "[" + joined + (indented && joined.Length > 0 ? "\n]" : "]");
    }

    /// <summary>An object of lists of points: `{"main/loss": [[1, 0.5], [2, 0.25]]}`.</summary>
    public static string Write(IReadOnlyDictionary<string, List<(double X, double Y)>> points) => "{" + string.Join(", ", points.Select(
        entry => $"{Quote(entry.Key)}: [{string.Join(", ", entry.Value.Select(point => $"[{Number(point.X, true)}, {Number(point.Y, false)}]"))}]")) + "}";

    public static OrderedDictionary<string, List<(double X, double Y)>> ReadPoints(string json)
    {
        using JsonDocument document = Parse(json, JsonValueKind.Object);
        OrderedDictionary<string, List<(double X, double Y)>> points = new(StringComparer.Ordinal);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Array
                || property.Value.EnumerateArray().Any(point => point.ValueKind != JsonValueKind.Array || point.GetArrayLength() != 2))
            {
                throw new InvalidDataException($"{property.Name} is no list of points");
            }
            points[property.Name] = [.. property.Value.EnumerateArray().Select(point => (ReadNumber(point[0]), ReadNumber(point[1])))];
        }
        return points;
    }

    public static List<string> ReadStrings(string json)
    {
        using JsonDocument document = Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(element => element.GetString() ?? throw new InvalidDataException("holds a null"))];
    }

    public static List<OrderedDictionary<string, double>> ReadObjects(string json)
    {
        using JsonDocument document = Parse(json);
        List<OrderedDictionary<string, double>> objects = [];
        foreach (JsonElement element in document.RootElement.EnumerateArray())
        {
            OrderedDictionary<string, double> entries = new(StringComparer.Ordinal);
            foreach (JsonProperty property in element.EnumerateObject())
            {
                entries[property.Name] = ReadNumber(property.Value);
            }
            objects.Add(entries);
        }
        return objects;
    }

    private static double ReadNumber(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => double.TryParse(element.GetString(), CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new InvalidDataException($"holds \"{element.GetString()}\" where a number should be"),
        JsonValueKind.Number => element.GetDouble(),
        _ => throw new InvalidDataException($"holds {element.ValueKind} where a number should be"),
    };

    private static JsonDocument Parse(string json, JsonValueKind kind = JsonValueKind.Array)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(QuoteNonFinite(json));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"is no JSON: {e.Message}", e);
        }
        if (document.RootElement.ValueKind != kind)
        {
            document.Dispose();
            throw new InvalidDataException(kind == JsonValueKind.Array ? "is no JSON list" : "is no JSON object");
        }
        return document;
    }

    /// <summary>NaN, Infinity and -Infinity outside of texts become texts, which JSON has.</summary>
    private static string QuoteNonFinite(string json)
    {
        if (!json.Contains("NaN", StringComparison.Ordinal) && !json.Contains("Infinity", StringComparison.Ordinal))
        {
            return json;
        }
        StringBuilder quoted = new(json.Length + 16);
        bool inText = false;
        for (int i = 0; i < json.Length; i++)
        {
            char c = json[i];
            if (inText && c == '\\' && i + 1 < json.Length)
            {
                quoted.Append(c).Append(json[++i]);
                continue;
            }
            inText ^= c == '"';
            string? word = inText ? null : Array.Find(["NaN", "Infinity", "-Infinity"], w => string.CompareOrdinal(json, i, w, 0, w.Length) == 0);
            if (word is null)
            {
                quoted.Append(c);
                continue;
            }
            quoted.Append('"').Append(word).Append('"');
            i += word.Length - 1;
        }
        return quoted.ToString();
    }

    private static string Number(double value, bool integer) => double.IsNaN(value) ? "NaN"
        : double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity"
        : value == Math.Floor(value) && Math.Abs(value) < 1e15
            ? value.ToString(integer ? "F0" : "F1", CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();

    private static string Quote(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";
}
