namespace NativeChain.Training.Extensions;

/// <summary>Multiplies a hyperparameter by a rate at each call: init · rateᵗ.</summary>
/// <remarks><code>trainer.Extend(new ExponentialShift("alpha", 0.9), trigger: (1, "epoch"));</code></remarks>
public sealed class ExponentialShift : RememberedShift
{
    private readonly double _rate;
    private readonly double? _target;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="rate">The factor.</param>
    /// <param name="init">First value; null for the optimizer's.</param>
    /// <param name="target">Value at which it stops; null for none.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is negative.</exception>
    public ExponentialShift(string? attr, double rate, double? init = null, double? target = null, Optimizer? optimizer = null)
        : base(attr, init, optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        _rate = rate;
        _target = target;
    }

    private protected override double? GetNextValue() => Clamp(Init!.Value * Math.Pow(_rate, T), _target, upwards: _rate > 1);
}
