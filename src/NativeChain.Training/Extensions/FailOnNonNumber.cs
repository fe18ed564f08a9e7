namespace NativeChain.Training.Extensions;

/// <summary>Ends a training whose parameters have become NaN or infinite.</summary>
public sealed class FailOnNonNumber : Extension
{
    /// <inheritdoc/>
    /// <exception cref="NotFiniteNumberException">A parameter holds NaN or an infinity. The message names it.</exception>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        foreach ((string name, Optimizer optimizer) in trainer.Updater.Optimizers)
        {
            foreach ((string path, Parameter param) in optimizer.Target.NamedParams(includeUninitialized: false))
            {
                if (!NDArray.IsFinite(param.Array).All().Item<bool>())
                {
                    throw new NotFiniteNumberException(
                        $"FailOnNonNumber: at iteration {trainer.Updater.Iteration}, parameter {path} of optimizer {name} is not finite");
                }
            }
        }
    }
}
