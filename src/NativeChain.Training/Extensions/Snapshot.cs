using Microsoft.Extensions.Logging;

namespace NativeChain.Training.Extensions;

/// <summary>
/// Saves the trainer, or a part of it, to a .npz file. A training that loads it goes on to the same numbers, bit for bit, as one that was
/// never interrupted. A crash at any moment leaves whole files only.
/// </summary>
/// <remarks>It is written too when the training is cancelled.</remarks>
public class Snapshot : Extension
{
    private readonly ILogger _logger = Config.LoggerFactory.CreateLogger<Snapshot>();
    private readonly ISerializable? _target;
    private readonly SnapshotFileName _fileName;
    private readonly Func<bool>? _condition;
    private readonly bool _snapshotOnError;
    private readonly int _nRetains;
    private readonly bool _autoload;

    /// <summary>Creates the extension.</summary>
    /// <param name="target">What to save; null for the trainer.</param>
    /// <param name="fileName">
    /// Name of the file in the trainer's folder; `{.updater.iteration}` and `{.updater.epoch}` stand for numbers, of so many digits
    /// as in `{.updater.epoch:04}`.
    /// </param>
    /// <param name="condition">Whether a file is to be written when the trigger has fired; null for always.</param>
    /// <param name="snapshotOnError">Whether it is written when the training fails.</param>
    /// <param name="nRetains">How many files are kept; -1 for all. The oldest go.</param>
    /// <param name="autoload">Whether the newest file in the trainer's folder is loaded before the training starts, if there is one.</param>
    /// <exception cref="ArgumentException">The file name holds other fields.</exception>
    public Snapshot(
        ISerializable? target = null,
        string fileName = "snapshot_iter_{.updater.iteration}",
        Func<bool>? condition = null,
        bool snapshotOnError = false,
        int nRetains = -1,
        bool autoload = false)
    {
        _target = target;
        _fileName = new SnapshotFileName(fileName);
        _condition = condition;
        _snapshotOnError = snapshotOnError;
        _nRetains = nRetains;
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

    /// <summary>Loads the newest file, with `autoload`: before other extensions are initialized, which go on from what is loaded.</summary>
    /// <param name="trainer">The trainer.</param>
    public override void Restore(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (!_autoload)
        {
            return;
        }
        string[] files = _fileName.Find(trainer.Out);
        if (files.Length == 0)
        {
            _logger.LogInformation("there is no snapshot in {Folder}: the training starts anew", trainer.Out);
            return;
        }
        _logger.LogInformation("{File} is the newest of {Count} snapshots in {Folder}", files[^1], files.Length, trainer.Out);
        Serializers.LoadNpz(files[^1], _target ?? trainer);
        _logger.LogInformation("loaded {File}", files[^1]);
    }

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        if (_condition?.Invoke() ?? true)
        {
            Write(trainer);
        }
    }

    /// <inheritdoc/>
    public override void OnCancel(Trainer trainer) => Write(trainer);

    /// <inheritdoc/>
    public override void OnError(Trainer trainer, Exception error)
    {
        if (_snapshotOnError)
        {
            Write(trainer);
        }
    }

    private void Write(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        string path = Path.Combine(trainer.Out, _fileName.Format(trainer));
        Serializers.SaveNpz(path, _target ?? trainer);
        LastFile = path;
        _logger.LogInformation("wrote {File}", path);
        if (_nRetains > 0)
        {
            foreach (string stale in _fileName.Find(trainer.Out).SkipLast(_nRetains))
            {
                File.Delete(stale);
                _logger.LogDebug("deleted {File}", stale);
            }
        }
    }
}

/// <summary>A <see cref="Snapshot"/> of one object, such as a model.</summary>
/// <param name="target">What to save.</param>
/// <param name="fileName">Name of the file in the trainer's folder; see <see cref="Snapshot"/>.</param>
/// <param name="condition">Whether a file is to be written when the trigger has fired; null for always.</param>
/// <param name="snapshotOnError">Whether it is written when the training fails.</param>
/// <param name="nRetains">How many files are kept; -1 for all. The oldest go.</param>
/// <param name="autoload">Whether the newest file in the trainer's folder is loaded before the training starts, if there is one.</param>
/// <exception cref="ArgumentException">The file name holds other fields.</exception>
public sealed class SnapshotObject(
    ISerializable target,
    string fileName,
    Func<bool>? condition = null,
    bool snapshotOnError = false,
    int nRetains = -1,
    bool autoload = false)
    : Snapshot(
        target ?? throw new ArgumentNullException(nameof(target)), fileName, condition, snapshotOnError, nRetains, autoload);
