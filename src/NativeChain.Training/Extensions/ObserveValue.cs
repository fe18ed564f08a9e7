namespace NativeChain.Training.Extensions;

/// <summary>Adds a value to the observation, each epoch by default.</summary>
public class ObserveValue : Extension
{
    private readonly string _observationKey;
    private readonly Func<Trainer, ReportedValue> _targetFunc;

    /// <summary>Creates the extension.</summary>
    /// <param name="observationKey">Name of the value.</param>
    /// <param name="targetFunc">What gives the value.</param>
    public ObserveValue(string observationKey, Func<Trainer, ReportedValue> targetFunc)
    {
        ArgumentException.ThrowIfNullOrEmpty(observationKey);
        ArgumentNullException.ThrowIfNull(targetFunc);
        _observationKey = observationKey;
        _targetFunc = targetFunc;
    }

    /// <inheritdoc/>
    public override string DefaultName => "_observe_value";

    /// <inheritdoc/>
    public override int Priority => PriorityWriter;

    /// <inheritdoc/>
    public override Trigger DefaultTrigger => (1, "epoch");

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        trainer.Observation[_observationKey] = _targetFunc(trainer);
    }
}

/// <summary>Adds the learning rate to the observation, each epoch by default: `lr`, or Adam's step size with the correction of its moments' bias.</summary>
/// <param name="optimizerName">Name of the optimizer in the updater.</param>
/// <param name="observationKey">Name of the value.</param>
public sealed class ObserveLr(string optimizerName = "main", string observationKey = "lr")
    : ObserveValue(observationKey, trainer => GetLr(trainer.Updater.Optimizers[optimizerName]))
{
    private static ReportedValue GetLr(Optimizer optimizer) =>
        optimizer is Optimizers.Adam adam ? adam.AlphaT
        : OptimizerAttribute.FindStepSize(optimizer) is ({ } hyperparam, { } name) ? hyperparam[name]
        : throw new InvalidOperationException($"ObserveLr: {optimizer.GetType().Name} has no learning rate");
}
