namespace NativeChain.Training;

/// <summary>Something that a trainer does beside updating: evaluating, logging, saving.</summary>
public abstract class Extension : ISerializable
{
    /// <summary>Priority of what adds to the observation.</summary>
    public const int PriorityWriter = 300;

    /// <summary>Priority of what changes the observation.</summary>
    public const int PriorityEditor = 200;

    /// <summary>Priority of what only reads the observation.</summary>
    public const int PriorityReader = 100;

    /// <summary>Name that the trainer gave it, under which it is saved.</summary>
    /// <value>null: no trainer has it.</value>
    public string? Name { get; internal set; }

    /// <summary>Name that it has if none is given.</summary>
    public virtual string DefaultName => GetType().Name;

    /// <summary>Extensions of higher priority run first.</summary>
    /// <value><see cref="PriorityReader"/></value>
    public virtual int Priority => PriorityReader;

    /// <summary>When it runs if nothing else is said: a new trigger.</summary>
    public virtual Trigger DefaultTrigger => (1, "iteration");

    /// <summary>Called before any extension is initialized: what loads the state of the training does it here.</summary>
    /// <param name="trainer">The trainer.</param>
    public virtual void Restore(Trainer trainer)
    {
    }

    /// <summary>Called before the training starts, unless the extension's trigger is <see cref="Trigger.Finished"/>.</summary>
    /// <param name="trainer">The trainer.</param>
    public virtual void Initialize(Trainer trainer)
    {
    }

    /// <summary>Called when its trigger fires.</summary>
    /// <param name="trainer">The trainer.</param>
    public abstract void Call(Trainer trainer);

    /// <summary>Called if the training fails.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="error">What was thrown.</param>
    public virtual void OnError(Trainer trainer, Exception error)
    {
    }

    /// <summary>Called if the training is cancelled, between two iterations.</summary>
    /// <param name="trainer">The trainer.</param>
    public virtual void OnCancel(Trainer trainer)
    {
    }

    /// <summary>Called when the training has ended, in whatever way.</summary>
    public virtual void Finish()
    {
    }

    /// <inheritdoc/>
    public virtual void Serialize(Serializer serializer)
    {
    }
}
