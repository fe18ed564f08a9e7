using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>Batch normalization: normalizes by the statistics of the batch in training, by their running averages in test mode.</summary>
/// <remarks>
/// Parameters: `gamma` and `beta`, of the shape of the channels. Persistents: `avg_mean` and `avg_var`, of that shape, and `N`. In training mode the
/// running averages are updated by <see cref="Decay"/>. Called with `finetune`, they become the plain averages over all batches since
/// <see cref="StartFinetuning"/>. See <see cref="F.BatchNormalization"/> and <see cref="F.FixedBatchNormalization"/>.
/// </remarks>
public class BatchNormalization : Link
{
    private readonly Initializer _initialAvgMean;
    private readonly Initializer _initialAvgVar;
    private readonly DType _dtype;
    private readonly Lock _initializing = new();
    private NDArray? _ones;
    private NDArray? _zeros;

    /// <summary>Creates the layer.</summary>
    /// <param name="size">Shape of the channels; null waits for the first call, and needs <paramref name="axis"/>.</param>
    /// <param name="decay">How much of the running averages each batch leaves.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="dtype">Dtype of parameters and averages; null for the configuration's.</param>
    /// <param name="useGamma">Whether there is a scale, `gamma`.</param>
    /// <param name="useBeta">Whether there is a shift, `beta`.</param>
    /// <param name="initialGamma">Initializer of `gamma`; null for ones.</param>
    /// <param name="initialBeta">Initializer of `beta`; null for zeros.</param>
    /// <param name="axis">Axes to normalize over, in ascending order; by default the first and those after the channels.</param>
    /// <param name="initialAvgMean">Initializer of the running mean; null for zeros.</param>
    /// <param name="initialAvgVar">Initializer of the running variance; null for ones.</param>
    /// <exception cref="ArgumentException">Neither a size nor axes are given.</exception>
    public BatchNormalization(
        Shape? size = null,
        double decay = 0.9,
        double eps = 2e-5,
        DType? dtype = null,
        bool useGamma = true,
        bool useBeta = true,
        Initializer? initialGamma = null,
        Initializer? initialBeta = null,
        Axes axis = default,
        Initializer? initialAvgMean = null,
        Initializer? initialAvgVar = null)
    {
        if (size is null && axis.IsAll)
        {
            throw new ArgumentException("BatchNormalization: needs a size or axes.", nameof(size));
        }
        Decay = decay;
        Eps = eps;
        Axis = axis;
        _dtype = dtype ?? Config.DType;
        _initialAvgMean = initialAvgMean ?? 0.0;
        _initialAvgVar = initialAvgVar ?? 1.0;
        if (useGamma)
        {
            Gamma = new Parameter(new OfDType(initialGamma ?? 1.0, _dtype), name: "gamma");
        }
        if (useBeta)
        {
            Beta = new Parameter(new OfDType(initialBeta ?? 0.0, _dtype), name: "beta");
        }
        if (size is Shape known)
        {
            Initialize(known);
        }
    }

    /// <summary>How much of the running averages each batch leaves.</summary>
    /// <value>0.9 by default.</value>
    public double Decay { get; set; }

    /// <summary>What is added to the variance.</summary>
    /// <value>2e-5 by default.</value>
    public double Eps { get; set; }

    /// <summary>Axes to normalize over.</summary>
    /// <value>By default the first and those after the channels.</value>
    public Axes Axis { get; }

    /// <summary>Scale, of the shape of the channels.</summary>
    /// <value>null: there is none.</value>
    public Parameter? Gamma { get; }

    /// <summary>Shift, of the shape of the channels.</summary>
    /// <value>null: there is none.</value>
    public Parameter? Beta { get; }

    /// <summary>Running average of the mean.</summary>
    /// <value>null: the first call will make it.</value>
    [Persistent("avg_mean")]
    public NDArray? AvgMean { get; set; }

    /// <summary>Running average of the unbiased variance.</summary>
    /// <value>null: the first call will make it.</value>
    [Persistent("avg_var")]
    public NDArray? AvgVar { get; set; }

