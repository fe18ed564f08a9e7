using Microsoft.Extensions.Logging;

namespace NativeChain.Training;

/// <summary>Which of two values is the better one.</summary>
public enum EarlyStoppingMode
{
    /// <summary>The larger one if the name of the value contains `accuracy`, else the smaller one.</summary>
    Auto,

    /// <summary>The larger one.</summary>
    Max,

    /// <summary>The smaller one.</summary>
    Min,
}

/// <summary>Fires when the mean of a reported value has not become better for some time: a stop trigger.</summary>
/// <remarks>
/// Chainer's does not save its state; this one does, so that a resumed training stops where an uninterrupted one would. A file without it
/// starts to count anew.
/// </remarks>
public sealed class EarlyStoppingTrigger : Trigger
{
    private readonly ILogger _logger = Config.LoggerFactory.CreateLogger<EarlyStoppingTrigger>();
    private readonly Trigger _max;
    private readonly Trigger _check;
    private readonly bool _larger;
    private readonly bool _verbose;
    private readonly DictSummary _summary = new();

    /// <summary>Creates a trigger.</summary>
    /// <param name="checkTrigger">When the mean is compared; null for each epoch.</param>
    /// <param name="monitor">Name of the value.</param>
    /// <param name="patience">How many comparisons in a row may bring nothing better.</param>
    /// <param name="mode">Which of two values is the better one.</param>
    /// <param name="verbose">Whether each comparison is logged.</param>
    /// <param name="maxTrigger">What ends the training in any case; null for 100 epochs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The patience is less than 1.</exception>
    public EarlyStoppingTrigger(
        Trigger? checkTrigger = null,
        string monitor = "main/loss",
        int patience = 3,
        EarlyStoppingMode mode = EarlyStoppingMode.Auto,
        bool verbose = false,
        Trigger? maxTrigger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(monitor);
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, 1);
        _check = checkTrigger ?? (1, "epoch");
        _max = maxTrigger ?? (100, "epoch");
        _larger = mode == EarlyStoppingMode.Max
            || (mode == EarlyStoppingMode.Auto && monitor.Contains("accuracy", StringComparison.Ordinal));
        _verbose = verbose;
        Monitor = monitor;
        Patience = patience;
        Best = _larger ? double.NegativeInfinity : double.PositiveInfinity;
    }

    /// <summary>Name of the value.</summary>
    public string Monitor { get; }

    /// <summary>How many comparisons in a row may bring nothing better.</summary>
    public int Patience { get; }

    /// <summary>The best mean so far; an infinity before the first comparison.</summary>
    public double Best { get; private set; }

    /// <summary>How many comparisons in a row have brought nothing better.</summary>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public override (double Length, string Unit)? TrainingLength => _max.TrainingLength;

    /// <inheritdoc/>
    public override bool Fire(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        bool observed = trainer.Observation.TryGetValue(Monitor, out ReportedValue reported);
        if (observed)
        {
            _summary.Add(Monitor, reported.ToDouble());
        }
        if (_max.Fire(trainer))
        {
            return true;
        }
        if (!_check.Fire(trainer))
        {
            return false;
        }
        if (!observed)
        {
            _logger.LogWarning("{Monitor} is not reported at iteration {Iteration}", Monitor, trainer.Updater.Iteration);
            return false;
        }
        double value = _summary.ComputeMean()[Monitor];
        _summary.Clear();
        if (_larger ? value > Best : value < Best)
        {
            Best = value;
            Count = 0;
        }
        else
        {
            Count++;
        }
        if (_verbose)
        {
            _logger.LogInformation("{Monitor} is {Value}, the best {Best}, {Count} times not better", Monitor, value, Best, Count);
        }
        if (Count < Patience)
        {
            return false;
        }
        _logger.LogInformation(
            "early stopping in epoch {Epoch}: {Monitor} was not better than {Best} {Count} times", trainer.Updater.Epoch, Monitor, Best, Count);
        return true;
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        if (serializer.Contains("count"))
        {
            _max.Serialize(serializer["_max_trigger"]);
            _check.Serialize(serializer["_interval_trigger"]);
            Count = serializer.Serialize("count", Count);
            Best = serializer.Serialize("best", Best);
            _summary.Serialize(serializer["_summary"]);
        }
    }
}
