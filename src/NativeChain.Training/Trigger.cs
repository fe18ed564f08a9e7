namespace NativeChain.Training;

/// <summary>Says, at each iteration, whether it is time. A pair such as `(1, "epoch")` converts to one.</summary>
public abstract class Trigger : ISerializable
{
    /// <summary>A trigger that never fires.</summary>
    public static Trigger Never { get; } = new NeverTrigger();

    /// <summary>Length of the training that it ends, and its unit: `epoch` or `iteration`.</summary>
    /// <value>null: it is not known beforehand.</value>
    public virtual (double Length, string Unit)? TrainingLength => null;

    /// <summary>Whether it will never fire again: an extension that it belongs to is not initialized any more.</summary>
    /// <value>false where that cannot be known.</value>
    public virtual bool Finished => false;

    /// <summary>A trigger that fires when a function says so.</summary>
    /// <param name="condition">The function.</param>
    public static Trigger When(Func<Trainer, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new ConditionTrigger(condition);
    }

    /// <summary>A trigger that fires every so many epochs or iterations.</summary>
    /// <param name="interval">Period, and its unit: `epoch` or `iteration`.</param>
    public static implicit operator Trigger((int Period, string Unit) interval) => new IntervalTrigger(interval.Period, interval.Unit);

    /// <summary>A trigger that fires every so many epochs or iterations, or fractions of them.</summary>
    /// <param name="interval">Period, and its unit: `epoch` or `iteration`.</param>
    public static implicit operator Trigger((double Period, string Unit) interval) => new IntervalTrigger(interval.Period, interval.Unit);

    /// <summary>Whether it is time. Called once an iteration.</summary>
    /// <param name="trainer">The trainer.</param>
    public abstract bool Fire(Trainer trainer);

    /// <inheritdoc/>
    public virtual void Serialize(Serializer serializer)
    {
    }

    private sealed class NeverTrigger : Trigger
    {
        public override bool Fire(Trainer trainer) => false;
    }

    private sealed class ConditionTrigger(Func<Trainer, bool> condition) : Trigger
    {
        public override bool Fire(Trainer trainer) => condition(trainer);
    }
}
