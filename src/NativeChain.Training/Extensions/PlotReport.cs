using System.Diagnostics;
using System.Globalization;
using NativeChain.Training.Plotting;

namespace NativeChain.Training.Extensions;

/// <summary>Draws the means of reported values over intervals, by iteration or epoch, into an SVG file. Where the learning rate changes, a line says so.</summary>
/// <remarks>
/// The points are saved under the key of Chainer's extension, with the name of the file, and also with that of the same name that ends in
/// .png, under which the points of Chainer's are found.
/// </remarks>
public sealed class PlotReport : Extension
{
    // Redrawing a long training at each iteration would take longer than training.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly string[] _yKeys;
    private readonly string _xKey;
    private readonly Trigger _trigger;
    private readonly Action<Chart>? _postprocess;
    private readonly string _fileName;
    private readonly bool _marker;
    private readonly bool _grid;
    private readonly bool _logScale;
    private readonly DictSummary _summary = new();
    private readonly Stopwatch _sinceWritten = new();
    private OrderedDictionary<string, List<(double X, double Y)>> _data;
    private List<(double X, double Y)> _rates = [];
    private (Hyperparameter Hyperparam, string Name)? _stepSize;
    private double? _lastRate;
    private string? _unwritten;

    /// <summary>Creates the extension.</summary>
    /// <param name="yKeys">Names of the values.</param>
    /// <param name="xKey">What they are drawn over: `iteration`, `epoch`, or the name of another value.</param>
    /// <param name="trigger">When a point is added; null for each epoch.</param>
    /// <param name="postprocess">What may change the chart before it is written.</param>
    /// <param name="fileName">Name of the file in the trainer's folder; what ends otherwise, as in .png, is written to a file that ends in .svg.</param>
    /// <param name="marker">Whether points are marked, while they are few.</param>
    /// <param name="grid">Whether lines are drawn at the ticks.</param>
    /// <param name="logScale">Whether the vertical axis is logarithmic.</param>
    /// <exception cref="ArgumentException">No names are given.</exception>
    public PlotReport(
        IEnumerable<string> yKeys,
        string xKey = "iteration",
        Trigger? trigger = null,
        Action<Chart>? postprocess = null,
        string fileName = "plot.svg",
        bool marker = true,
        bool grid = true,
        bool logScale = false)
    {
        ArgumentNullException.ThrowIfNull(yKeys);
        ArgumentException.ThrowIfNullOrEmpty(xKey);
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        _yKeys = [.. yKeys];
        if (_yKeys.Length == 0)
        {
            throw new ArgumentException("PlotReport: no names of values are given", nameof(yKeys));
        }
        _xKey = xKey;
        _trigger = trigger ?? (1, "epoch");
        _postprocess = postprocess;
        _fileName = fileName;
        _marker = marker;
        _grid = grid;
        _logScale = logScale;
        _data = NewData();
    }

    /// <summary>The points so far, by the names of the values.</summary>
    public IReadOnlyDictionary<string, List<(double X, double Y)>> Data => _data;

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        _summary.Add(trainer.Observation.Where(entry => entry.Key == _xKey || _yKeys.Contains(entry.Key)));
        WatchRate(trainer.Updater);
        if (!trainer.IsBeforeTraining && !_trigger.Fire(trainer))
        {
            return;
        }
        OrderedDictionary<string, double> means = _summary.ComputeMean();
        _summary.Clear();
        means["epoch"] = trainer.Updater.Epoch;
        means["iteration"] = trainer.Updater.Iteration;
        if (!means.TryGetValue(_xKey, out double x))
        {
            throw new InvalidOperationException($"PlotReport: nothing was reported as {_xKey} until iteration {trainer.Updater.Iteration}");
        }
        foreach (string key in _yKeys)
        {
            if (means.TryGetValue(key, out double y))
            {
                _data[key].Add((x, y));
            }
        }
        _unwritten = Path.Combine(trainer.Out, Path.ChangeExtension(_fileName, ".svg"));
        if (!_sinceWritten.IsRunning || _sinceWritten.Elapsed > s_patience)
        {
            Write();
        }
    }

    /// <summary>Writes what has not been written yet.</summary>
    public override void Finish() => Write();

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        string key = "_plot_" + _fileName, other = "_plot_" + Path.ChangeExtension(_fileName, ".png");
        if (serializer.IsWriter)
        {
            string data = Json.Write(_data);
            foreach (string name in new HashSet<string> { key, other })
            {
                serializer.Serialize(name, data);
            }
        }
        else
        {
            string data = serializer.Serialize(serializer.Contains(key) || !serializer.Contains(other) ? key : other, Json.Write(_data));
            OrderedDictionary<string, List<(double X, double Y)>> loaded = NewData();
            foreach ((string name, List<(double X, double Y)> points) in Json.ReadPoints(data))
            {
                loaded[name] = points;
            }
            _data = loaded;
        }
        if (serializer.Contains("_rates"))
        {
            const string Name = "rates";
            string rates = serializer.Serialize("_rates", Json.Write(new OrderedDictionary<string, List<(double X, double Y)>> { [Name] = _rates }));
            _rates = Json.ReadPoints(rates).GetValueOrDefault(Name, []);
            _lastRate = _rates.Count > 0 ? _rates[^1].Y : null;
            _trigger.Serialize(serializer["_trigger"]);
            _summary.Serialize(serializer["_summary"]);
        }
    }

    private OrderedDictionary<string, List<(double X, double Y)>> NewData()
    {
        OrderedDictionary<string, List<(double X, double Y)>> data = new(StringComparer.Ordinal);
        foreach (string key in _yKeys)
        {
            data[key] = [];
        }
        return data;
    }

    /// <summary>Notes where the step size of the main optimizer changes, if by more than the eye could see in a number.</summary>
    private void WatchRate(Updater updater)
    {
        if (!updater.Optimizers.TryGetValue("main", out Optimizer? optimizer) || _xKey is not ("iteration" or "epoch"))
        {
            return;
        }
        _stepSize ??= OptimizerAttribute.FindStepSize(optimizer);
        if (_stepSize is not ({ } hyperparam, { } name))
        {
            return;
        }
        double rate = hyperparam[name];
        if (_lastRate is not { } last)
        {
            _lastRate = rate;
        }
        else if (Math.Abs(rate - last) > 0.01 * Math.Abs(last))
        {
            _rates.Add((_xKey == "epoch" ? updater.EpochDetail : updater.Iteration, rate));
            _lastRate = rate;
        }
    }

    private void Write()
    {
        if (_unwritten is not { } file)
        {
            return;
        }
        _unwritten = null;
        Chart chart = new() { XLabel = _xKey, Grid = _grid, LogY = _logScale };
        foreach ((string key, List<(double X, double Y)> points) in _data)
        {
            if (points.Count > 0)
            {
                chart.AddLine(key, points.Select(point => point.X), points.Select(point => point.Y), new SeriesStyle { Markers = _marker });
            }
        }
        if (chart.IsEmpty)
        {
            return;
        }
        foreach ((double x, double rate) in _rates)
        {
            chart.AddVerticalMarker(x, rate.ToString("G3", CultureInfo.InvariantCulture), $"{_stepSize?.Name ?? "learning rate"} changes");
        }
        _postprocess?.Invoke(chart);
        chart.Save(file);
        _sinceWritten.Restart();
    }
}
