using System.Globalization;

namespace NativeChain.Training.Extensions;

/// <summary>Prints the entries of a <see cref="LogReport"/> as a table, one row each, when they come.</summary>
public sealed class PrintReport : Extension
{
    private readonly string[] _entries;
    private readonly string _logReport;
    private readonly Terminal _terminal;
    private int _printed;
    private bool _headed;

    /// <summary>Creates the extension.</summary>
    /// <param name="entries">Names of the values, one column each.</param>
    /// <param name="logReport">Name of the <see cref="LogReport"/> in the trainer.</param>
    /// <param name="writer">Where it prints; null for the console.</param>
    public PrintReport(IEnumerable<string> entries, string logReport = "LogReport", TextWriter? writer = null)
    {
        ArgumentNullException.ThrowIfNull(entries);
        _entries = [.. entries];
        _logReport = logReport;
        _terminal = new Terminal(writer);
    }

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (!_headed)
        {
            _headed = true;
            _terminal.ClearBelow();
            _terminal.Writer.WriteLine(string.Join("  ", _entries.Select(entry => entry.PadRight(Width(entry)))));
        }
        if (trainer.GetExtension(_logReport) is not LogReport report)
        {
            throw new InvalidOperationException($"PrintReport: extension {_logReport} is no LogReport");
        }
        for (; _printed < report.Log.Count; _printed++)
        {
            IReadOnlyDictionary<string, double> row = report.Log[_printed];
            _terminal.ClearBelow();
            _terminal.Writer.WriteLine(string.Join("  ", _entries.Select(
                entry => (row.TryGetValue(entry, out double value) ? Format(value) : "").PadRight(Width(entry)))));
            _terminal.Writer.Flush();
        }
    }

    /// <summary>A number to six significant digits, as C's `%g`.</summary>
    internal static string Format(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        string scientific = value.ToString("E5", CultureInfo.InvariantCulture);
        int e = scientific.IndexOf('E');
        int exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent is < -4 or >= 6)
        {
            string mantissa = scientific[..e].TrimEnd('0').TrimEnd('.');
            return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }
        string plain = value.ToString("F" + (5 - exponent), CultureInfo.InvariantCulture);
        return plain.Contains('.') ? plain.TrimEnd('0').TrimEnd('.') : plain;
    }

    private static int Width(string entry) => Math.Max(10, entry.Length);
}
