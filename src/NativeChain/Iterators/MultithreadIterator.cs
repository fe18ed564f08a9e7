using System.Runtime.ExceptionServices;

namespace NativeChain;

/// <summary>
/// Reads the examples of the next minibatches on threads of its own, while the present one is worked on: the minibatches are those of a
/// <see cref="SerialIterator"/>, whatever the number of threads.
/// </summary>
/// <remarks>
/// The data set is read by its indexer, from several threads at once. What it throws is thrown by <see cref="Next"/>, for the minibatch that
/// it concerns; the next call goes on behind it. Orders are drawn some minibatches before they are used, and saved with the iterator,
/// so that a resumed training gets the same examples.
/// </remarks>
public sealed class MultithreadIterator : DatasetIterator, IDisposable
{
    private readonly WorkerThreads _workers;
    private readonly Queue<Prefetched> _ahead = new();
    private readonly Queue<long[]> _drawn = new();
    private readonly int _nPrefetch;
    private bool _disposed;

    /// <summary>Creates an iterator.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="batchSize">Number of examples in a minibatch. A minibatch may run over into the next epoch; without repeat the last may be smaller.</param>
    /// <param name="repeat">Whether it goes on for ever; else it ends after one epoch.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own; null shuffles.</param>
    /// <param name="nThreads">Number of threads.</param>
    /// <param name="orderSampler">What gives each epoch its order, in the place of <paramref name="shuffle"/> and <paramref name="seed"/>.</param>
    /// <param name="seed">Seed of the orders; null takes them from <see cref="NDArray.Random"/>.</param>
    /// <param name="nPrefetch">How many minibatches are read ahead.</param>
    /// <exception cref="ArgumentException">
    /// A number is less than 1, or the data set is empty and it repeats; or an order sampler is given with what it replaces.
    /// </exception>
    public MultithreadIterator(
        IDataset dataset,
        int batchSize,
        bool repeat = true,
        bool? shuffle = null,
        int nThreads = 1,
        OrderSampler? orderSampler = null,
        ulong? seed = null,
        int nPrefetch = 2)
        : base(dataset, batchSize, repeat, shuffle, seed, orderSampler)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nThreads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(nPrefetch, 1);
        _workers = new WorkerThreads(nThreads, "NativeChain MultithreadIterator");
        _nPrefetch = nPrefetch;
        NThreads = nThreads;
    }

    /// <summary>Number of threads.</summary>
    public int NThreads { get; }

    private protected override string OrderKey => "_order";

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public override Batch? Next()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Prefetch();
        if (!_ahead.TryDequeue(out Prefetched? next))
        {
            return null;
        }
        Commit(next.After);
        return next.Wait();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        if (_workers is not null)
        {
            Drop();
            _drawn.Clear();
        }
        base.Reset();
    }

    /// <summary>Ends the threads and drops what they have read; the next minibatch starts them again.</summary>
    public override void Finish() => Drop();

    /// <summary>Ends the threads and drops what they have read, for good.</summary>
    public void Dispose()
    {
        _disposed = true;
        Drop();
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        if (!serializer.IsWriter)
        {
            Drop();
        }
        base.Serialize(serializer);
        SerializeDrawn(serializer);
    }

    /// <summary>Orders that have been drawn and not used: (k, n). Chainer's files have none.</summary>
    private void SerializeDrawn(Serializer serializer)
    {
        const string Key = "_next_orders";
        if (State.Order is not { } present)
        {
            return;
        }
        if (serializer.IsWriter)
        {
            long[][] drawn = [.. _ahead.SelectMany(prefetched => prefetched.Drawn), .. _drawn];
            serializer.Serialize(Key, NDArray.FromSpan<long>(drawn.SelectMany(order => order).ToArray(), new Shape(drawn.Length, present.Length)));
            return;
        }
        if (!serializer.Contains(Key))
        {
            _drawn.Clear();
            return;
        }
        NDArray? stored = serializer.Serialize(Key, (NDArray?)null);
        if (stored is null)
        {
            return;
        }
        if (stored.NDim != 2 || stored.Shape[1] != present.Length)
        {
            throw new InvalidDataException($"{Key} has shape {stored.Shape}, but an epoch has {present.Length} examples");
        }
        _drawn.Clear();
        for (int i = 0; i < stored.Shape[0]; i++)
        {
            long[] order = stored[i].AsType(DType.Int64).ToArray<long>();
            if (CheckOrder(order) is { } bad)
            {
                throw new InvalidDataException($"{Key} {bad}");
            }
            _drawn.Enqueue(order);
        }
    }

    private void Prefetch()
    {
        IterationState state = _ahead.Count > 0 ? _ahead.Last().After : State;
        // One more than are read ahead: the one that is asked for.
        while (_ahead.Count <= _nPrefetch)
        {
            List<long[]> drawn = [];
            (long[]? indices, state) = Advance(state, (order, position) =>
            {
                long[] next = _drawn.TryDequeue(out long[]? before) ? before : InPlace([.. order], position);
                drawn.Add(next);
                return next;
            });
            if (indices is null)
            {
                return;
            }
            Prefetched prefetched = new(Dataset, indices, state, drawn);
            _ahead.Enqueue(prefetched);
            _workers.Add(prefetched.Work());
        }
    }

    /// <summary>Forgets what has been read ahead, but not the orders that were drawn for it.</summary>
    private void Drop()
    {
        _workers.Stop();
        long[][] drawn = [.. _ahead.SelectMany(prefetched => prefetched.Drawn), .. _drawn];
        _ahead.Clear();
        _drawn.Clear();
        foreach (long[] order in drawn)
        {
            _drawn.Enqueue(order);
        }
    }

    /// <summary>A minibatch that is being read.</summary>
    private sealed class Prefetched(IDataset dataset, long[] indices, IterationState after, List<long[]> drawn)
    {
        // What runs on a worker runs under the configuration of who asked for it.
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private readonly NDArray[][] _examples = new NDArray[indices.Length][];
        private readonly ExceptionDispatchInfo?[] _errors = new ExceptionDispatchInfo?[indices.Length];
        private readonly ManualResetEventSlim _done = new();
        private int _left = indices.Length;
        private Batch? _batch;

        /// <summary>How far the iterator has come with it.</summary>
        public IterationState After { get; } = after;

        /// <summary>The orders that were drawn for it.</summary>
        public List<long[]> Drawn { get; } = drawn;

        public IEnumerable<Action> Work() => Enumerable.Range(0, indices.Length).Select(i => (Action)(() => Read(i)));

        /// <exception cref="Exception">What the data set threw at the first example that it could not give.</exception>
        public Batch Wait()
        {
            _done.Wait();
            _done.Dispose();
            Array.Find(_errors, error => error is not null)?.Throw();
            return _batch!;
        }

        private void Read(int i)
        {
            if (_context is null)
            {
                ReadInContext(i);
            }
            else
            {
                ExecutionContext.Run(_context, _ => ReadInContext(i), null);
            }
        }

        private void ReadInContext(int i)
        {
            try
            {
                _examples[i] = dataset[checked((int)indices[i])];
            }
            catch (Exception e)
            {
                _errors[i] = ExceptionDispatchInfo.Capture(e);
            }
            if (Interlocked.Decrement(ref _left) == 0)
            {
                Assemble();
            }
        }

        private void Assemble()
        {
            try
            {
                if (Array.TrueForAll(_errors, error => error is null))
                {
                    _batch = Batch.FromExamples(_examples, dataset.Names);
                }
            }
            catch (Exception e)
            {
                _errors[0] = ExceptionDispatchInfo.Capture(e);
            }
            _done.Set();
        }
    }
}
