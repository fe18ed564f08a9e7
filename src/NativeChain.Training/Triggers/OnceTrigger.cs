namespace NativeChain.Training;

/// <summary>Fires once, after the first iteration.</summary>
/// <param name="callOnResume">Whether it fires again after the first iteration of a training that goes on from a file.</param>
public sealed class OnceTrigger(bool callOnResume = false) : Trigger
{
    private bool _first = true;
    private bool _resumed = callOnResume;

    /// <summary>Whether it has fired.</summary>
    public override bool Finished => !(_first || _resumed);

    /// <inheritdoc/>
    public override bool Fire(Trainer trainer)
    {
        bool fire = !Finished;
        _resumed = false;
        _first = false;
        return fire;
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _first = serializer.Contains("_flag_first") && serializer.Serialize("_flag_first", _first);
    }
}
