namespace NativeChain;

/// <summary>An update rule whose step is an elementwise function: an optimizer runs it for all parameters in one pass.</summary>
/// <param name="parentHyperparam">Where its hyperparameters fall back to: the optimizer's.</param>
/// <param name="stateNames">Names of the arrays that it keeps beside the parameter.</param>
public abstract class ElementwiseUpdateRule(Hyperparameter? parentHyperparam, params string[] stateNames)
    : UpdateRule(parentHyperparam, stateNames)
{
    /// <summary>
    /// From the parameter, its gradient, the arrays of the state and the scalars, in this order, to the new parameter and the new
    /// state. The same object for every rule that takes the same step.
    /// </summary>
    /// <remarks>
    /// Give it <see cref="ProgramFlags.FlushDenormals"/>: moments decay into denormals, and arithmetic on them is many times slower.
    /// </remarks>
    protected internal abstract Elementwise Step { get; }

    /// <summary>The scalars of the present step: numbers that are the same for all elements.</summary>
    /// <param name="scalars">Where to write them, as many as the step takes.</param>
    /// <param name="compute">Dtype that the step computes in: float32 or float64.</param>
    protected internal abstract void GetScalars(Span<double> scalars, DType compute);

    /// <inheritdoc/>
    protected internal override void UpdateCore(Parameter param)
    {
        ArgumentNullException.ThrowIfNull(param);
        UpdateBatches batches = new();
        batches.Add(this, param.Array, param.Grad!);
        batches.Run();
    }

    /// <summary>The hyperparameter `eps`, refused where it vanishes in the dtype of the step.</summary>
    /// <exception cref="InvalidOperationException">It is not 0, but rounds to 0.</exception>
    private protected double CheckedEps(string optimizer, DType compute)
    {
        double eps = Hyperparam["eps"];
        return eps == 0 || compute != DType.Float32 || (float)eps != 0
            ? eps
            : throw new InvalidOperationException($"{optimizer}: eps {eps} is 0 in float32");
    }
}
