namespace NativeChain.Training.Extensions;

/// <summary>Reports the ratio of two sums over an interval, such as of correct examples to all: minibatches count by their size.</summary>
public sealed class MicroAverage : Extension
{
    private readonly string _numeratorKey;
    private readonly string _denominatorKey;
    private readonly string _resultKey;
    private readonly Trigger _trigger;
    private double _numerator;
    private double _denominator;

    /// <summary>Creates the extension.</summary>
    /// <param name="numeratorKey">Name of the value whose sum is divided.</param>
    /// <param name="denominatorKey">Name of the value whose sum divides.</param>
    /// <param name="resultKey">Name of the ratio.</param>
    /// <param name="trigger">When it is reported; null for each epoch.</param>
    public MicroAverage(string numeratorKey, string denominatorKey, string resultKey, Trigger? trigger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(numeratorKey);
        ArgumentException.ThrowIfNullOrEmpty(denominatorKey);
        ArgumentException.ThrowIfNullOrEmpty(resultKey);
        _numeratorKey = numeratorKey;
        _denominatorKey = denominatorKey;
        _resultKey = resultKey;
        _trigger = trigger ?? (1, "epoch");
    }

    /// <inheritdoc/>
    public override int Priority => PriorityEditor;

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (!trainer.Observation.TryGetValue(_numeratorKey, out ReportedValue numerator)
            || !trainer.Observation.TryGetValue(_denominatorKey, out ReportedValue denominator))
        {
            return;
        }
        _numerator += numerator.ToDouble();
        _denominator += denominator.ToDouble();
        if (_trigger.Fire(trainer))
        {
            Reporter.Report(_resultKey, _numerator / _denominator);
            _numerator = 0;
            _denominator = 0;
        }
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _numerator = serializer.SerializeCount("_numerator", _numerator);
        _denominator = serializer.SerializeCount("_denominator", _denominator);
        _trigger.Serialize(serializer["_trigger"]);
    }
}
