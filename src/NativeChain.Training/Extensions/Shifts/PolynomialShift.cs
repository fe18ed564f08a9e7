namespace NativeChain.Training.Extensions;

/// <summary>Lets a hyperparameter fall to zero as a polynomial of the count of calls: init · (1 - t/maxCount)^rate.</summary>
public sealed class PolynomialShift : RememberedShift
{
    private readonly double _rate;
    private readonly long _maxCount;
    private readonly double? _target;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="rate">The power.</param>
    /// <param name="maxCount">Count of calls at which it has come to zero.</param>
    /// <param name="init">First value; null for the optimizer's.</param>
    /// <param name="target">Value at which it stops; null for none.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is less than 1.</exception>
    public PolynomialShift(
        string? attr, double rate, long maxCount, double? init = null, double? target = null, Optimizer? optimizer = null)
        : base(attr, init, optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        _rate = rate;
        _maxCount = maxCount;
        _target = target;
    }

    private protected override double? GetNextValue()
    {
        double decay = Math.Max(1 - ((double)T / _maxCount), 0);
        return Clamp(Init!.Value * Math.Pow(decay, _rate), _target, upwards: _rate <= 0);
    }
}
