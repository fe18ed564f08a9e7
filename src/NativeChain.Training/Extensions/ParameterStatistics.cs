namespace NativeChain.Training.Extensions;

/// <summary>Reports statistics of parameters and their gradients: means over an interval, as `predictor/l1/W/data/mean`.</summary>
/// <remarks>
/// A name is the link's (`None` if it has none), the parameter's path, `data` or `grad`, and the statistic's, with a number
/// behind it where the statistic has more than one value. A parameter without gradient has no statistics of it.
/// </remarks>
public sealed class ParameterStatistics : Extension
{
    private static readonly double[] s_percentiles = [0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87];

    private readonly Link[] _links;
    private readonly OrderedDictionary<string, Func<NDArray, NDArray>> _statistics = new(StringComparer.Ordinal);
    private readonly bool _reportParams;
    private readonly bool _reportGrads;
    private readonly string _prefix;
    private readonly Trigger _trigger;
    private readonly bool _skipNanParams;
    private readonly DictSummary _summary = new();

    /// <summary>Creates the extension.</summary>
    /// <param name="links">The links whose parameters are looked at.</param>
    /// <param name="statistics">Functions of a one-dimensional array, by name; null for <see cref="DefaultStatistics"/>.</param>
    /// <param name="reportParams">Whether the parameters are looked at.</param>
    /// <param name="reportGrads">Whether their gradients are.</param>
    /// <param name="prefix">What comes before every name, with a slash; null for nothing.</param>
    /// <param name="trigger">When means are reported; null for each epoch.</param>
    /// <param name="skipNanParams">Whether an array that holds NaN has NaN for every statistic, and no function is called.</param>
    public ParameterStatistics(
        IEnumerable<Link> links,
        IReadOnlyDictionary<string, Func<NDArray, NDArray>>? statistics = null,
        bool reportParams = true,
        bool reportGrads = true,
        string? prefix = null,
        Trigger? trigger = null,
        bool skipNanParams = false)
    {
        ArgumentNullException.ThrowIfNull(links);
        _links = [.. links];
        foreach ((string name, Func<NDArray, NDArray> function) in statistics ?? DefaultStatistics)
        {
            RegisterStatistics(name, function);
        }
        _reportParams = reportParams;
        _reportGrads = reportGrads;
        _prefix = string.IsNullOrEmpty(prefix) ? "" : prefix + "/";
        _trigger = trigger ?? (1, "epoch");
        _skipNanParams = skipNanParams;
    }

    /// <summary>Creates the extension for one link.</summary>
    /// <param name="link">The link whose parameters are looked at.</param>
    public ParameterStatistics(Link link)
        : this([link])
    {
    }

    /// <summary>`mean`, `std`, `min`, `max`, `zeros` and `percentile`: at 0.13, 2.28, 15.87, 50, 84.13, 97.72 and 99.87 percent.</summary>
    public static IReadOnlyDictionary<string, Func<NDArray, NDArray>> DefaultStatistics { get; } =
        new OrderedDictionary<string, Func<NDArray, NDArray>>(StringComparer.Ordinal)
        {
            ["mean"] = static x => x.Mean(),
            ["std"] = static x => NDArray.Sqrt(NDArray.Square(x - x.Mean()).Mean()),
            ["min"] = static x => x.Min(),
            ["max"] = static x => x.Max(),
            ["zeros"] = static x => NDArray.Equal(x, 0).Sum(),
            ["percentile"] = static x => Percentile.Of(x, s_percentiles),
        };

    /// <inheritdoc/>
    public override string DefaultName => "parameter_statistics";

    /// <inheritdoc/>
    public override int Priority => PriorityWriter;

    /// <summary>Adds a statistic, or replaces that of its name.</summary>
    /// <param name="name">Name of the statistic.</param>
    /// <param name="function">What computes it: of a one-dimensional array, one number or an array of them.</param>
    public void RegisterStatistics(string name, Func<NDArray, NDArray> function)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(function);
        _statistics[name] = function;
    }

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        foreach (Link link in _links)
        {
            string linkName = _prefix + (link.Name ?? "None");
            foreach ((string path, Parameter param) in link.NamedParams(includeUninitialized: false))
            {
                if (_reportParams)
                {
                    Collect($"{linkName}{path}/data", param.Array);
                }
                if (_reportGrads && param.Grad is { } grad)
                {
                    Collect($"{linkName}{path}/grad", grad);
                }
            }
        }
        if (_trigger.Fire(trainer))
        {
            foreach ((string name, double mean) in _summary.ComputeMean())
            {
                Reporter.Report(name, mean);
            }
            _summary.Clear();
        }
    }

    /// <summary>Saves or loads what was collected in the present interval; a file of Chainer's, which lacks it, leaves it as it is.</summary>
    /// <param name="serializer">The serializer.</param>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        if (serializer["_summary"].Contains("_names"))
        {
            _trigger.Serialize(serializer["_trigger"]);
            _summary.Serialize(serializer["_summary"]);
        }
    }

    private void Collect(string name, NDArray array)
    {
        NDArray flat = array.Ravel();
        if (flat.Size == 0)
        {
            return;
        }
        bool isNaN = _skipNanParams && NDArray.IsNaN(flat).Any().Item<bool>();
        foreach ((string statistic, Func<NDArray, NDArray> function) in _statistics)
        {
            string key = $"{name}/{statistic}";
            double[] values = isNaN ? [double.NaN] : function(flat).AsType(DType.Float64).Ravel().ToArray<double>();
            for (int i = 0; i < values.Length; i++)
            {
                _summary.Add(values.Length == 1 ? key : $"{key}/{i}", values[i]);
            }
        }
    }
}
