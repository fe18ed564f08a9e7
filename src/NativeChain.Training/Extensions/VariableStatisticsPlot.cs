using NativeChain.Training.Plotting;

namespace NativeChain.Training.Extensions;

/// <summary>
/// Draws, over the iterations, how the elements of parameters and of their gradients are distributed: mean and standard deviation, and
/// percentiles, into an SVG file.
/// </summary>
/// <remarks>Of a long training a random sample of the iterations is kept, in which each is as likely as any other. It is not saved.</remarks>
public sealed class VariableStatisticsPlot : Extension
{
    private static readonly double[] s_percentiles = [0, 0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87, 100];

    private readonly IEnumerable<Variable> _targets;
    private readonly int _maxSampleSize;
    private readonly string[] _parts;
    private readonly bool _plotMean;
    private readonly bool _plotStd;
    private readonly double[] _percentiles;
    private readonly Trigger _trigger;
    private readonly string _fileName;
    private readonly bool _grid;
    private readonly Random _random = new(0);
    private readonly List<Sample> _samples = [];
    private long _seen;

    /// <summary>Creates the extension.</summary>
    /// <param name="targets">The variables, all of whose elements are taken together.</param>
    /// <param name="maxSampleSize">How many iterations are kept.</param>
    /// <param name="reportData">Whether the data are drawn.</param>
    /// <param name="reportGrad">Whether the gradients are.</param>
    /// <param name="plotMean">Whether means are drawn.</param>
    /// <param name="plotStd">Whether standard deviations are: around the means, if these are drawn.</param>
    /// <param name="percentileSigmas">Percentages; null for 0, 0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87 and 100.</param>
    /// <param name="trigger">When the file is written; null for each epoch.</param>
    /// <param name="fileName">Name of the file in the trainer's folder.</param>
    /// <param name="grid">Whether lines are drawn at the ticks.</param>
    /// <exception cref="ArgumentException">Nothing is to be drawn, or a percentage is none.</exception>
    public VariableStatisticsPlot(
        IEnumerable<Variable> targets,
        int maxSampleSize = 1000,
        bool reportData = true,
        bool reportGrad = true,
        bool plotMean = true,
        bool plotStd = true,
        IEnumerable<double>? percentileSigmas = null,
        Trigger? trigger = null,
        string fileName = "statistics.svg",
        bool grid = true)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSampleSize, 1);
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        _targets = targets;
        _maxSampleSize = maxSampleSize;
        _parts = [.. reportData ? ["data"] : Array.Empty<string>(), .. reportGrad ? ["grad"] : Array.Empty<string>()];
        _plotMean = plotMean;
        _plotStd = plotStd;
        _percentiles = [.. percentileSigmas ?? s_percentiles];
        if (_parts.Length == 0 || !(plotMean || plotStd || _percentiles.Length > 0))
        {
            throw new ArgumentException("VariableStatisticsPlot: nothing is to be drawn", nameof(plotMean));
        }
        if (Array.Exists(_percentiles, percentage => !(percentage >= 0 && percentage <= 100)))
        {
            throw new ArgumentException("VariableStatisticsPlot: percentages must be from 0 to 100", nameof(percentileSigmas));
        }
        _trigger = trigger ?? (1, "epoch");
        _fileName = fileName;
        _grid = grid;
    }

    /// <summary>Creates the extension for the parameters of a link.</summary>
    /// <param name="target">The link.</param>
    public VariableStatisticsPlot(Link target)
        : this(Checked(target).Params())
    {
    }

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Sample sample = new(trainer.Updater.Iteration, Array.ConvertAll(_parts, Measure));
        if (_samples.Count < _maxSampleSize)
        {
            _samples.Add(sample);
        }
        else if (_random.NextInt64(_seen + 1) < _maxSampleSize)
        {
            _samples[_random.Next(_maxSampleSize)] = sample;
        }
        _seen++;
        if (_trigger.Fire(trainer))
        {
            Chart.Save(Path.Combine(trainer.Out, Path.ChangeExtension(_fileName, ".svg")), Draw(), columns: _parts.Length);
        }
    }

    private static Link Checked(Link target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target;
    }

    private Statistics? Measure(string part)
    {
        NDArray[] arrays = [.. _targets
            .Select(variable => part == "data" ? variable.ArrayOrNull : variable.Grad)
            .OfType<NDArray>()
            .Where(array => array.Size > 0)
            .Select(array => array.Ravel())];
        if (arrays.Length == 0)
        {
            return null;
        }
        NDArray all = NDArray.Concatenate(arrays).AsType(DType.Float64);
        double mean = all.Mean().Item<double>();
        double std = Math.Sqrt(NDArray.Square(all - mean).Mean().Item<double>());
        return new Statistics(mean, std, _percentiles.Length == 0 ? [] : Percentile.Of(all, _percentiles));
    }

    /// <summary>A column for data and gradients each, a row for means and percentiles each.</summary>
    private List<Chart> Draw()
    {
        Sample[] samples = [.. _samples.OrderBy(sample => sample.Iteration)];
        List<Chart> charts = [];
        if (_plotMean || _plotStd)
        {
            charts.AddRange(_parts.Select((part, k) => DrawMeans(part, Of(samples, k))));
        }
        if (_percentiles.Length > 0)
        {
            charts.AddRange(_parts.Select((part, k) => DrawPercentiles(part, Of(samples, k))));
        }
        return charts;
    }

    private static (double Iteration, Statistics Statistics)[] Of(Sample[] samples, int part) => [.. samples
        .Where(sample => sample.Parts[part] is not null)
        .Select(sample => ((double)sample.Iteration, sample.Parts[part]!))];

    private Chart DrawMeans(string part, (double Iteration, Statistics Statistics)[] samples)
    {
        Chart chart = NewChart($"{part}: {(_plotMean ? "mean" : "standard deviation")}");
        if (!_plotMean)
        {
            return Add(chart, "standard deviation", samples, statistics => statistics.Std, new SeriesStyle());
        }
        Add(chart, "mean", samples, statistics => statistics.Mean, new SeriesStyle());
        if (_plotStd)
        {
            SeriesStyle edge = new() { Color = "#0072B2", Size = 1, Dashed = true };
            Add(chart, "mean ± standard deviation", samples, statistics => statistics.Mean + statistics.Std, edge);
            Add(chart, null, samples, statistics => statistics.Mean - statistics.Std, edge);
        }
        return chart;
    }

    /// <summary>The further from the median, the paler.</summary>
    private Chart DrawPercentiles(string part, (double Iteration, Statistics Statistics)[] samples)
    {
        Chart chart = NewChart($"{part}: percentiles");
        for (int i = 0; i < _percentiles.Length; i++)
        {
            int k = i;
            double distance = Math.Abs(_percentiles[i] - 50) / 50;
            string color = $"rgb({(int)(185 * distance)},{(int)(114 + (96 * distance))},{(int)(178 + (57 * distance))})";
            string? name = _percentiles[i] == 50 ? "median" : i == 0 ? FormattableString.Invariant($"{_percentiles[0]} % to {_percentiles[^1]} %") : null;
            Add(chart, name, samples, statistics => statistics.Percentiles[k], new SeriesStyle { Color = color, Size = _percentiles[i] == 50 ? 2 : 1.5 });
        }
        return chart;
    }

    private Chart NewChart(string title) => new() { Title = title, XLabel = "iteration", Grid = _grid, Width = 560, Height = 340 };

    private static Chart Add(
        Chart chart, string? name, (double Iteration, Statistics Statistics)[] samples, Func<Statistics, double> value, SeriesStyle style) =>
        chart.AddLine(name, samples.Select(sample => sample.Iteration), samples.Select(sample => value(sample.Statistics)), style);

    private sealed record Statistics(double Mean, double Std, double[] Percentiles);

    private sealed record Sample(long Iteration, Statistics?[] Parts);
}