    /// <summary>Number of batches since fine-tuning began.</summary>
    [Persistent]
    public int N { get; private set; }

    /// <summary>Normalizes x: by its own statistics in training, by the running averages in test mode.</summary>
    /// <param name="x">Input, (N, C...) or (N, C..., d...).</param>
    /// <returns>Output, of the shape of x.</returns>
    /// <exception cref="InvalidTypeException">x has other channels.</exception>
    public override Variable Forward(Variable x) => Forward(x, finetune: false);

    /// <summary>Normalizes x; with <paramref name="finetune"/> in training mode, averages the statistics of all batches evenly.</summary>
    /// <param name="x">Input, (N, C...) or (N, C..., d...).</param>
    /// <param name="finetune">Whether this batch belongs to a pass that fine-tunes the statistics.</param>
    /// <returns>Output, of the shape of x.</returns>
    /// <exception cref="InvalidTypeException">x has other channels.</exception>
    public Variable Forward(Variable x, bool finetune)
    {
        ArgumentNullException.ThrowIfNull(x);
        EnsureInitialized(x);
        Variable gamma = Gamma ?? (Variable)Constant(ref _ones, 1);
        Variable beta = Beta ?? (Variable)Constant(ref _zeros, 0);
        if (!Config.Train)
        {
            return F.FixedBatchNormalization(x, gamma, beta, AvgMean!, AvgVar!, Eps, Axis);
        }
        int n = N + 1;
        double decay = finetune ? 1 - (1.0 / n) : Decay;
        Variable y = F.BatchNormalization(x, gamma, beta, Eps, AvgMean, AvgVar, decay, Axis);
        N = finetune ? n : N;
        return y;
    }

    /// <summary><see cref="Forward(Variable, bool)"/> between the hooks.</summary>
    /// <param name="x">Input.</param>
    /// <param name="finetune">Whether this batch belongs to a pass that fine-tunes the statistics.</param>
    /// <returns>Output, of the shape of x.</returns>
    public Variable Call(Variable x, bool finetune) => HasHooks ? Hooked(() => Forward(x, finetune), x, finetune) : Forward(x, finetune);

    /// <summary>Begins a pass that fine-tunes the statistics: what was averaged before does not count.</summary>
    public void StartFinetuning() => N = 0;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> PrintableSpecs() =>
    [
        ("size", AvgMean?.Shape),
        ("decay", Decay),
        ("eps", Eps),
        ("dtype", _dtype.Name()),
        ("useGamma", Gamma is not null),
        ("useBeta", Beta is not null),
    ];

    // The first calls may come from several threads.
    private void EnsureInitialized(Variable x)
    {
        if (AvgMean is not null && AvgVar is not null && Gamma is not { IsInitialized: false } && Beta is not { IsInitialized: false })
        {
            return;
        }
        lock (_initializing)
        {
            Initialize(AvgMean?.Shape ?? Axes.Reduce(x.Shape, Axis.Mask(x.NDim, nameof(BatchNormalization)), keepDims: false));
        }
    }

    private void Initialize(Shape shape)
    {
        Device device = Gamma?.Device ?? Beta?.Device ?? Device.Cpu;
        if (Gamma is { IsInitialized: false })
        {
            Gamma.Initialize(shape);
        }
        if (Beta is { IsInitialized: false })
        {
            Beta.Initialize(shape);
        }
        AvgVar ??= _initialAvgVar.Generate(shape, _dtype, device);
        AvgMean ??= _initialAvgMean.Generate(shape, _dtype, device);
    }

    // What stands for a parameter that there is not.
    private NDArray Constant(ref NDArray? array, double value)
    {
        NDArray avgMean = AvgMean!;
        NDArray? constant = array;
        if (constant is null || constant.Shape != avgMean.Shape || constant.Device != avgMean.Device || constant.DType != avgMean.DType)
        {
            array = constant = NDArray.FullLike(avgMean, value);
        }
        return constant;
    }
}
