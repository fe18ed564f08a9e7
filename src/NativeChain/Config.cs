using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace NativeChain;

/// <summary>
/// The configuration in force: the innermost <see cref="Using(bool?, bool?, DType?, bool?, bool?, bool?, ulong?, MatmulPrecision?)"/> of the current
/// flow of execution, else <see cref="Global"/>. It flows into awaited tasks and new threads as <see cref="ExecutionContext"/> does; a
/// scope opened in one never changes another.
/// </summary>
/// <example><code>
/// using (Config.Using(train: false, enableBackprop: false))
/// {
///     Variable y = model.Call(x);
/// }
/// </code></example>
public static class Config
{
    private static readonly AsyncLocal<Configuration?> s_local = new();
    private static volatile Configuration s_global = new();
    private static volatile ILoggerFactory? s_loggerFactory;

    /// <summary>The configuration wherever no scope is open.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public static Configuration Global
    {
        get => s_global;
        set => s_global = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The configuration in force here. Costs a few nanoseconds; read it once where several values are needed.</summary>
    public static Configuration Current => s_local.Value ?? s_global;

    /// <inheritdoc cref="Configuration.Train"/>
    public static bool Train => Current.Train;

    /// <inheritdoc cref="Configuration.EnableBackprop"/>
    public static bool EnableBackprop => Current.EnableBackprop;

    /// <inheritdoc cref="Configuration.DType"/>
    public static DType DType => Current.DType;

    /// <inheritdoc cref="Configuration.Debug"/>
    public static bool Debug => Current.Debug;

    /// <inheritdoc cref="Configuration.TypeCheck"/>
    public static bool TypeCheck => Current.TypeCheck;

    /// <inheritdoc cref="Configuration.KeepGraphOnReport"/>
    public static bool KeepGraphOnReport => Current.KeepGraphOnReport;

    /// <inheritdoc cref="Configuration.Seed"/>
    public static ulong? Seed => Current.Seed;

    /// <inheritdoc cref="Configuration.MatmulPrecision"/>
    public static MatmulPrecision MatmulPrecision => Current.MatmulPrecision;

    /// <summary>Where the library logs to, for the whole process.</summary>
    /// <value>A factory that drops everything, by default.</value>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public static ILoggerFactory LoggerFactory
    {
        get => s_loggerFactory ?? NullLoggerFactory.Instance;
        set => s_loggerFactory = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Opens a scope in which the values given replace those in force; disposing it closes it.</summary>
    /// <param name="train">See <see cref="Configuration.Train"/>; null keeps the value in force, as for all the others.</param>
    /// <param name="enableBackprop">See <see cref="Configuration.EnableBackprop"/>.</param>
    /// <param name="dtype">See <see cref="Configuration.DType"/>.</param>
    /// <param name="debug">See <see cref="Configuration.Debug"/>.</param>
    /// <param name="typeCheck">See <see cref="Configuration.TypeCheck"/>.</param>
    /// <param name="keepGraphOnReport">See <see cref="Configuration.KeepGraphOnReport"/>.</param>
    /// <param name="seed">See <see cref="Configuration.Seed"/>.</param>
    /// <param name="matmulPrecision">See <see cref="Configuration.MatmulPrecision"/>.</param>
    public static ConfigScope Using(
        bool? train = null,
        bool? enableBackprop = null,
        DType? dtype = null,
        bool? debug = null,
        bool? typeCheck = null,
        bool? keepGraphOnReport = null,
        ulong? seed = null,
        MatmulPrecision? matmulPrecision = null)
    {
        Configuration current = Current;
        return Using(current with
        {
            Train = train ?? current.Train,
            EnableBackprop = enableBackprop ?? current.EnableBackprop,
            DType = dtype ?? current.DType,
            Debug = debug ?? current.Debug,
            TypeCheck = typeCheck ?? current.TypeCheck,
            KeepGraphOnReport = keepGraphOnReport ?? current.KeepGraphOnReport,
            Seed = seed ?? current.Seed,
            MatmulPrecision = matmulPrecision ?? current.MatmulPrecision,
        });
    }

    /// <summary>Opens a scope with the configuration given; disposing it closes it.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="configuration"/> is null.</exception>
    public static ConfigScope Using(Configuration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration? outer = s_local.Value;
        s_local.Value = configuration;
        return new ConfigScope(outer);
    }

    /// <summary>Opens a scope in which functions record no graph: their inputs are let go as soon as the outputs exist.</summary>
    public static ConfigScope NoBackpropMode() => Using(Current.WithEnableBackprop(false));

    /// <summary>Opens a scope in which functions record the graph, inside one where they do not.</summary>
    public static ConfigScope ForceBackpropMode() => Using(Current.WithEnableBackprop(true));

    internal static void Restore(Configuration? outer) => s_local.Value = outer;
}

/// <summary>An open scope of <see cref="Config"/>; <see cref="Dispose"/> closes it, in the flow of execution that opened it.</summary>
public readonly struct ConfigScope : IDisposable
{
    private readonly Configuration? _outer;

    internal ConfigScope(Configuration? outer) => _outer = outer;

    /// <summary>Puts back the configuration that was in force when the scope was opened.</summary>
    public void Dispose() => Config.Restore(_outer);
}
