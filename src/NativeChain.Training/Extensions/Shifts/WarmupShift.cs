namespace NativeChain.Training.Extensions;

/// <summary>Moves a hyperparameter evenly from a first value to its proper one, over the first calls; later it leaves it alone.</summary>
/// <remarks>
/// A training that goes on from a file takes up the value that it had come to; Chainer's makes its first iteration with the first value.
/// </remarks>
public sealed class WarmupShift : HyperparameterShift
{
    private readonly long _warmupIter;
    private readonly double _init;
    private double? _warmupStart;

    /// <summary>Creates the extension.</summary>
    /// <param name="attr">Name of the hyperparameter; null for the step size: `lr`, or `alpha` where there is no lr.</param>
    /// <param name="warmupStart">First value; null for the optimizer's.</param>
    /// <param name="warmupIter">Calls over which it moves.</param>
    /// <param name="init">Value after them.</param>
    /// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
    /// <exception cref="ArgumentOutOfRangeException">The calls are fewer than 1.</exception>
    public WarmupShift(string? attr, double? warmupStart, long warmupIter, double init, Optimizer? optimizer = null)
        : base(attr, optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(warmupIter, 1);
        _warmupStart = warmupStart;
        _warmupIter = warmupIter;
        _init = init;
    }

    private protected override double GetInitialValue()
    {
        _warmupStart ??= Current;
        return At(Math.Min(T, _warmupIter));
    }

    private protected override double? GetNextValue() => T <= _warmupIter ? At(T) : null;

    private double At(long t) => ((t * _init) + ((_warmupIter - t) * _warmupStart!.Value)) / _warmupIter;
}
