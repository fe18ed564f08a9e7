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
                entries[property.Name] = property.Value.ValueKind == JsonValueKind.String
                    ? double.Parse(property.Value.GetString()!, CultureInfo.InvariantCulture)
                    : property.Value.GetDouble();
            }
            objects.Add(entries);
        }
        return objects;
    }

    private static JsonDocument Parse(string json)
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
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            document.Dispose();
            throw new InvalidDataException("is no JSON list");
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
