using System.Globalization;

namespace NativeChain.Training.Plotting;

/// <summary>One axis of a chart: its range, its ticks, and where values lie on it.</summary>
internal sealed class ChartAxis
{
    private readonly bool _log;
    private readonly double _low;
    private readonly double _high;

    /// <param name="log">Whether it is logarithmic.</param>
    /// <param name="values">The values that it must hold, series by series.</param>
    /// <param name="range">First and last value; null for what the values need.</param>
    /// <param name="padding">Share of the range that is left free at both ends.</param>
    public ChartAxis(bool log, IEnumerable<double[]> values, (double Min, double Max)? range, double padding)
    {
        _log = log;
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        if (range is { } given)
        {
            double[][] ends = [[given.Min, given.Max]];
            values = ends;
        }
        foreach (double[] series in values)
        {
            foreach (double value in series)
            {
                if (Holds(value))
                {
                    low = Math.Min(low, Transform(value));
                    high = Math.Max(high, Transform(value));
                }
            }
        }
        if (!(low <= high))
        {
            (low, high) = log ? (-1, 0) : (0, 1);
        }
        if (low == high)
        {
            double half = log ? 0.5 : low == 0 ? 1 : Math.Abs(low) / 2;
            (low, high) = (low - half, high + half);
        }
        double room = range is null ? (high - low) * padding : 0;
        (_low, _high) = (low - room, high + room);
    }

    /// <summary>Whether a value can lie on the axis.</summary>
    public bool Holds(double value) => double.IsFinite(value) && (!_log || value > 0);

    /// <summary>Where a value lies, from 0 to 1.</summary>
    public double Place(double value) => (Transform(value) - _low) / (_high - _low);

    public List<ChartTick> Ticks(int about) => _log ? LogTicks(about) : LinearTicks(about);

    private double Transform(double value) => _log ? Math.Log10(value) : value;

    private List<ChartTick> LinearTicks(int about)
    {
        double raw = (_high - _low) / about;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = unit * (raw / unit) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        List<ChartTick> ticks = [];
        double first = Math.Ceiling((_low / step) - 1e-9);
        for (double i = first; i * step <= _high + (step * 1e-9); i++)
        {
            ticks.Add(new ChartTick(i * step, Format(i * step, step)));
        }
        return ticks;
    }

    private List<ChartTick> LogTicks(int about)
    {
        int first = (int)Math.Floor(_low), last = (int)Math.Ceiling(_high);
        double decades = _high - _low;
        int every = Math.Max(1, (int)Math.Ceiling(decades / about));
        List<ChartTick> ticks = [];
        for (int exponent = first; exponent <= last; exponent++)
        {
            for (int digit = 1; digit <= (decades <= 6 ? 9 : 1); digit++)
            {
                double value = digit * Math.Pow(10, exponent);
                if (Math.Log10(value) < _low - 1e-9 || Math.Log10(value) > _high + 1e-9)
                {
                    continue;
                }
                bool labelled = digit == 1 ? exponent % every == 0 : decades <= 0.5 || (decades <= 1.7 && digit is 2 or 5);
                ticks.Add(new ChartTick(value, labelled ? Format(value, value) : null));
            }
        }
        return ticks.Count(tick => tick.Label is not null) >= 2 ? ticks : Linear();

        // Less than two ticks of the decades have room: the ticks of a linear axis do as well.
        List<ChartTick> Linear()
        {
            (double low, double high) = (Math.Pow(10, _low), Math.Pow(10, _high));
            return new ChartAxis(false, [], (low, high), 0).LinearTicks(about);
        }
    }

    /// <summary>A value to the digits that a step needs.</summary>
    private static string Format(double value, double step)
    {
        if (value == 0)
        {
            return "0";
        }
        double magnitude = Math.Max(Math.Abs(value), step);
        if (magnitude is >= 1e6 or < 1e-4)
        {
            int digits = Math.Max(0, (int)Math.Floor(Math.Log10(Math.Abs(value))) - (int)Math.Floor(Math.Log10(step) + 1e-9));
            string text = value.ToString("0." + new string('#', Math.Min(digits, 6)) + "e0", CultureInfo.InvariantCulture);
            return text.Replace('-', '−');
        }
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        return value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).Replace('-', '−');
    }
}

/// <summary>A value with its label; without, it is a tick between others.</summary>
internal sealed record ChartTick(double Value, string? Label);
