namespace NativeChain;

/// <summary>Gives minibatches of a data set, and knows how far it has come.</summary>
public interface IIterator : IEnumerable<Batch>, ISerializable
{
    /// <summary>Number of whole sweeps over the data set so far.</summary>
    int Epoch { get; }

    /// <summary>Whether the last minibatch ended a sweep.</summary>
    bool IsNewEpoch { get; }

    /// <summary>Sweeps so far, with the fraction of the present one.</summary>
    double EpochDetail { get; }

    /// <summary><see cref="EpochDetail"/> before the last minibatch.</summary>
    /// <value>null: there was none.</value>
    double? PreviousEpochDetail { get; }

    /// <summary>Whether it goes on for ever.</summary>
    bool Repeat { get; }

    /// <summary>The next minibatch.</summary>
    /// <returns>The minibatch; null at the end.</returns>
    Batch? Next();

    /// <summary>Goes back to the start.</summary>
    void Reset();

    /// <summary>Ends what runs beside it, such as threads, when a training has ended; the next minibatch starts it again.</summary>
    void Finish()
    {
    }
}
