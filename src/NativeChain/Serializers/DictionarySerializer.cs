namespace NativeChain;

/// <summary>Collects values under their paths.</summary>
public sealed class DictionarySerializer : Serializer
{
    private readonly string _path;

    /// <summary>Creates a serializer.</summary>
    /// <param name="target">Where values go; null for a new dictionary.</param>
    /// <param name="path">What comes before every key.</param>
    public DictionarySerializer(IDictionary<string, object?>? target = null, string path = "")
    {
        Target = target ?? new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        _path = path;
    }

    /// <summary>The values: arrays, texts, or null.</summary>
    public IDictionary<string, object?> Target { get; }

    /// <inheritdoc/>
    public override bool IsWriter => true;

    /// <inheritdoc/>
    public override Serializer this[string key] => new DictionarySerializer(Target, _path + key.Trim('/') + "/");

    /// <inheritdoc/>
    public override bool Contains(string key) => true;

    /// <inheritdoc/>
    public override NDArray? Serialize(string key, NDArray? value) => Add(key, value);

    /// <inheritdoc/>
    public override long Serialize(string key, long value)
    {
        Add(key, (NDArray)value);
        return value;
    }

    /// <inheritdoc/>
    public override double Serialize(string key, double value)
    {
        Add(key, (NDArray)value);
        return value;
    }

    /// <inheritdoc/>
    public override bool Serialize(string key, bool value)
    {
        Add(key, (NDArray)value);
        return value;
    }

    /// <inheritdoc/>
    public override string Serialize(string key, string value) => Add(key, value);

    private T Add<T>(string key, T value)
    {
        string path = _path + key.TrimStart('/');
        if (!Target.TryAdd(path, value))
        {
            throw new InvalidOperationException($"two values are saved as {path}");
        }
        return value;
    }
}
