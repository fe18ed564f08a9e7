using System.Globalization;

namespace NativeChain;

/// <summary>Hyperparameters by name; those it lacks are its parent's.</summary>
/// <remarks>
/// An optimizer has one, and each update rule has one whose parent is the optimizer's: <c>param.UpdateRule.Hyperparam["lr"] = 0.1</c>
/// overrides one parameter's. Names are Chainer's (`lr`, `weight_decay_rate`); a truth value is 1 or 0.
/// </remarks>
/// <param name="parent">Where to look for what it lacks.</param>
public sealed class Hyperparameter(Hyperparameter? parent = null)
{
    // A handful: one after the other is as fast as a table.
    private readonly List<Entry> _entries = [];

    /// <summary>Where to look for what it lacks.</summary>
    public Hyperparameter? Parent { get; } = parent;

    /// <summary>A hyperparameter: its own, else its parent's. Setting one sets its own.</summary>
    /// <param name="name">Name of the hyperparameter.</param>
    /// <exception cref="KeyNotFoundException">Neither it nor its parents have it.</exception>
    public double this[string name]
    {
        get
        {
            for (Hyperparameter? h = this; h is not null; h = h.Parent)
            {
                if (h.Find(name) is { } entry)
                {
                    return entry.Value;
                }
            }
            throw new KeyNotFoundException($"there is no hyperparameter {name}");
        }
        set
        {
            if (Find(name) is { } entry)
            {
                entry.Value = value;
            }
            else
            {
                _entries.Add(new(name) { Value = value });
            }
        }
    }

    /// <summary>Its own hyperparameters and those it takes from its parents.</summary>
    public Dictionary<string, double> ToDictionary()
    {
        Dictionary<string, double> all = Parent?.ToDictionary() ?? new(StringComparer.Ordinal);
        foreach (Entry entry in _entries)
        {
            all[entry.Name] = entry.Value;
        }
        return all;
    }

    /// <summary>The hyperparameters as text, such as `Hyperparameter(lr=0.01)`.</summary>
    public override string ToString() => "Hyperparameter(" + string.Join(", ", ToDictionary()
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => entry.Key + "=" + entry.Value.ToString(CultureInfo.InvariantCulture))) + ")";

    private Entry? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (Entry entry in _entries)
        {
            if (entry.Name == name)
            {
                return entry;
            }
        }
        return null;
    }

    private sealed class Entry(string name)
    {
        public string Name { get; } = name;

        public double Value { get; set; }
    }
}
