using System.Globalization;

namespace NativeChain.Training;

/// <summary>Fires every so many epochs or iterations.</summary>
public sealed class IntervalTrigger : Trigger
{
    private readonly TrainingClock _clock;

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
        _clock = new TrainingClock(unit);
        Period = period;
        Unit = unit;
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
        (double previous, double now) = _clock.Tick(trainer);
        return Math.Floor(previous / Period) != Math.Floor(now / Period);
    }

    /// <summary>Saves or loads when it was last asked; what a file lacks is taken from the updater at the next call.</summary>
    /// <param name="serializer">The serializer.</param>
    public override void Serialize(Serializer serializer) => _clock.Serialize(serializer);

    /// <summary>The trigger as text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"IntervalTrigger({Period}, '{Unit}')");
}
