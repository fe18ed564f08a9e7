namespace NativeChain.Training;

/// <summary>Makes one iteration of a training: takes a minibatch and updates the parameters.</summary>
public abstract class Updater : ISerializable
{
    /// <summary>Number of iterations so far.</summary>
    public long Iteration { get; protected set; }

    /// <summary>Number of whole sweeps over the data so far.</summary>
    public abstract int Epoch { get; }

    /// <summary>Sweeps so far, with the fraction of the present one.</summary>
    public abstract double EpochDetail { get; }

    /// <summary><see cref="EpochDetail"/> before the last iteration.</summary>
    /// <value>null: there was none.</value>
    public abstract double? PreviousEpochDetail { get; }

    /// <summary>Whether the last iteration ended a sweep.</summary>
    public abstract bool IsNewEpoch { get; }

    /// <summary>The optimizers by name; the one of most trainings is `main`.</summary>
    public abstract IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    /// <summary>The iterators by name; the one of most trainings is `main`.</summary>
    public abstract IReadOnlyDictionary<string, IIterator> Iterators { get; }

    /// <summary>Makes one iteration.</summary>
    public void Update()
    {
        UpdateCore();
        Iteration++;
    }

    /// <summary>Called when the training has ended: finishes the iterators.</summary>
    public virtual void Finish()
    {
        foreach (IIterator iterator in Iterators.Values)
        {
            iterator.Finish();
        }
    }

    /// <summary>Saves or loads the iteration, the iterators, the optimizers and their targets.</summary>
    /// <param name="serializer">The serializer.</param>
    public virtual void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        foreach ((string name, IIterator iterator) in Iterators)
        {
            iterator.Serialize(serializer["iterator:" + name]);
        }
        foreach ((string name, Optimizer optimizer) in Optimizers)
        {
            // The target first: a state is checked against the shape of its parameter.
            optimizer.Target.Serialize(serializer["model:" + name]);
            optimizer.Serialize(serializer["optimizer:" + name]);
        }
        Iteration = serializer.Serialize("iteration", Iteration);
    }

    /// <summary>Takes a minibatch and updates the parameters.</summary>
    protected abstract void UpdateCore();
}
