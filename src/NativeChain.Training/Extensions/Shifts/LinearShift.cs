namespace NativeChain.Training.Extensions;

/// <summary>Moves a hyperparameter linearly from one value to another, between two counts of calls; before and after it stands still.</summary>
public sealed class LinearShift : RememberedShift
{
    private readonly (double First, double Last) _values;
    private readonly (long First, long Last) _times;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="valueRange">First and last value.</param>
    /// <param name="timeRange">Counts of calls at which it starts to move and has arrived.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    public LinearShift(
        string? attr, (double First, double Last) valueRange, (long First, long Last) timeRange, Optimizer? optimizer = null)
        : base(attr, valueRange.First, optimizer)
    {
        _values = valueRange;
        _times = timeRange;
    }

    private protected override double? GetNextValue() => T <= _times.First ? _values.First
        : T >= _times.Last ? _values.Last
        : _values.First + ((T - _times.First) / (double)(_times.Last - _times.First) * (_values.Last - _values.First));
}
