namespace NativeChain;

/// <summary>A set of configuration values. Immutable: change one by <c>configuration with { Train = false }</c>.</summary>
public sealed record Configuration
{
    private Configuration? _otherBackprop;

    /// <summary>A configuration with every default.</summary>
    public Configuration()
    {
    }

    private Configuration(Configuration other)
    {
        Train = other.Train;
        EnableBackprop = other.EnableBackprop;
        DType = other.DType;
        Debug = other.Debug;
        TypeCheck = other.TypeCheck;
        KeepGraphOnReport = other.KeepGraphOnReport;
        Seed = other.Seed;
        MatmulPrecision = other.MatmulPrecision;
    }

    /// <summary>Whether functions such as dropout behave as in training.</summary>
    /// <value>True by default.</value>
    public bool Train { get; init; } = true;

    /// <summary>Whether functions record the graph that backward goes through.</summary>
    /// <value>True by default.</value>
    public bool EnableBackprop { get; init; } = true;

    /// <summary>The dtype of arrays and parameters made without one.</summary>
    /// <value><see cref="DType.Float32"/> by default.</value>
    public DType DType { get; init; } = DType.Float32;

    /// <summary>Whether every result is searched for NaN, and gradients are checked more strictly. Slow.</summary>
    /// <value>False by default.</value>
    public bool Debug { get; init; }

    /// <summary>Whether functions check the dtypes and shapes of their arguments.</summary>
    /// <value>True by default.</value>
    public bool TypeCheck { get; init; } = true;

    /// <summary>Whether a reporter keeps the graph of what is reported, instead of its values alone.</summary>
    /// <value>False by default.</value>
    public bool KeepGraphOnReport { get; init; }

    /// <summary>The seed of random generators made without one; null draws one from the system.</summary>
    /// <value>Null by default.</value>
    public ulong? Seed { get; init; }

    /// <summary>
    /// The least precision in which products of float32 matrices read their factors: those of <see cref="F.MatMul"/>, <see cref="F.Linear"/>,
    /// the recurrent layers and <see cref="NDArray.MatMul"/>, and those of their gradients, in force when backward runs.
    /// Sums, results, parameters and updates stay in float32. Convolutions and <see cref="NDArray.Linalg"/> never round; nor do other dtypes, nor a
    /// device or CPU that gains nothing by it.
    /// </summary>
    /// <value><see cref="MatmulPrecision.Float32"/> by default.</value>
    public MatmulPrecision MatmulPrecision { get; init; }

    /// <summary>This configuration with another <see cref="EnableBackprop"/>; made once, then kept.</summary>
    internal Configuration WithEnableBackprop(bool value)
    {
        if (EnableBackprop == value)
        {
            return this;
        }
        return _otherBackprop ??= new Configuration(this) { EnableBackprop = value, _otherBackprop = this };
    }

    /// <summary>Whether both hold the same values.</summary>
    public bool Equals(Configuration? other) =>
        other is not null && Train == other.Train && EnableBackprop == other.EnableBackprop && DType == other.DType
        && Debug == other.Debug && TypeCheck == other.TypeCheck && KeepGraphOnReport == other.KeepGraphOnReport
        && Seed == other.Seed && MatmulPrecision == other.MatmulPrecision;

    /// <summary>A hash of the values.</summary>
    public override int GetHashCode() =>
        HashCode.Combine(Train, EnableBackprop, DType, Debug, TypeCheck, KeepGraphOnReport, Seed, MatmulPrecision);
}
