using System.Runtime.InteropServices;

namespace NativeChain.Training;

/// <summary>A cancellation token that Ctrl-C, or a request to terminate, cancels. A second one ends the process at once.</summary>
/// <remarks><code>
/// using ConsoleCancellation ctrlC = new();
/// trainer.Run(ctrlC.Token);
/// </code></remarks>
public sealed class ConsoleCancellation : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    /// <summary>Starts to listen.</summary>
    public ConsoleCancellation()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Stops to listen.</summary>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (!_source.IsCancellationRequested)
        {
            context.Cancel = true;
            _source.Cancel();
        }
    }
}
