namespace NativeChain.Training;

/// <summary>Fires every so many seconds of training, at the first iteration that ends after them.</summary>
public sealed class TimeTrigger : Trigger
{
    private double _nextTime;

    /// <summary>Creates a trigger.</summary>
    /// <param name="period">Seconds between two firings.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period is not positive.</exception>
    public TimeTrigger(double period)
    {
        if (!(period > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(period), period, "must be positive");
        }
        Period = period;
        _nextTime = period;
    }

    /// <summary>Seconds between two firings.</summary>
    public double Period { get; }

    /// <inheritdoc/>
    public override bool Fire(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_nextTime >= trainer.ElapsedTime)
        {
            return false;
        }
        _nextTime += Period;
        return true;
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _nextTime = serializer.Contains("next_time") ? serializer.SerializeCount("next_time", _nextTime) : _nextTime;
    }
}
