namespace NativeChain.Training.Extensions;

/// <summary>
/// Cuts the graphs of what was reported, after all other extensions but snapshots: for trainings with <see cref="Config.KeepGraphOnReport"/>,
/// in which something else would hold on to them.
/// </summary>
public sealed class UnchainVariables : Extension
{
    /// <inheritdoc/>
    public override string DefaultName => "unchain_variables";

    /// <inheritdoc/>
    public override int Priority => 0;

    /// <inheritdoc/>
    public override Trigger DefaultTrigger => Trigger.When(static _ => true);

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        foreach (ReportedValue value in trainer.Observation.Values)
        {
            value.Variable?.UnchainBackward();
        }
    }
}
