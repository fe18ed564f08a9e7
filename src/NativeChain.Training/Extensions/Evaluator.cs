namespace NativeChain.Training.Extensions;

/// <summary>Runs a link over a validation set, in test mode and without recording a graph, and reports the means of what it reports.</summary>
public class Evaluator : Extension
{
    private readonly IIterator _iterator;
    private readonly Link _target;
    private readonly BatchFunction _evalFunc;

    /// <summary>Creates the evaluator.</summary>
    /// <param name="iterator">Where minibatches come from; it must end: repeat: false.</param>
    /// <param name="target">The link that is evaluated: what it reports comes under `validation/main/`.</param>
    /// <param name="converter">What makes of a minibatch the link's arguments; null takes its arrays as they are.</param>
    /// <param name="device">Where the minibatches are moved; null leaves them where they are.</param>
    /// <param name="evalFunc">What is called; null for the target itself.</param>
    /// <param name="namedEvalFunc">What is called with minibatches whose arrays have names; null for the target itself.</param>
    public Evaluator(
        IIterator iterator,
        Link target,
        Func<Batch, Variable[]>? converter = null,
        Device? device = null,
        Func<Variable[], Variable>? evalFunc = null,
        Func<IReadOnlyDictionary<string, Variable>, Variable>? namedEvalFunc = null)
    {
        ArgumentNullException.ThrowIfNull(iterator);
        ArgumentNullException.ThrowIfNull(target);
        if (iterator.Repeat)
        {
            throw new ArgumentException("Evaluator: an iterator that repeats never ends; create it with repeat: false", nameof(iterator));
        }
        _iterator = iterator;
        _target = target;
        _evalFunc = new BatchFunction(() => target, device, converter, evalFunc, namedEvalFunc);
    }

    /// <inheritdoc/>
    public override string DefaultName => "validation";

    /// <inheritdoc/>
    public override int Priority => PriorityWriter;

    /// <inheritdoc/>
    public override Trigger DefaultTrigger => (1, "epoch");

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        foreach ((string name, double value) in Evaluate())
        {
            Reporter.Report(name, value);
        }
    }

    /// <inheritdoc/>
    public override void Finish() => _iterator.Finish();

    /// <summary>Runs over the validation set from its start.</summary>
    /// <returns>Means by name, such as `validation/main/loss`; `main/loss` without a trainer.</returns>
    public OrderedDictionary<string, double> Evaluate()
    {
        Reporter reporter = new();
        reporter.AddObservers(Name is null ? "main" : Name + "/main", _target);
        DictSummary summary = new();
        _iterator.Reset();
        using (Config.Using(train: false, enableBackprop: false))
        {
            while (_iterator.Next() is { } batch)
            {
                Dictionary<string, ReportedValue> observation = new(StringComparer.Ordinal);
                using (reporter.Scope(observation))
                {
                    _evalFunc.Call(batch);
                }
                summary.Add(observation);
            }
        }
        return summary.ComputeMean();
    }
}
