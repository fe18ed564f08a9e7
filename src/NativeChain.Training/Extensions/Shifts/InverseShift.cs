namespace NativeChain.Training.Extensions;

/// <summary>Lets a hyperparameter fall as a power of the count of calls: init · (1 + gamma·t)^-power.</summary>
public sealed class InverseShift : RememberedShift
{
    private readonly double _gamma;
    private readonly double _power;
    private readonly double? _target;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="gamma">How much a call counts.</param>
    /// <param name="power">The power.</param>
    /// <param name="init">First value; null for the optimizer's.</param>
    /// <param name="target">Value at which it stops; null for none.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    /// <exception cref="ArgumentOutOfRangeException">Gamma is negative.</exception>
    public InverseShift(
        string? attr, double gamma, double power, double? init = null, double? target = null, Optimizer? optimizer = null)
        : base(attr, init, optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gamma);
        _gamma = gamma;
        _power = power;
        _target = target;
    }

    private protected override double? GetNextValue() =>
        Clamp(Init!.Value * Math.Pow(1 + (_gamma * T), -_power), _target, upwards: _power < 0);
}
