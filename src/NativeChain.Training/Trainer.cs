using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace NativeChain.Training;

/// <summary>Runs an updater until a trigger stops it, and the extensions beside it.</summary>
public sealed class Trainer : ISerializable
{
    private readonly OrderedDictionary<string, Entry> _extensions = new(StringComparer.Ordinal);
    private readonly ILogger _logger = Config.LoggerFactory.CreateLogger<Trainer>();
    private Stopwatch? _watch;
    private double _snapshotElapsedTime;
    private bool _done;
    private string _where = "the training";

    /// <summary>Creates the trainer.</summary>
    /// <param name="updater">What makes one iteration.</param>
    /// <param name="stopTrigger">What ends the training, such as `(20, "epoch")`; null for nothing.</param>
    /// <param name="outFolder">Folder that extensions write into; it is created when the training starts.</param>
    public Trainer(Updater updater, Trigger? stopTrigger = null, string outFolder = "result")
    {
        ArgumentNullException.ThrowIfNull(updater);
        ArgumentException.ThrowIfNullOrEmpty(outFolder);
        Updater = updater;
        StopTrigger = stopTrigger ?? Trigger.Never;
        Out = outFolder;
        foreach ((string name, Optimizer optimizer) in updater.Optimizers)
        {
            Reporter.AddObservers(name, optimizer.Target);
        }
    }

    /// <summary>What makes one iteration.</summary>
    public Updater Updater { get; }

    /// <summary>What ends the training.</summary>
    public Trigger StopTrigger { get; }

    /// <summary>Folder that extensions write into.</summary>
    public string Out { get; }

    /// <summary>What links and extensions report to.</summary>
    public Reporter Reporter { get; } = new();

    /// <summary>What has been reported in the present iteration.</summary>
    public Dictionary<string, ReportedValue> Observation { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Whether no iteration has been made.</summary>
    public bool IsBeforeTraining => Updater.Iteration == 0;

    /// <summary>How many extensions want the graphs of what the next updates report.</summary>
    internal int GraphKeepers { get; set; }

    /// <summary>Seconds of training so far, those before a snapshot included.</summary>
    public double ElapsedTime => (_watch?.Elapsed.TotalSeconds ?? 0.0) + _snapshotElapsedTime;

    /// <summary>Adds an extension.</summary>
    /// <param name="extension">The extension.</param>
    /// <param name="name">Its name; null for its own. `_1`, `_2` and so on are added to one that is taken.</param>
    /// <param name="trigger">When it runs; null for its own.</param>
    /// <param name="priority">Extensions of higher priority run first; null for its own.</param>
    /// <param name="callBeforeTraining">Whether it runs before the first iteration too.</param>
    /// <returns>This trainer.</returns>
    /// <exception cref="ArgumentException">The name is `training`.</exception>
    public Trainer Extend(
        Extension extension, string? name = null, Trigger? trigger = null, int? priority = null, bool callBeforeTraining = false)
    {
        ArgumentNullException.ThrowIfNull(extension);
        name ??= extension.DefaultName;
        if (name == "training")
        {
            throw new ArgumentException("an extension cannot be named training", nameof(name));
        }
        string modified = name;
        for (int ordinal = 1; _extensions.ContainsKey(modified); ordinal++)
        {
            modified = $"{name}_{ordinal}";
        }
        extension.Name = modified;
        _extensions.Add(modified, new Entry(
            extension, trigger ?? extension.DefaultTrigger, priority ?? extension.Priority, callBeforeTraining));
        return this;
    }

    /// <summary>Adds a function as an extension.</summary>
    /// <param name="extension">The function.</param>
    /// <param name="name">Its name.</param>
    /// <param name="trigger">When it runs; null for each iteration.</param>
    /// <param name="priority">Extensions of higher priority run first.</param>
    /// <param name="callBeforeTraining">Whether it runs before the first iteration too.</param>
    /// <returns>This trainer.</returns>
    public Trainer Extend(
        Action<Trainer> extension,
        string name,
        Trigger? trigger = null,
        int priority = Extension.PriorityReader,
        bool callBeforeTraining = false)
    {
        ArgumentNullException.ThrowIfNull(extension);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Extend(new ActionExtension(extension), name, trigger, priority, callBeforeTraining);
    }

    /// <summary>The extension of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Extension GetExtension(string name) => _extensions.TryGetValue(name, out Entry? entry)
        ? entry.Extension
        : throw new KeyNotFoundException($"the trainer has no extension {name}");

    /// <summary>Trains until <see cref="StopTrigger"/> fires.</summary>
    /// <param name="cancellationToken">
    /// Ends the training between two iterations: extensions are told (a <see cref="Extensions.Snapshot"/> then writes its file), and the
    /// call throws.
    /// </param>
    /// <exception cref="OperationCanceledException">The training was cancelled.</exception>
    /// <exception cref="InvalidOperationException">It has run already.</exception>
    public void Run(CancellationToken cancellationToken = default)
    {
        if (_done)
        {
            throw new InvalidOperationException("a trainer cannot run twice");
        }
        Directory.CreateDirectory(Out);
        Entry[] extensions = [.. _extensions.Values.OrderByDescending(entry => entry.Priority)];
        _watch = Stopwatch.StartNew();
        Exception? failure = null;
        try
        {
            Train(extensions, cancellationToken);
            _logger.LogInformation(
                "training ended at iteration {Iteration}, epoch {Epoch}, after {Seconds} s", Updater.Iteration, Updater.Epoch, ElapsedTime);
        }
        catch (Exception e)
        {
            failure = e;
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                _logger.LogWarning("training was cancelled at iteration {Iteration}", Updater.Iteration);
            }
            else
            {
                _logger.LogError(e, "training failed at iteration {Iteration}, in {Where}", Updater.Iteration, _where);
                NotifyError(extensions, e);
            }
            throw;
        }
        finally
        {
            Finish(extensions, failure);
        }
    }

