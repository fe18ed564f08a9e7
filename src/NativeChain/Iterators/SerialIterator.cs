namespace NativeChain;

/// <summary>Gives minibatches one after the other, shuffled anew for each epoch.</summary>
public sealed class SerialIterator : DatasetIterator
{
    /// <summary>Creates an iterator.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="batchSize">Number of examples in a minibatch. A minibatch may run over into the next epoch; without repeat the last may be smaller.</param>
    /// <param name="repeat">Whether it goes on for ever; else it ends after one epoch.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own; null shuffles.</param>
    /// <param name="seed">Seed of the orders; null takes them from <see cref="NDArray.Random"/>.</param>
    /// <param name="orderSampler">What gives each epoch its order, in the place of <paramref name="shuffle"/> and <paramref name="seed"/>.</param>
    /// <exception cref="ArgumentException">
    /// The minibatch is empty, or the data set is and it repeats; or an order sampler is given with what it replaces.
    /// </exception>
    public SerialIterator(
        IDataset dataset, int batchSize, bool repeat = true, bool? shuffle = null, ulong? seed = null, OrderSampler? orderSampler = null)
        : base(dataset, batchSize, repeat, shuffle, seed, orderSampler)
    {
    }

    /// <inheritdoc/>
    public override Batch? Next()
    {
        (long[]? indices, IterationState state) = Advance(State, InPlace);
        if (indices is null)
        {
            return null;
        }
        Commit(state);
        return Dataset.GetBatch(NDArray.FromSpan<long>(indices));
    }
}
