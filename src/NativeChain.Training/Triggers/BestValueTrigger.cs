namespace NativeChain.Training;

/// <summary>Fires when the mean of a reported value over an interval is better than ever before.</summary>
/// <remarks>Keep the best model: <code>trainer.Extend(new SnapshotObject(model, "best"), trigger: new MinValueTrigger("validation/main/loss"));</code></remarks>
public class BestValueTrigger : Trigger
{
    private readonly string _key;
    private readonly Func<double, double, bool> _compare;
    private readonly Trigger _interval;
    private readonly DictSummary _summary = new();

    /// <summary>Creates a trigger.</summary>
    /// <param name="key">Name of the value, such as `validation/main/loss`.</param>
    /// <param name="compare">Given the best value so far and the new one, whether the new one is better.</param>
    /// <param name="trigger">When values are compared; null for each epoch.</param>
    public BestValueTrigger(string key, Func<double, double, bool> compare, Trigger? trigger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(compare);
        _key = key;
        _compare = compare;
        _interval = trigger ?? (1, "epoch");
    }

    /// <summary>The best mean so far.</summary>
    /// <value>null: none was compared.</value>
    public double? BestValue { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Nothing was reported under the key in the interval.</exception>
    public override bool Fire(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (trainer.Observation.TryGetValue(_key, out ReportedValue reported))
        {
            _summary.Add(_key, reported.ToDouble());
        }
        if (!_interval.Fire(trainer))
        {
            return false;
        }
        if (!_summary.ComputeMean().TryGetValue(_key, out double value))
        {
            throw new InvalidOperationException($"{GetType().Name}: nothing was reported as {_key} until iteration {trainer.Updater.Iteration}");
        }
        _summary.Clear();
        if (BestValue is { } best && !_compare(best, value))
        {
            return false;
        }
        BestValue = value;
        return true;
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _interval.Serialize(serializer["interval_trigger"]);
        _summary.Serialize(serializer["summary"]);
        BestValue = serializer.Serialize("best_value", BestValue);
    }
}

/// <summary>Fires when the mean of a reported value over an interval is larger than ever before.</summary>
/// <param name="key">Name of the value, such as `validation/main/accuracy`.</param>
/// <param name="trigger">When values are compared; null for each epoch.</param>
public sealed class MaxValueTrigger(string key, Trigger? trigger = null)
    : BestValueTrigger(key, static (best, value) => value > best, trigger);

/// <summary>Fires when the mean of a reported value over an interval is smaller than ever before.</summary>
/// <param name="key">Name of the value, such as `validation/main/loss`.</param>
/// <param name="trigger">When values are compared; null for each epoch.</param>
public sealed class MinValueTrigger(string key, Trigger? trigger = null)
    : BestValueTrigger(key, static (best, value) => value < best, trigger);
