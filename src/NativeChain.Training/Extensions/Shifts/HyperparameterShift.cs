namespace NativeChain.Training.Extensions;

/// <summary>An extension that sets a hyperparameter of an optimizer, from how often it was called.</summary>
/// <remarks>
/// It sets the first value before the training starts, and in a training that goes on from a file the value that the file's training had
/// come to: hyperparameters are not saved with the optimizer.
/// </remarks>
public abstract class HyperparameterShift : Extension
{
    private readonly OptimizerAttribute _attribute;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    private protected HyperparameterShift(string? attr, Optimizer? optimizer) => _attribute = new OptimizerAttribute(attr, optimizer);

    /// <summary>How often it was called.</summary>
    private protected long T { get; private set; }

    /// <summary>The value that the hyperparameter has.</summary>
    private protected double Current => _attribute.Value;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The optimizer has no such hyperparameter.</exception>
    public override void Initialize(Trainer trainer)
    {
        _attribute.Bind(GetType().Name, trainer);
        Set(GetInitialValue());
    }

    /// <inheritdoc/>
    public override void Call(Trainer trainer)
    {
        if (_attribute.Bind(GetType().Name, trainer))
        {
            GetInitialValue();
        }
        T++;
        if (GetNextValue() is { } value)
        {
            Set(value);
        }
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        T = serializer.Serialize("_t", T);
    }

    /// <summary>The value to start from, at count <see cref="T"/>.</summary>
    private protected abstract double GetInitialValue();

    /// <summary>The value after call number <see cref="T"/>; null changes nothing.</summary>
    private protected abstract double? GetNextValue();

    private protected virtual void Set(double value) => _attribute.Value = value;

    /// <summary>A value that went beyond a target, upwards or downwards, is held there. Signs do not matter: both have the same.</summary>
    private protected static double Clamp(double value, double? target, bool upwards) => target is { } end
        && (upwards ? value / end > 1 : value / end < 1)
        ? end
        : value;
}

/// <summary>A <see cref="HyperparameterShift"/> that saves the last value that it set.</summary>
public abstract class RememberedShift : HyperparameterShift
{
    private double? _lastValue;

    private protected RememberedShift(string? attr, double? init, Optimizer? optimizer)
        : base(attr, optimizer) => Init = init;

    /// <summary>The first value.</summary>
    private protected double? Init { get; private set; }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        base.Serialize(serializer);
        _lastValue = serializer.Serialize("_last_value", _lastValue);
    }

    private protected override double GetInitialValue()
    {
        Init ??= Current;
        return _lastValue ?? Init.Value;
    }

    private protected override void Set(double value)
    {
        base.Set(value);
        _lastValue = value;
    }
}
