namespace NativeChain;

/// <summary>A value that was reported: a number or an array, and no graph unless <see cref="Config.KeepGraphOnReport"/> asks for it.</summary>
public readonly struct ReportedValue
{
    private readonly NDArray? _array;
    private readonly double _number;

    private ReportedValue(NDArray? array, double number, Variable? variable = null)
    {
        _array = array;
        _number = number;
        Variable = variable;
    }

    /// <summary>The variable that was reported, with its graph.</summary>
    /// <value>null: <see cref="Config.KeepGraphOnReport"/> was off, or it was no variable.</value>
    public Variable? Variable { get; }

    /// <summary>Whether it is one number, so that it can be averaged.</summary>
    public bool IsScalar => _array is null || _array.NDim == 0;

    /// <summary>A number.</summary>
    /// <param name="number">The number.</param>
    public static implicit operator ReportedValue(double number) => new(null, number);

    /// <summary>An array.</summary>
    /// <param name="array">The array.</param>
    public static implicit operator ReportedValue(NDArray array) => new(array ?? throw new ArgumentNullException(nameof(array)), 0);

    /// <summary>The value of a variable; its graph too if <see cref="Config.KeepGraphOnReport"/> is on.</summary>
    /// <param name="variable">The variable.</param>
    public static implicit operator ReportedValue(Variable variable) =>
        new((variable ?? throw new ArgumentNullException(nameof(variable))).Array, 0, Config.KeepGraphOnReport ? variable : null);

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">It is an array of other than one element.</exception>
    public double ToDouble() => _array is null ? _number
        : _array.Size == 1 ? _array.AsType(DType.Float64).Item<double>()
        : throw new InvalidOperationException($"an array of shape {_array.Shape} is not one number");

    /// <summary>The value as an array.</summary>
    public NDArray ToArray() => _array ?? (NDArray)_number;

    /// <summary>The value as text.</summary>
    public override string ToString() => ToArray().ToString();
}

/// <summary>Collects what links and extensions report under the names of those who report it.</summary>
public sealed class Reporter
{
    private static readonly AsyncLocal<Reporter?> s_current = new();
    private readonly Dictionary<object, string> _observers = new(ReferenceEqualityComparer.Instance);

    /// <summary>The reporter in force in this flow of execution.</summary>
    /// <value>null: what is reported is dropped.</value>
    public static Reporter? Current => s_current.Value;

    /// <summary>What has been reported, by name, such as `main/loss`.</summary>
    public Dictionary<string, ReportedValue> Observation { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Reports a value to the reporter in force; does nothing if there is none.</summary>
    /// <param name="key">Name of the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="observer">Who reports; its name comes before the value's. null: the name stands alone.</param>
    /// <exception cref="ArgumentException">The reporter does not know the observer.</exception>
    public static void Report(string key, ReportedValue value, object? observer = null) =>
        s_current.Value?.Add(key, value, observer);

    /// <summary>Names an observer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="observer">The observer.</param>
    public void AddObserver(string name, object observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        _observers[observer] = name;
    }

    /// <summary>Names a link and all links below it by their paths.</summary>
    /// <param name="name">The link's name.</param>
    /// <param name="link">The link.</param>
    public void AddObservers(string name, Link link)
    {
        ArgumentNullException.ThrowIfNull(link);
        AddObserver(name, link);
        foreach ((string path, Link below) in link.NamedLinks(skipSelf: true))
        {
            AddObserver(name + path, below);
        }
    }

    /// <summary>Puts the reporter in force, with what is reported going to a dictionary, until what is returned is disposed.</summary>
    /// <param name="observation">Where reports go; null for the reporter's present one.</param>
    public IDisposable Scope(Dictionary<string, ReportedValue>? observation = null)
    {
        ReporterScope scope = new(this, s_current.Value, Observation);
        Observation = observation ?? Observation;
        s_current.Value = this;
        return scope;
    }

    private void Add(string key, ReportedValue value, object? observer)
    {
        if (observer is null)
        {
            Observation[key] = value;
            return;
        }
        if (!_observers.TryGetValue(observer, out string? name))
        {
            throw new ArgumentException($"Reporter: {observer.GetType().Name} is not registered as an observer", nameof(observer));
        }
        Observation[name + "/" + key] = value;
    }

    private sealed class ReporterScope(Reporter reporter, Reporter? previous, Dictionary<string, ReportedValue> observation) : IDisposable
    {
        public void Dispose()
        {
            reporter.Observation = observation;
            s_current.Value = previous;
        }
    }
}
