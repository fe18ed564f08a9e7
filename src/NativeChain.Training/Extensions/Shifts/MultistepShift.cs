namespace NativeChain.Training.Extensions;

/// <summary>Multiplies a hyperparameter by a factor at each of a list of counts of calls.</summary>
/// <remarks>
/// A training that goes on from a file takes up the value that it had come to; Chainer's makes its first iteration with the first value.
/// </remarks>
public sealed class MultistepShift : HyperparameterShift
{
    private readonly double _gamma;
    private readonly long[] _stepValue;
    private double? _init;
    private long _currentStep;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="gamma">The factor.</param>
    /// <param name="stepValue">Counts of calls at which it multiplies, ascending.</param>
    /// <param name="init">First value; null for the optimizer's.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    public MultistepShift(string? attr, double gamma, IEnumerable<long> stepValue, double? init = null, Optimizer? optimizer = null)
        : base(attr, optimizer)
    {
        ArgumentNullException.ThrowIfNull(stepValue);
        _gamma = gamma;
        _stepValue = [.. stepValue];
        _init = init;
    }

    /// <inheritdoc/>
    public override void Serialize(Serializer serializer)
    {
        base.Serialize(serializer);
        _currentStep = serializer.Serialize("_current_step", _currentStep);
    }

    private protected override double GetInitialValue()
    {
        _init ??= Current;
        return Value;
    }

    private protected override double? GetNextValue()
    {
        if (_currentStep < _stepValue.Length && T >= _stepValue[_currentStep])
        {
            _currentStep++;
        }
        return Value;
    }

    private double Value => _init!.Value * Math.Pow(_gamma, _currentStep);
}
