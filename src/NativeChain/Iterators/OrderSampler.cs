namespace NativeChain;

/// <summary>Says in which order the examples of each epoch come.</summary>
public abstract class OrderSampler
{
    /// <summary>The order of the next epoch.</summary>
    /// <param name="currentOrder">That of the present epoch; before the first, 0, 1, 2 and so on.</param>
    /// <param name="currentPosition">How many of its examples had been given before the minibatch that ends it.</param>
    /// <returns>
    /// Indices of examples, as many for each epoch. They may leave examples out, or name some more than once: an epoch is as
    /// long as its order.
    /// </returns>
    public abstract long[] Sample(ReadOnlySpan<long> currentOrder, int currentPosition);

    /// <summary>Saves or loads what the next orders follow from; by default nothing.</summary>
    /// <param name="serializer">The serializer.</param>
    public virtual void Serialize(Serializer serializer)
    {
    }

    /// <summary>Puts the next order in the place of the present one.</summary>
    internal virtual void SampleInPlace(long[] order, int currentPosition)
    {
        long[] next = Sample(order, currentPosition) ?? throw new InvalidOperationException($"{GetType().Name}.Sample returned null");
        if (next.Length != order.Length)
        {
            throw new InvalidOperationException(
                $"{GetType().Name}.Sample returned an order of {next.Length} examples after one of {order.Length}");
        }
        next.CopyTo(order, 0);
    }
}

/// <summary>Gives each epoch a random order of its own.</summary>
/// <param name="randomState">Where orders are drawn from; null for <see cref="NDArray.Random"/>.</param>
public sealed class ShuffleOrderSampler(RandomGenerator? randomState = null) : OrderSampler
{
    private RandomGenerator? _rng = randomState;

    /// <inheritdoc/>
    public override long[] Sample(ReadOnlySpan<long> currentOrder, int currentPosition)
    {
        long[] order = new long[currentOrder.Length];
        SampleInPlace(order, currentPosition);
        return order;
    }

    /// <summary>Saves or loads the state of its own random numbers, if it has any.</summary>
    /// <param name="serializer">The serializer.</param>
    public override void Serialize(Serializer serializer)
    {
        if (_rng is not null)
        {
            _rng = RandomState.Serialize(serializer, _rng);
        }
    }

    internal override void SampleInPlace(long[] order, int currentPosition)
    {
        using NDArray permutation = (_rng ?? NDArray.Random.Default).Permutation(order.Length);
        permutation.CopyTo<long>(order);
    }
}
