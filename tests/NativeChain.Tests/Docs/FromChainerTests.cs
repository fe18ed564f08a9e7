using System.Text.RegularExpressions;
using NativeChain.Training;
using NUnit.Framework;

namespace NativeChain.Tests.Docs;

/// <summary>docs/from-chainer.md names what there is.</summary>
public sealed class FromChainerTests
{
    private static readonly string s_table = File.ReadAllText(Path.Combine(Repository.Root, "docs", "from-chainer.md"));

    private static IEnumerable<string> Names() =>
        Regex.Matches(Section("## Functions", null), @"^\| `[^`]+` \| `([^`]+)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

    [Test]
    public void TheTablesAreRead() => Assert.That(Names().Count(), Is.GreaterThan(300));

    [TestCaseSource(nameof(Names))]
    public void NamesWhatIsThere(string name)
    {
        string[] parts = name.Split('.');
        bool found = parts switch
        {
            ["F", string function] => typeof(F).GetMethods().Any(method => method.Name == function),
            ["L", string link] => typeof(Link).Assembly.GetType($"NativeChain.Links.{link}") is { IsPublic: true },
            ["Datasets", string function] => typeof(NativeChain.Datasets).GetMethods().Any(method => method.Name == function),
            [string type] => typeof(Link).Assembly.GetExportedTypes().Concat(typeof(Trainer).Assembly.GetExportedTypes()).Any(t => t.Name == type),
            _ => false,
        };
        Assert.That(found, name);
    }

    // A function that the document says is missing, and is there, makes it wrong too.
    [Test]
    public void FunctionsThatAreMissingAreMissing()
    {
        string missing = Regex.Match(Section("## Functions", "## Links"), @"^Not here: (.*)\.$", RegexOptions.Multiline).Groups[1].Value;
        string[] names = [.. Regex.Matches(missing, "`([^`]+)`").Select(match => match.Groups[1].Value.Replace("_", "", StringComparison.Ordinal))];
        Assert.That(names, Is.Not.Empty);
        Assert.That(
            typeof(F).GetMethods().Select(method => method.Name).Where(name => names.Contains(name, StringComparer.OrdinalIgnoreCase)), Is.Empty);
    }

    private static string Section(string from, string? to)
    {
        int start = s_table.IndexOf(from, StringComparison.Ordinal);
        int end = to is null ? s_table.Length : s_table.IndexOf(to, StringComparison.Ordinal);
        return s_table[start..end];
    }
}
