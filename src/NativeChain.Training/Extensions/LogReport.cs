namespace NativeChain.Training.Extensions;

/// <summary>Averages what is reported, and writes the means of each interval to a JSON file, with epoch, iteration and elapsed time.</summary>
public sealed class LogReport : Extension
{
    private static readonly HashSet<string> s_integers = new(StringComparer.Ordinal) { "epoch", "iteration" };

    private readonly string[]? _keys;
    private readonly Trigger _trigger;
    private readonly Action<OrderedDictionary<string, double>>? _postprocess;
    private readonly string? _fileName;
    private readonly DictSummary _summary = new();
    private List<OrderedDictionary<string, double>> _log = [];

    /// <summary>Creates the extension.</summary>
    /// <param name="keys">Names of the values that are averaged; null for all that are single numbers.</param>
    /// <param name="trigger">When means are logged; null for each epoch.</param>
    /// <param name="postprocess">What may change an entry before it is logged.</param>
    /// <param name="fileName">Name of the file in the trainer's folder; null for none.</param>
    public LogReport(
        IEnumerable<string>? keys = null,
        Trigger? trigger = null,
        Action<OrderedDictionary<string, double>>? postprocess = null,
        string? fileName = "log")
    {
        _keys = keys?.ToArray();
        _trigger = trigger ?? (1, "epoch");
        _postprocess = postprocess;
        _fileName = fileName;
    }

    /// <summary>The entries so far.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, double>> Log => _log;

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        _summary.Add(_keys is null ? trainer.Observation : trainer.Observation.Where(entry => _keys.Contains(entry.Key)));
        if (!trainer.IsBeforeTraining && !_trigger.Fire(trainer))
        {
            return;
        }
        OrderedDictionary<string, double> entry = _summary.ComputeMean();
        entry["epoch"] = trainer.Updater.Epoch;
        entry["iteration"] = trainer.Updater.Iteration;
        entry["elapsed_time"] = trainer.ElapsedTime;
        _postprocess?.Invoke(entry);
        _log.Add(entry);
        if (_fileName is not null)
        {
            string text = Json.Write(_log, s_integers, indented: true);
            AtomicFile.Write(Path.Combine(trainer.Out, _fileName), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
        }
        _summary.Clear();
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _trigger.Serialize(serializer["_trigger"]);
        if (serializer["_summary"].Contains("_names"))
        {
            _summary.Serialize(serializer["_summary"]);
        }
        if (serializer.Contains("_log"))
        {
            string log = serializer.Serialize("_log", Json.Write(_log, s_integers));
            if (!serializer.IsWriter)
            {
                _log = Json.ReadObjects(log);
            }
        }
    }
}
