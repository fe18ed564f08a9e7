namespace NativeChain.Training;

/// <summary>How far a training has come, by epochs or iterations, and how far it had when a trigger was last asked.</summary>
internal sealed class TrainingClock
{
    private readonly bool _epochs;
    private long _previousIteration;
    private double _previousEpochDetail;

    /// <exception cref="ArgumentException">The unit is another than `epoch` or `iteration`.</exception>
    public TrainingClock(string unit)
    {
        if (unit is not ("epoch" or "iteration"))
        {
            throw new ArgumentException($"must be epoch or iteration, not {unit}", nameof(unit));
        }
        _epochs = unit == "epoch";
    }

    /// <summary>The time at the last call, and now.</summary>
    public (double Previous, double Now) Tick(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Updater updater = trainer.Updater;
        double now = _epochs ? updater.EpochDetail : updater.Iteration;
        double previous = _epochs
            ? _previousEpochDetail < 0 ? updater.PreviousEpochDetail ?? 0.0 : _previousEpochDetail
            : _previousIteration < 0 ? updater.Iteration - 1 : _previousIteration;
        _previousIteration = updater.Iteration;
        _previousEpochDetail = updater.EpochDetail;
        return (previous, now);
    }

    /// <summary>Saves or loads when it was last asked; what a file lacks is taken from the updater at the next call.</summary>
    public void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _previousIteration = serializer.Contains("previous_iteration") ? serializer.Serialize("previous_iteration", _previousIteration) : -1;
        _previousEpochDetail = serializer.Contains("previous_epoch_detail")
            ? serializer.Serialize("previous_epoch_detail", _previousEpochDetail)
            : -1.0;
    }
}
