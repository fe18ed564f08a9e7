namespace NativeChain;

/// <summary>Loads values from a .npz file.</summary>
public sealed class NpzDeserializer : Serializer
{
    private readonly NpzFile _npz;
    private readonly string _path;
    private readonly bool _strict;
    private readonly bool _checking;

    /// <summary>Creates a deserializer.</summary>
    /// <param name="npz">The file.</param>
    /// <param name="path">What comes before every key.</param>
    /// <param name="strict">Whether an entry that is missing is an error; else its value stays.</param>
    public NpzDeserializer(NpzFile npz, string path = "", bool strict = true)
        : this(npz, path, strict, checking: false)
    {
    }

    /// <summary>While checking, every entry is read and compared with the value it is for, and the value comes back as it is.</summary>
    internal NpzDeserializer(NpzFile npz, string path, bool strict, bool checking)
    {
        ArgumentNullException.ThrowIfNull(npz);
        ArgumentNullException.ThrowIfNull(path);
        _npz = npz;
        _path = path;
        _strict = strict;
        _checking = checking;
    }

    /// <inheritdoc/>
    public override bool IsWriter => false;

    /// <inheritdoc/>
    public override Serializer this[string key] => new NpzDeserializer(_npz, _path + key.Trim('/') + "/", _strict, _checking);

    /// <inheritdoc/>
    public override bool Contains(string key) => _npz.Contains(Full(key));

    /// <inheritdoc/>
    public override NDArray? Serialize(string key, NDArray? value)
    {
        if (Find(key) is not { } name)
        {
            return value;
        }
        object? stored = _npz.Get(name);
        if (stored is null)
        {
            return _checking ? value : null;
        }
        NDArray array = stored as NDArray ?? throw _npz.Bad(name, "is a text, not an array");
        if (value is null)
        {
            return _checking ? null : array.Copy();
        }
        if (value.Shape != array.Shape)
        {
            throw _npz.Bad(name, $"has shape {array.Shape}, not {value.Shape}");
        }
        if (array.DType.IsFloating() && !value.DType.IsFloating())
        {
            throw _npz.Bad(name, $"is {array.DType.Name()}, which does not go into {value.DType.Name()}");
        }
        if (!_checking)
        {
            Kernels.Copy(array, value);
        }
        return value;
    }

    /// <inheritdoc/>
    public override long Serialize(string key, long value)
    {
        if (Find(key) is not { } name)
        {
            return value;
        }
        NDArray scalar = GetScalar(name);
        if (scalar.DType.IsFloating())
        {
            throw _npz.Bad(name, $"is {scalar.DType.Name()}, not an integer");
        }
        long stored = scalar.AsType(DType.Int64).Item<long>();
        return _checking ? value : stored;
    }

    /// <inheritdoc/>
    public override double Serialize(string key, double value)
    {
        if (Find(key) is not { } name)
        {
            return value;
        }
        double stored = GetScalar(name).AsType(DType.Float64).Item<double>();
        return _checking ? value : stored;
    }

    /// <inheritdoc/>
    public override bool Serialize(string key, bool value)
    {
        if (Find(key) is not { } name)
        {
            return value;
        }
        bool stored = GetScalar(name).AsType(DType.Bool).Item<bool>();
        return _checking ? value : stored;
    }

    /// <inheritdoc/>
    public override string Serialize(string key, string value)
    {
        if (Find(key) is not { } name)
        {
            return value;
        }
        string stored = _npz.Get(name) as string ?? throw _npz.Bad(name, "is no text");
        return _checking ? value : stored;
    }

    private string Full(string key) => _path + key.TrimStart('/');

    private string? Find(string key)
    {
        string name = Full(key);
        return _npz.Contains(name) ? name
            : _strict ? throw new KeyNotFoundException($"{_npz.Name}: there is no entry {name}")
            : null;
    }

    private NDArray GetScalar(string name)
    {
        NDArray array = _npz.Get(name) as NDArray ?? throw _npz.Bad(name, "is no number");
        return array.Size == 1 ? array : throw _npz.Bad(name, $"has shape {array.Shape}; it should be one number");
    }
}
