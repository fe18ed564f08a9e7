using System.Collections;

namespace NativeChain;

/// <summary>What iterators over a data set have in common: how far they have come, in an order that each epoch has of its own.</summary>
public abstract class DatasetIterator : IIterator
{
    private readonly OrderSampler? _sampler;
    private double _previousEpochDetail = -1;

    private protected DatasetIterator(
        IDataset dataset, int batchSize, bool repeat, bool? shuffle, ulong? seed, OrderSampler? orderSampler)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (repeat && dataset.Count == 0)
        {
            throw new ArgumentException($"{GetType().Name}: an empty data set cannot be repeated", nameof(dataset));
        }
        if (orderSampler is not null && (shuffle is not null || seed is not null))
        {
            throw new ArgumentException($"{GetType().Name}: an order sampler leaves nothing to shuffle or to seed", nameof(orderSampler));
        }
        Dataset = dataset;
        BatchSize = batchSize;
        Repeat = repeat;
        _sampler = orderSampler ?? (shuffle ?? true ? new ShuffleOrderSampler(seed is { } s ? new RandomGenerator(s) : null) : null);
        Reset();
    }

    /// <summary>Number of examples in a minibatch.</summary>
    public int BatchSize { get; }

    /// <summary>The data set.</summary>
    public IDataset Dataset { get; }

    /// <inheritdoc/>
    public bool Repeat { get; }

    /// <summary>What says in which order the examples of an epoch come.</summary>
    /// <value>null: they come as the data set has them.</value>
    public OrderSampler? OrderSampler => _sampler;

    /// <summary>Number of examples of the present epoch that have been given.</summary>
    public int CurrentPosition => State.Position;

    /// <inheritdoc/>
    public int Epoch => State.Epoch;

    /// <inheritdoc/>
    public bool IsNewEpoch => State.IsNewEpoch;

    /// <inheritdoc/>
    public double EpochDetail => State.Epoch + (EpochSize(State) is var size and > 0 ? (double)State.Position / size : 0.0);

    /// <inheritdoc/>
    public double? PreviousEpochDetail => _previousEpochDetail < 0 ? null : _previousEpochDetail;

    /// <summary>How far it has come.</summary>
    private protected IterationState State { get; private set; }

    /// <summary>Key that Chainer's iterator of the same name has the order under.</summary>
    private protected virtual string OrderKey => "order";

    /// <inheritdoc/>
    public abstract Batch? Next();

    /// <inheritdoc/>
    public virtual void Reset()
    {
        long[]? order = null;
        if (_sampler is not null)
        {
            long[] ascending = new long[Dataset.Count];
            for (int i = 0; i < ascending.Length; i++)
            {
                ascending[i] = i;
            }
            order = _sampler is ShuffleOrderSampler ? InPlace(ascending, 0) : _sampler.Sample(ascending, 0);
            if (CheckOrder(order) is { } bad)
            {
                throw new InvalidOperationException($"{_sampler.GetType().Name}: the order {bad}");
            }
        }
        State = new IterationState(0, 0, false, order);
        _previousEpochDetail = -1;
    }

    /// <inheritdoc/>
    public virtual void Finish()
    {
    }

    /// <summary>Saves or loads position, epoch and order, and what the sampler's next orders follow from.</summary>
    /// <param name="serializer">The serializer.</param>
    public virtual void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        int position = serializer.Serialize("current_position", State.Position);
        int epoch = serializer.Serialize("epoch", State.Epoch);
        bool isNewEpoch = serializer.Serialize("is_new_epoch", State.IsNewEpoch);
        long[]? order = SerializeOrder(serializer);
        IterationState state = new(position, epoch, isNewEpoch, order);
        if (position < 0 || position > EpochSize(state))
        {
            throw new InvalidDataException($"current_position {position} is outside the epoch of {EpochSize(state)} examples");
        }
        State = state;
        if (serializer.Contains("previous_epoch_detail"))
        {
            _previousEpochDetail = serializer.Serialize("previous_epoch_detail", _previousEpochDetail);
        }
        else
        {
            _previousEpochDetail = EpochDetail > 0 ? Math.Max(EpochDetail - ((double)BatchSize / EpochSize(state)), 0.0) : -1.0;
        }
        _sampler?.Serialize(serializer["random"]);
    }

    /// <summary>The minibatches from here to the end, if there is one.</summary>
    public IEnumerator<Batch> GetEnumerator()
    {
        while (Next() is { } batch)
        {
            yield return batch;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Goes on to a state that <see cref="Advance"/> gave.</summary>
    private protected void Commit(IterationState state)
    {
        _previousEpochDetail = EpochDetail;
        State = state;
    }

    /// <summary>Indices of the examples of the next minibatch, and the state after it.</summary>
    /// <param name="state">The state before it.</param>
    /// <param name="nextOrder">Gives the order of the next epoch, from the present one and the position in it.</param>
    /// <returns>Indices null: the end has come.</returns>
    private protected (long[]? Indices, IterationState State) Advance(IterationState state, Func<long[], int, long[]> nextOrder)
    {
        (int position, int epoch, _, long[]? order) = state;
        int n = EpochSize(state);
        if (n == 0 || (!Repeat && epoch > 0))
        {
            return (null, state);
        }
        long[] indices = new long[Repeat ? BatchSize : Math.Min(BatchSize, n - position)];
        bool isNewEpoch = false;
        int filled = 0;
        while (true)
        {
            int count = Math.Min(indices.Length - filled, n - position);
            for (int i = 0; i < count; i++)
            {
                indices[filled + i] = order is null ? position + i : order[position + i];
            }
            filled += count;
            if (position + count < n)
            {
                position += count;
                break;
            }
            order = order is null ? null : nextOrder(order, position);
            epoch++;
            isNewEpoch = true;
            position = 0;
            if (filled == indices.Length)
            {
                break;
            }
        }
        return (indices, new IterationState(position, epoch, isNewEpoch, order));
    }

    /// <summary>The next order, in the memory of the present one.</summary>
    private protected long[] InPlace(long[] order, int position)
    {
        // Kept for ever: an array an epoch would outlive the collections that are frequent.
        _sampler!.SampleInPlace(order, position);
        return order;
    }

    /// <summary>What is wrong with an order; null for nothing.</summary>
    private protected string? CheckOrder(ReadOnlySpan<long> order)
    {
        foreach (long index in order)
        {
            if (index < 0 || index >= Dataset.Count)
            {
                return $"holds {index}, but the data set has {Dataset.Count} examples";
            }
        }
        return order.Length == 0 && Repeat ? "is empty, and cannot be repeated" : null;
    }

    private int EpochSize(IterationState state) => state.Order?.Length ?? Dataset.Count;

    private long[]? SerializeOrder(Serializer serializer)
    {
        if (State.Order is not { } present)
        {
            if (serializer.IsWriter && OrderKey == "_order")
            {
                serializer.Serialize(OrderKey, (NDArray?)null);
            }
            return null;
        }
        if (serializer.IsWriter)
        {
            serializer.Serialize(OrderKey, NDArray.FromSpan<long>(present));
            return present;
        }
        // Chainer's iterators do not agree on the key.
        string other = OrderKey == "order" ? "_order" : "order";
        string key = serializer.Contains(OrderKey) || !serializer.Contains(other) ? OrderKey : other;
        long[]? order = serializer.Serialize(key, NDArray.FromSpan<long>(present))?.ToArray<long>();
        return order is null ? present
            : CheckOrder(order) is { } bad ? throw new InvalidDataException($"{key} {bad}")
            : order;
    }

    /// <summary>How far an iterator has come.</summary>
    private protected readonly record struct IterationState(int Position, int Epoch, bool IsNewEpoch, long[]? Order);
}
