namespace NativeChain.Training.Extensions;

/// <summary>Multiplies a hyperparameter by a factor every so many calls: init · gamma^⌊t/step⌋.</summary>
public sealed class StepShift : RememberedShift
{
    private readonly double _gamma;
    private readonly long _step;
    private readonly double? _target;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="gamma">The factor.</param>
    /// <param name="step">Calls between two multiplications.</param>
    /// <param name="init">First value; null for the optimizer's.</param>
    /// <param name="target">Value at which it stops; null for none.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is less than 1.</exception>
    public StepShift(
        string? attr, double gamma, long step, double? init = null, double? target = null, Optimizer? optimizer = null)
        : base(attr, init, optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        _gamma = gamma;
        _step = step;
        _target = target;
    }

    private protected override double? GetNextValue() => Clamp(Init!.Value * Math.Pow(_gamma, T / _step), _target, upwards: _gamma > 1);
}
