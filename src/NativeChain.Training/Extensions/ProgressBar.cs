using System.Diagnostics;
using System.Globalization;

namespace NativeChain.Training.Extensions;

/// <summary>Shows how far the training has come, how fast it is and when it will end.</summary>
/// <remarks>On the console it writes over itself, and is silent where the output is not a terminal.</remarks>
public sealed class ProgressBar : Extension
{
    private const int RecentTimings = 100;

    private readonly Queue<(long Iteration, double Epoch, long Timestamp)> _recent = new();
    private readonly (double Length, string Unit)? _trainingLength;
    private readonly int _updateInterval;
    private readonly int _barLength;
    private readonly Terminal _terminal;
    private readonly bool _silent;

    /// <summary>Creates the extension.</summary>
    /// <param name="trainingLength">Length of the training and its unit; null for that of the trainer's stop trigger.</param>
    /// <param name="updateInterval">Iterations between two updates of the bar.</param>
    /// <param name="barLength">Characters in a bar.</param>
    /// <param name="writer">Where it prints; null for the console.</param>
    public ProgressBar(
        (double Length, string Unit)? trainingLength = null, int updateInterval = 100, int barLength = 50, TextWriter? writer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(updateInterval, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(barLength, 1);
        _trainingLength = trainingLength;
        _updateInterval = updateInterval;
        _barLength = barLength;
        _terminal = new Terminal(writer);
        _silent = writer is null && !_terminal.IsInteractive;
    }

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_silent || trainer.Updater.Iteration % _updateInterval != 0)
        {
            return;
        }
        string[] lines = Lines(trainer.Updater, _trainingLength ?? trainer.StopTrigger.TrainingLength);
        _terminal.ClearBelow();
        foreach (string line in lines)
        {
            _terminal.Writer.WriteLine(line);
        }
        _terminal.MoveUp(lines.Length);
        _terminal.Writer.Flush();
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        if (!_silent)
        {
            _terminal.ClearBelow();
            _terminal.Writer.Flush();
        }
    }

    private string[] Lines(Updater updater, (double Length, string Unit)? length)
    {
        double epoch = updater.EpochDetail;
        (double iterationsPerSecond, double epochsPerSecond) = Speed(updater.Iteration, epoch);
        bool iterations = length?.Unit == "iteration";
        double done = iterations ? updater.Iteration : epoch;
        double rate = length is { } l ? Math.Min(done / l.Length, 1.0) : 0.0;
        double seconds = length is { } left ? Math.Max((left.Length - done) / (iterations ? iterationsPerSecond : epochsPerSecond), 0.0) : double.NaN;
        return
        [
            Bar("     total", rate),
            Bar("this epoch", epoch - Math.Floor(epoch)),
            string.Create(CultureInfo.InvariantCulture, $"{updater.Iteration,10} iter, {updater.Epoch} epoch") + (length is { } of
                ? string.Create(CultureInfo.InvariantCulture, $" / {of.Length} {of.Unit}s") : ""),
            string.Create(CultureInfo.InvariantCulture, $"{iterationsPerSecond,10:G5} iters/sec. Estimated time to finish: ")
                + (seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(Math.Round(seconds)).ToString("c", CultureInfo.InvariantCulture) : "unknown") + ".",
        ];
    }

    private string Bar(string label, double rate)
    {
        int marks = (int)(rate * _barLength);
        return string.Create(
            CultureInfo.InvariantCulture, $"{label} [{new string('#', marks)}{new string('.', _barLength - marks)}] {100 * rate,5:F2}%");
    }

    private (double Iterations, double Epochs) Speed(long iteration, double epoch)
    {
        long now = Stopwatch.GetTimestamp();
        _recent.Enqueue((iteration, epoch, now));
        if (_recent.Count > RecentTimings)
        {
            _recent.Dequeue();
        }
        (long oldIteration, double oldEpoch, long then) = _recent.Peek();
        double span = Stopwatch.GetElapsedTime(then, now).TotalSeconds;
        return span > 0 ? ((iteration - oldIteration) / span, (epoch - oldEpoch) / span) : (double.PositiveInfinity, double.PositiveInfinity);
    }
}
