using System.Globalization;

namespace NativeChain.Training;

/// <summary>Running mean and standard deviation of one number.</summary>
public sealed class Summary : ISerializable
{
    private double _x;
    private double _x2;
    private double _n;

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="weight">How much it counts.</param>
    public void Add(double value, double weight = 1)
    {
        _x += weight * value;
        _x2 += weight * value * value;
        _n += weight;
    }

    /// <summary>The mean; NaN if nothing was added.</summary>
    public double ComputeMean() => _x / _n;

    /// <summary>Mean and standard deviation; NaN if nothing was added.</summary>
    public (double Mean, double Std) MakeStatistics()
    {
        double mean = _x / _n;
        return (mean, Math.Sqrt((_x2 / _n) - (mean * mean)));
    }

    /// <inheritdoc/>
    public void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _x = serializer.Serialize("_x", _x);
        _x2 = serializer.Serialize("_x2", _x2);
        _n = serializer.SerializeCount("_n", _n);
    }
}

/// <summary>A <see cref="Summary"/> for each of a set of names.</summary>
public sealed class DictSummary : ISerializable
{
    private readonly OrderedDictionary<string, Summary> _summaries = new(StringComparer.Ordinal);

    /// <summary>Adds the values of an observation that are single numbers.</summary>
    /// <param name="observation">Values by name.</param>
    public void Add(IEnumerable<KeyValuePair<string, ReportedValue>> observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        foreach ((string name, ReportedValue value) in observation)
        {
            if (value.IsScalar)
            {
                Add(name, value.ToDouble());
            }
        }
    }

    /// <summary>The means by name, in the order in which names came.</summary>
    public OrderedDictionary<string, double> ComputeMean()
    {
        OrderedDictionary<string, double> means = new(StringComparer.Ordinal);
        foreach ((string name, Summary summary) in _summaries)
        {
            means.Add(name, summary.ComputeMean());
        }
        return means;
    }

    /// <summary>Adds a value to one name's summary.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    public void Add(string name, double value)
    {
        if (!_summaries.TryGetValue(name, out Summary? summary))
        {
            summary = new Summary();
            _summaries.Add(name, summary);
        }
        summary.Add(value);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _summaries.Clear();

    /// <inheritdoc/>
    public void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        string names = serializer.Serialize("_names", Json.Write(_summaries.Keys));
        if (!serializer.IsWriter)
        {
            OrderedDictionary<string, Summary> loaded = new(StringComparer.Ordinal);
            foreach (string name in Json.ReadStrings(names))
            {
                loaded.Add(name, _summaries.TryGetValue(name, out Summary? summary) ? summary : new Summary());
            }
            _summaries.Clear();
            foreach ((string name, Summary summary) in loaded)
            {
                _summaries.Add(name, summary);
            }
        }
        int index = 0;
        foreach (Summary summary in _summaries.Values)
        {
            Serializer entry = serializer["_summaries"][index++.ToString(CultureInfo.InvariantCulture)];
            // While a file is checked the names are still those of before, which may be more than it holds.
            if (entry.Contains("_x"))
            {
                summary.Serialize(entry);
            }
        }
    }
}
