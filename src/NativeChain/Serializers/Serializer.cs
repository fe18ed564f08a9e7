namespace NativeChain;

/// <summary>What can be saved and loaded: links, optimizers, iterators, trainers.</summary>
public interface ISerializable
{
    /// <summary>
    /// Passes every value that makes up the state through a serializer, and keeps what comes back: when saving, the value
    /// itself; when loading, the stored one.
    /// </summary>
    /// <remarks>
    /// Loading calls it twice: once to see that every entry is there and fits, which hands each value back as it came, and
    /// once to load.
    /// </remarks>
    /// <param name="serializer">The serializer.</param>
    void Serialize(Serializer serializer);
}

/// <summary>A visitor that saves or loads state under keys.</summary>
public abstract class Serializer
{
    /// <summary>Whether values are saved; else they are loaded.</summary>
    public abstract bool IsWriter { get; }

    /// <summary>The serializer of a child: its keys come below this key.</summary>
    /// <param name="key">Key of the child; slashes around it are dropped.</param>
    public abstract Serializer this[string key] { get; }

    /// <summary>Whether there is a value to load under a key; always true when saving.</summary>
    /// <param name="key">Key of the value.</param>
    public abstract bool Contains(string key);

    /// <summary>
    /// Saves or loads an array. An array that is there is loaded in place; null gives a new array, or null where None is stored.
    /// </summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">The array; its shape must be that of the stored one, its dtype may differ.</param>
    /// <returns>The array, or null where None is stored.</returns>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    /// <exception cref="InvalidDataException">What is stored is no array of this shape.</exception>
    public abstract NDArray? Serialize(string key, NDArray? value);

    /// <summary>Saves or loads an integer.</summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">The value to save, or what to keep if nothing is loaded.</param>
    public abstract long Serialize(string key, long value);

    /// <summary>Saves or loads a number.</summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">The value to save, or what to keep if nothing is loaded.</param>
    public abstract double Serialize(string key, double value);

    /// <summary>Saves or loads a truth value.</summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">The value to save, or what to keep if nothing is loaded.</param>
    public abstract bool Serialize(string key, bool value);

    /// <summary>Saves or loads a text.</summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">The value to save, or what to keep if nothing is loaded.</param>
    public abstract string Serialize(string key, string value);

    /// <summary>Saves or loads a number that may be missing, which is stored as None.</summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">The value to save, or what to keep if nothing is loaded.</param>
    public double? Serialize(string key, double? value)
    {
        NDArray? stored = Serialize(key, value is { } number ? (NDArray)number : null);
        return stored is null ? null
            : stored.Size == 1 ? stored.AsType(DType.Float64).Item<double>()
            : throw new InvalidDataException($"{key} has shape {stored.Shape}; it should be one number");
    }

    /// <summary>Saves or loads an integer of 32 bits.</summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">The value to save, or what to keep if nothing is loaded.</param>
    /// <exception cref="InvalidDataException">The stored number does not fit.</exception>
    public int Serialize(string key, int value)
    {
        long stored = Serialize(key, (long)value);
        return stored is >= int.MinValue and <= int.MaxValue
            ? (int)stored
            : throw new InvalidDataException($"{key}: {stored} does not fit into 32 bits");
    }
}
