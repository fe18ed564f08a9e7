using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NativeChain.Training.Extensions;

/// <summary>The pattern of a snapshot's file name: text with `{.updater.iteration}` and `{.updater.epoch}`, which may say how many digits: `{.updater.epoch:04}`.</summary>
internal sealed partial class SnapshotFileName
{
    private readonly string _pattern;
    private readonly Regex _matcher;

    /// <exception cref="ArgumentException">The name holds another field.</exception>
    public SnapshotFileName(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        _pattern = pattern;
        string rest = Field().Replace(pattern, "");
        if (rest.AsSpan().ContainsAny('{', '}'))
        {
            throw new ArgumentException(
                $"Snapshot: {pattern} holds other fields than {{.updater.iteration}} and {{.updater.epoch}}, with or without a width as in {{.updater.epoch:04}}",
                nameof(pattern));
        }
        StringBuilder matcher = new("^");
        int at = 0;
        foreach (Match field in Field().Matches(pattern))
        {
            matcher.Append(Regex.Escape(pattern[at..field.Index])).Append("[0-9]+");
            at = field.Index + field.Length;
        }
        _matcher = new Regex(matcher.Append(Regex.Escape(pattern[at..])).Append('$').ToString(), RegexOptions.CultureInvariant);
    }

    /// <summary>The name at the present iteration.</summary>
    public string Format(Trainer trainer) => Field().Replace(_pattern, field =>
    {
        long value = field.Groups[1].Value == "iteration" ? trainer.Updater.Iteration : trainer.Updater.Epoch;
        int digits = field.Groups[2].Length == 0 ? 1 : int.Parse(field.Groups[2].Value, CultureInfo.InvariantCulture);
        return value.ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    });

    /// <summary>Files of such names, the oldest first.</summary>
    public string[] Find(string folder) => !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder)
        .Where(file => _matcher.IsMatch(Path.GetFileName(file)))
        .OrderBy(File.GetLastWriteTimeUtc)
        .ThenBy(file => file.Length)
        .ThenBy(file => file, StringComparer.Ordinal)];

    [GeneratedRegex(@"\{0?\.updater\.(iteration|epoch)(?::0?([1-9])d?)?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Field();
}