    /// <summary>
    /// Saves or loads everything that the training goes on from: updater, triggers, extensions, elapsed time and the state of
    /// <see cref="NDArray.Random"/>.
    /// </summary>
    /// <param name="serializer">The serializer.</param>
    public void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        Updater.Serialize(serializer["updater"]);
        StopTrigger.Serialize(serializer["stop_trigger"]);
        foreach ((string name, Entry entry) in _extensions)
        {
            entry.Extension.Serialize(serializer["extensions"][name]);
            entry.Trigger.Serialize(serializer["extension_triggers"][name]);
        }
        double elapsed = serializer.Serialize("_snapshot_elapsed_time", serializer.IsWriter ? ElapsedTime : _snapshotElapsedTime);
        if (!serializer.IsWriter)
        {
            _snapshotElapsedTime = elapsed;
        }
        RandomState.SerializeDefault(serializer["random"]);
    }

    private void Train(Entry[] extensions, CancellationToken cancellationToken)
    {
        foreach (Entry entry in extensions)
        {
            Run(entry, entry.Extension.Restore);
        }
        foreach (Entry entry in extensions.Where(entry => !entry.Trigger.Finished))
        {
            Run(entry, entry.Extension.Initialize);
        }
        _logger.LogInformation(
            "training starts at iteration {Iteration}, with the extensions {Extensions}",
            Updater.Iteration,
            string.Join(", ", extensions.Select(entry => entry.Extension.Name)));
        if (IsBeforeTraining)
        {
            using (Observe())
            {
                foreach (Entry entry in extensions.Where(entry => entry.CallBeforeTraining))
                {
                    Run(entry, entry.Extension.Call);
                }
            }
        }
        while (!ShouldStop())
        {
            using (Observe())
            {
                Update();
                foreach (Entry entry in extensions)
                {
                    _where = entry.Extension.Name!;
                    if (entry.Trigger.Fire(this))
                    {
                        entry.Extension.Call(this);
                    }
                }
            }
            if (cancellationToken.IsCancellationRequested)
            {
                foreach (Entry entry in extensions)
                {
                    Run(entry, entry.Extension.OnCancel);
                }
                throw new OperationCanceledException($"training was cancelled at iteration {Updater.Iteration}", cancellationToken);
            }
        }
    }

    private void Run(Entry entry, Action<Trainer> action)
    {
        _where = entry.Extension.Name!;
        action(this);
    }

    private bool ShouldStop()
    {
        _where = "the stop trigger";
        return StopTrigger.Fire(this);
    }

    private void Update()
    {
        _where = "the updater";
        if (GraphKeepers == 0)
        {
            Updater.Update();
            return;
        }
        using (Config.Using(keepGraphOnReport: true))
        {
            Updater.Update();
        }
    }

    /// <summary>Everything is finished, whatever fails; what fails is thrown unless the training itself did.</summary>
    private void Finish(Entry[] extensions, Exception? failure)
    {
        Exception? first = null;
        foreach ((string name, Action finish) in extensions
            .Select(entry => (entry.Extension.Name!, (Action)entry.Extension.Finish))
            .Append(("the updater", Updater.Finish)))
        {
            try
            {
                finish();
            }
            catch (Exception e)
            {
                _logger.LogError(e, "{Where} failed while it was finished", name);
                first ??= e;
            }
        }
        _watch!.Stop();
        _done = true;
        if (failure is null && first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    private IDisposable Observe()
    {
        Observation = new Dictionary<string, ReportedValue>(StringComparer.Ordinal);
        return Reporter.Scope(Observation);
    }

    private void NotifyError(Entry[] extensions, Exception error)
    {
        foreach (Entry entry in extensions)
        {
            try
            {
                entry.Extension.OnError(this, error);
            }
            catch (Exception e)
            {
                _logger.LogError(e, "{Extension} failed while it was told of an error", entry.Extension.Name);
            }
        }
    }

    private sealed record Entry(Extension Extension, Trigger Trigger, int Priority, bool CallBeforeTraining);

    private sealed class ActionExtension(Action<Trainer> action) : Extension
    {
        public override void Call(Trainer trainer) => action(trainer);
    }
}
