namespace NativeChain.Training;

/// <summary>An updater of one model, by one optimizer, from one iterator.</summary>
public class StandardUpdater : Updater
{
    private readonly IIterator _iterator;
    private readonly Optimizer _optimizer;
    private readonly BatchFunction _lossFunc;
    private readonly bool _autoNewEpoch;

    /// <summary>Creates the updater.</summary>
    /// <param name="iterator">Where minibatches come from: `main`.</param>
    /// <param name="optimizer">What updates the parameters, set up with its target: `main`.</param>
    /// <param name="converter">What makes of a minibatch the arguments of the loss; null takes its arrays as they are.</param>
    /// <param name="device">Where the target and the minibatches are moved; null leaves both where they are.</param>
    /// <param name="lossFunc">The loss; null for the target itself, such as a <see cref="Links.Classifier"/>.</param>
    /// <param name="autoNewEpoch">Whether it tells the optimizer of new epochs.</param>
    /// <param name="namedLossFunc">The loss of minibatches whose arrays have names, as those of a <see cref="DictDataset"/>; null for the target.</param>
    public StandardUpdater(
        IIterator iterator,
        Optimizer optimizer,
        Func<Batch, Variable[]>? converter = null,
        Device? device = null,
        Func<Variable[], Variable>? lossFunc = null,
        bool autoNewEpoch = true,
        Func<IReadOnlyDictionary<string, Variable>, Variable>? namedLossFunc = null)
    {
        ArgumentNullException.ThrowIfNull(iterator);
        ArgumentNullException.ThrowIfNull(optimizer);
        _iterator = iterator;
        _optimizer = optimizer;
        _lossFunc = new BatchFunction(() => optimizer.Target, device, converter, lossFunc, namedLossFunc);
        _autoNewEpoch = autoNewEpoch;
        Device = device;
        if (device is { } target)
        {
            optimizer.Target.ToDevice(target);
        }
        if (autoNewEpoch)
        {
            optimizer.UseAutoNewEpoch = true;
        }
        Optimizers = new Dictionary<string, Optimizer> { ["main"] = optimizer };
        Iterators = new Dictionary<string, IIterator> { ["main"] = iterator };
    }

    /// <summary>Where the target and the minibatches are moved.</summary>
    /// <value>null: both stay where they are.</value>
    public Device? Device { get; }

    /// <inheritdoc/>
    public override int Epoch => _iterator.Epoch;

    /// <inheritdoc/>
    public override double EpochDetail => _iterator.EpochDetail;

    /// <inheritdoc/>
    public override double? PreviousEpochDetail => _iterator.PreviousEpochDetail;

    /// <inheritdoc/>
    public override bool IsNewEpoch => _iterator.IsNewEpoch;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, IIterator> Iterators { get; }

    /// <inheritdoc/>
    protected override void UpdateCore()
    {
        Batch batch = _iterator.Next()
            ?? throw new InvalidOperationException("StandardUpdater: the iterator has come to its end; create it with repeat: true");
        _optimizer.Update(_lossFunc.Call, batch);
        if (_autoNewEpoch && _iterator.IsNewEpoch)
        {
            _optimizer.NewEpoch(auto: true);
        }
    }
}
