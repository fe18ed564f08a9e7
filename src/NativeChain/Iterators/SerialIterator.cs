using System.Collections;

namespace NativeChain;

/// <summary>Gives minibatches one after the other, shuffled anew for each epoch.</summary>
public sealed class SerialIterator : IIterator
{
    private readonly IDataset _dataset;
    private RandomGenerator? _rng;
    private readonly bool _shuffle;
    private NDArray? _order;
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
        _shuffle = shuffle ?? true;
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
        int start = _position;
        long end = (long)start + BatchSize;
        if (end < n)
        {
            _position = (int)end;
            IsNewEpoch = false;
            return _dataset.GetBatch(Indices(start, (int)end));
        }
        List<NDArray> parts = [];
        while (end >= n)
        {
            parts.Add(Indices(start, n));
            Shuffle();
            Epoch++;
            start = 0;
            if (!Repeat)
            {
                end = 0;
                break;
            }
            end -= n;
        }
        if (end > 0)
        {
            parts.Add(Indices(0, (int)end));
        }
        _position = (int)end;
        IsNewEpoch = true;
        return _dataset.GetBatch(parts.Count == 1 ? parts[0] : NDArray.Concatenate([.. parts], 0));
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
        if (_shuffle)
        {
            // Older files call it _order.
            NDArray order = serializer.IsWriter ? _order! : _order!.Copy();
            order = serializer.Serialize(serializer.Contains("order") || !serializer.Contains("_order") ? "order" : "_order", order)!;
            CheckOrder(order);
            _order = order;
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
        if (_shuffle)
        {
            _order = (_rng ?? NDArray.Random.Default).Permutation(_dataset.Count);
        }
        else
        {
            _order ??= NDArray.Arange(_dataset.Count);
        }
    }

    private NDArray Indices(int start, int end) => _order![start..end];

    private void CheckOrder(NDArray order)
    {
        foreach (long index in order.ToArray<long>())
        {
            if (index < 0 || index >= _dataset.Count)
            {
                throw new InvalidDataException($"order holds {index}, but the data set has {_dataset.Count} examples");
            }
        }
    }
}
