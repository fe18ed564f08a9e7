using System.Collections;

namespace NativeChain;

/// <summary>Gives minibatches one after the other, shuffled anew for each epoch.</summary>
public sealed class SerialIterator : IIterator
{
    private readonly IDataset _dataset;
    private RandomGenerator? _rng;
    private readonly long[]? _order;
    private int _position;
    private double _previousEpochDetail;

    /// <summary>Creates an iterator.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="batchSize">Number of examples in a minibatch. A minibatch may run over into the next epoch; without repeat the last may be smaller.</param>
    /// <param name="repeat">Whether it goes on for ever; else it ends after one epoch.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own; null shuffles.</param>
    /// <param name="seed">Seed of the orders; null takes them from <see cref="NDArray.Random"/>.</param>
    /// <exception cref="ArgumentException">The minibatch is empty, or the data set is and it repeats.</exception>
    public SerialIterator(IDataset dataset, int batchSize, bool repeat = true, bool? shuffle = null, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (repeat && dataset.Count == 0)
        {
            throw new ArgumentException("SerialIterator: an empty data set cannot be repeated", nameof(dataset));
        }
        _dataset = dataset;
        // Kept for ever and shuffled in place: an array an epoch would outlive the collections that are frequent.
        _order = shuffle ?? true ? new long[dataset.Count] : null;
        _rng = seed is { } s ? new RandomGenerator(s) : null;
        BatchSize = batchSize;
        Repeat = repeat;
        Reset();
    }

    /// <summary>Number of examples in a minibatch.</summary>
    public int BatchSize { get; }

    /// <summary>The data set.</summary>
    public IDataset Dataset => _dataset;

    /// <inheritdoc/>
    public bool Repeat { get; }

    /// <summary>Number of examples of the present epoch that have been given.</summary>
    public int CurrentPosition => _position;

    /// <inheritdoc/>
    public int Epoch { get; private set; }

    /// <inheritdoc/>
    public bool IsNewEpoch { get; private set; }

    /// <inheritdoc/>
    public double EpochDetail => Epoch + (_dataset.Count == 0 ? 0.0 : (double)_position / _dataset.Count);

    /// <inheritdoc/>
    public double? PreviousEpochDetail => _previousEpochDetail < 0 ? null : _previousEpochDetail;

    /// <inheritdoc/>
    public Batch? Next()
    {
        if (_dataset.Count == 0 || (!Repeat && Epoch > 0))
        {
            return null;
        }
        _previousEpochDetail = EpochDetail;
        int n = _dataset.Count;
        long[] indices = new long[Repeat ? BatchSize : Math.Min(BatchSize, n - _position)];
        IsNewEpoch = false;
        int filled = 0;
        while (true)
        {
            int count = Math.Min(indices.Length - filled, n - _position);
            for (int i = 0; i < count; i++)
            {
                indices[filled + i] = _order is null ? _position + i : _order[_position + i];
            }
            filled += count;
            _position += count;
            if (_position < n)
            {
                break;
            }
            Shuffle();
            Epoch++;
            IsNewEpoch = true;
            _position = 0;
            if (filled == indices.Length)
            {
                break;
            }
        }
        return _dataset.GetBatch(NDArray.FromSpan<long>(indices));
    }

    /// <inheritdoc/>
    public void Reset()
    {
        Epoch = 0;
        IsNewEpoch = false;
        _position = 0;
        _previousEpochDetail = -1;
        Shuffle();
    }

    /// <summary>Saves or loads position, epoch and order, and the state of its own random numbers if it has any.</summary>
    /// <param name="serializer">The serializer.</param>
    public void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        int position = serializer.Serialize("current_position", _position);
        if (position < 0 || position > _dataset.Count)
        {
            throw new InvalidDataException($"current_position {position} is outside the data set of {_dataset.Count} examples");
        }
        _position = position;
        Epoch = serializer.Serialize("epoch", Epoch);
        IsNewEpoch = serializer.Serialize("is_new_epoch", IsNewEpoch);
        if (_order is not null)
        {
            // Older files call it _order.
            string key = serializer.Contains("order") || !serializer.Contains("_order") ? "order" : "_order";
            long[] order = serializer.Serialize(key, NDArray.FromSpan<long>(_order))!.ToArray<long>();
            CheckOrder(order);
            order.CopyTo(_order, 0);
        }
        if (serializer.Contains("previous_epoch_detail"))
        {
            _previousEpochDetail = serializer.Serialize("previous_epoch_detail", _previousEpochDetail);
        }
        else
        {
            _previousEpochDetail = EpochDetail > 0 ? Math.Max(EpochDetail - ((double)BatchSize / _dataset.Count), 0.0) : -1.0;
        }
        if (_rng is not null)
        {
            _rng = RandomState.Serialize(serializer["random"], _rng);
        }
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

    private void Shuffle()
    {
        if (_order is not null)
        {
            using NDArray order = (_rng ?? NDArray.Random.Default).Permutation(_order.Length);
            order.CopyTo<long>(_order);
        }
    }

    private void CheckOrder(long[] order)
    {
        foreach (long index in order)
        {
            if (index < 0 || index >= _dataset.Count)
            {
                throw new InvalidDataException($"order holds {index}, but the data set has {_dataset.Count} examples");
            }
        }
    }
}
