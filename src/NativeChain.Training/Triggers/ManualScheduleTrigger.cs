namespace NativeChain.Training;

/// <summary>Fires at given epochs or iterations.</summary>
public sealed class ManualScheduleTrigger : Trigger
{
    private readonly TrainingClock _clock;
    private readonly double[] _points;
    private readonly double _last;
    private bool _finished;
    private bool _finishedUnknown;

    /// <summary>Creates a trigger.</summary>
    /// <param name="points">When it fires; epochs may be fractions.</param>
    /// <param name="unit">`epoch` or `iteration`.</param>
    /// <exception cref="ArgumentException">There are no points, or the unit is another.</exception>
    public ManualScheduleTrigger(IEnumerable<double> points, string unit)
    {
        ArgumentNullException.ThrowIfNull(points);
        _points = [.. points];
        if (_points.Length == 0)
        {
            throw new ArgumentException("ManualScheduleTrigger: no points are given", nameof(points));
        }
        _clock = new TrainingClock(unit);
        _last = _points.Max();
        Unit = unit;
    }

    /// <summary>Creates a trigger that fires once.</summary>
    /// <param name="point">When it fires.</param>
    /// <param name="unit">`epoch` or `iteration`.</param>
    /// <exception cref="ArgumentException">The unit is another.</exception>
    public ManualScheduleTrigger(double point, string unit)
        : this([point], unit)
    {
    }

    /// <summary>When it fires.</summary>
    public IReadOnlyList<double> Points => _points;

    /// <summary>`epoch` or `iteration`.</summary>
    public string Unit { get; }

    /// <summary>Whether the last point is past.</summary>
    public override bool Finished => _finished;

    /// <inheritdoc/>
    public override bool Fire(Trainer trainer)
    {
        (double previous, double now) = _clock.Tick(trainer);
        bool fire = Array.Exists(_points, point => previous < point && point <= now);
        if ((fire || _finishedUnknown) && now >= _last)
        {
            _finished = true;
        }
        _finishedUnknown = false;
        return fire;
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _clock.Serialize(serializer);
        // Files of old do not say; the next call finds out.
        _finishedUnknown = !serializer.Contains("finished");
        _finished = !_finishedUnknown && serializer.Serialize("finished", _finished);
    }
}
