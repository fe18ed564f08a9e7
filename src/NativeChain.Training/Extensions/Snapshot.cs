using System.Globalization;
using Microsoft.Extensions.Logging;

namespace NativeChain.Training.Extensions;

/// <summary>
/// Saves the trainer, or a part of it, to a .npz file. A training that loads it goes on to the same numbers, bit for bit, as one that was
/// never interrupted. A crash at any moment leaves whole files only.
/// </summary>
/// <remarks>It is written too when the training is cancelled.</remarks>
public sealed class Snapshot : Extension
{
    private const string IterationField = "{.updater.iteration}";
    private const string EpochField = "{.updater.epoch}";

    private readonly ISerializable? _target;
    private readonly string _fileName;
    private readonly bool _onError;
    private readonly int _retain;
    private readonly bool _autoload;

    /// <summary>Creates the extension.</summary>
    /// <param name="target">What to save; null for the trainer.</param>
    /// <param name="fileName">Name of the file in the trainer's folder; `{.updater.iteration}` and `{.updater.epoch}` stand for numbers.</param>
    /// <param name="onError">Whether it is written when the training fails.</param>
    /// <param name="retain">How many files are kept; -1 for all. The oldest go.</param>
    /// <param name="autoload">Whether the newest file in the trainer's folder is loaded before the training starts, if there is one.</param>
    public Snapshot(
        ISerializable? target = null,
        string fileName = "snapshot_iter_{.updater.iteration}",
        bool onError = false,
        int retain = -1,
        bool autoload = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        _target = target;
        _fileName = fileName;
        _onError = onError;
        _retain = retain;
        _autoload = autoload;
    }

    /// <summary>Path of the last file that was written.</summary>
    /// <value>null: none was.</value>
    public string? LastFile { get; private set; }

    /// <inheritdoc/>
    public override string DefaultName => "_Snapshot";

    /// <summary>After all others: what they change is saved.</summary>
    public override int Priority => -100;

    /// <inheritdoc/>
    public override Trigger DefaultTrigger => (1, "epoch");

    /// <inheritdoc/>
    public override void Initialize(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_autoload && FindFiles(trainer.Out).LastOrDefault() is { } newest)
        {
            Serializers.LoadNpz(newest, _target ?? trainer);
            Config.LoggerFactory.CreateLogger<Snapshot>().LogInformation("loaded {File}", newest);
        }
    }

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        string name = _fileName
            .Replace(IterationField, trainer.Updater.Iteration.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace(EpochField, trainer.Updater.Epoch.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        string path = Path.Combine(trainer.Out, name);
        Serializers.SaveNpz(path, _target ?? trainer);
        LastFile = path;
        if (_retain > 0)
        {
            foreach (string stale in FindFiles(trainer.Out).SkipLast(_retain))
            {
                File.Delete(stale);
            }
        }
    }

    /// <inheritdoc/>
    public override void OnCancel(Trainer trainer) => Call(trainer);

    /// <inheritdoc/>
    public override void OnError(Trainer trainer, Exception error)
    {
        if (_onError)
        {
            Call(trainer);
        }
    }

    /// <summary>Files of this name's pattern, the oldest first.</summary>
    private IEnumerable<string> FindFiles(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }
        string prefix = _fileName.Split('{')[0];
        string suffix = _fileName.Split('}')[^1];
        return Directory.EnumerateFiles(folder)
            .Where(file => Path.GetFileName(file) is var name && name.Length >= prefix.Length
                && name.StartsWith(prefix, StringComparison.Ordinal)
                && (!_fileName.Contains('{') || name.EndsWith(suffix, StringComparison.Ordinal)))
            .OrderBy(File.GetLastWriteTimeUtc)
            .ThenBy(file => file.Length)
            .ThenBy(file => file, StringComparer.Ordinal);
    }
}
