using System.Globalization;

namespace NativeChain.Training;

/// <summary>Fires every so many epochs or iterations.</summary>
public sealed class IntervalTrigger : Trigger
{
    private readonly bool _epochs;
    private long _previousIteration;
    private double _previousEpochDetail;

    /// <summary>Creates a trigger.</summary>
    /// <param name="period">Length of the interval; that of epochs may be a fraction.</param>
    /// <param name="unit">`epoch` or `iteration`.</param>
    /// <exception cref="ArgumentException">The period is not positive, or the unit another.</exception>
    public IntervalTrigger(double period, string unit)
    {
        if (!(period > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(period), period, "must be positive");
        }
        if (unit is not ("epoch" or "iteration"))
        {
            throw new ArgumentException($"must be epoch or iteration, not {unit}", nameof(unit));
        }
        Period = period;
        Unit = unit;
        _epochs = unit == "epoch";
    }

    /// <summary>Length of the interval.</summary>
    public double Period { get; }

    /// <summary>`epoch` or `iteration`.</summary>
    public string Unit { get; }

    /// <inheritdoc/>
    public override (double Length, string Unit)? TrainingLength => (Period, Unit);

    /// <inheritdoc/>
    public override bool Fire(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Updater updater = trainer.Updater;
        double now = _epochs ? updater.EpochDetail : updater.Iteration;
        double previous = _epochs
            ? _previousEpochDetail < 0 ? updater.PreviousEpochDetail ?? 0.0 : _previousEpochDetail
            : _previousIteration < 0 ? updater.Iteration - 1 : _previousIteration;
        _previousIteration = updater.Iteration;
        _previousEpochDetail = updater.EpochDetail;
        return Math.Floor(previous / Period) != Math.Floor(now / Period);
    }

    /// <summary>Saves or loads when it was last asked; what a file lacks is taken from the updater at the next call.</summary>
    /// <param name="serializer">The serializer.</param>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _previousIteration = serializer.Contains("previous_iteration") ? serializer.Serialize("previous_iteration", _previousIteration) : -1;
        _previousEpochDetail = serializer.Contains("previous_epoch_detail")
            ? serializer.Serialize("previous_epoch_detail", _previousEpochDetail)
            : -1.0;
    }

    /// <summary>The trigger as text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"IntervalTrigger({Period}, '{Unit}')");
}
