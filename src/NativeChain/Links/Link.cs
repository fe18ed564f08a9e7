using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using NativeChain.Initializers;

namespace NativeChain;

/// <summary>A part of a model: parameters, persistents (what is saved but not learnt) and the computation they take part in.</summary>
/// <remarks>
/// Fields and auto-properties of type <see cref="Parameter"/> are its parameters, under the names that
/// <see cref="ChildAttribute"/> describes; null ones do not count. Training one link from two threads is not supported;
/// calling one from many is.
/// </remarks>
[DynamicallyAccessedMembers(LinkMembers.Needed)]
public abstract partial class Link : ISerializable
{
    private LinkMembers? _members;
    private SortedDictionary<string, Parameter>? _addedParams;
    private SortedDictionary<string, object?>? _addedPersistents;
    private SortedDictionary<string, FieldInfo>? _registeredPersistents;
    private OrderedDictionary<string, LinkHook>? _hooks;
    private bool _named;

    /// <summary>Name that the parent gave it.</summary>
    /// <value>null: it has no parent.</value>
    public string? Name { get; internal set; }

    /// <summary>Whether the optimizer updates any of its parameters.</summary>
    public bool UpdateEnabled => Params().Any(param => param.UpdateRule is { Enabled: true });

    private protected LinkMembers Members => _members ??= LinkMembers.Of(GetType());

    /// <summary>Its parameters and those of the links below it, own ones first, sorted by name, then child by child.</summary>
    /// <param name="includeUninitialized">Whether parameters that have no array yet are among them.</param>
    public IEnumerable<Parameter> Params(bool includeUninitialized = true)
    {
        foreach ((_, Link link) in Walk())
        {
            foreach ((_, Parameter param) in link.OwnParams())
            {
                if (includeUninitialized || param.IsInitialized)
                {
                    yield return param;
                }
            }
        }
    }

    /// <summary><see cref="Params"/> with their paths, such as `/l1/W`.</summary>
    /// <param name="includeUninitialized">Whether parameters that have no array yet are among them.</param>
    public IEnumerable<(string Path, Parameter Param)> NamedParams(bool includeUninitialized = true)
    {
        foreach ((string path, Link link) in Walk())
        {
            foreach ((string name, Parameter param) in link.OwnParams())
            {
                if (includeUninitialized || param.IsInitialized)
                {
                    yield return (path + "/" + name, param);
                }
            }
        }
    }

    /// <summary>The persistents of the link and of those below it, with their paths.</summary>
    public IEnumerable<(string Path, object? Value)> NamedPersistents()
    {
        foreach ((string path, Link link) in Walk())
        {
            foreach (string name in link.OwnPersistents())
            {
                yield return (path + "/" + name, link.GetPersistent(name));
            }
        }
    }

    /// <summary>This link and all links below it, each before its children.</summary>
    /// <param name="skipSelf">Whether this link is left out.</param>
    public IEnumerable<Link> Links(bool skipSelf = false) => Walk().Skip(skipSelf ? 1 : 0).Select(entry => entry.Link);

    /// <summary><see cref="Links"/> with their paths; this link's is `/`.</summary>
    /// <param name="skipSelf">Whether this link is left out.</param>
    public IEnumerable<(string Path, Link Link)> NamedLinks(bool skipSelf = false) =>
        Walk().Skip(skipSelf ? 1 : 0).Select(entry => entry.Path.Length == 0 ? ("/", entry.Link) : entry);

    /// <summary>The links directly below this one, in order.</summary>
    public IEnumerable<Link> Children() => NamedChildren().Select(entry => entry.Link);

    /// <summary>Drops the gradients of all parameters.</summary>
    public void ClearGrads()
    {
        foreach (Parameter param in Params())
        {
            param.ClearGrad();
        }
    }

    /// <summary>Sets the gradients of all parameters to zeros.</summary>
    public void ZeroGrads()
    {
        foreach (Parameter param in Params())
        {
            param.ZeroGrad();
        }
    }

    /// <summary>Number of elements of all parameters that are initialized.</summary>
    public long CountParams() => Params(includeUninitialized: false).Sum(param => param.Size);

    /// <summary>Has the optimizer update its parameters.</summary>
    public void EnableUpdate() => SetUpdate(enabled: true);

    /// <summary>Has the optimizer leave its parameters alone.</summary>
    public void DisableUpdate() => SetUpdate(enabled: false);

    /// <summary>Adds a parameter that is no member of the class.</summary>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="shape">Shape; null leaves it uninitialized.</param>
    /// <param name="initializer">Initializer; null fills it with NaN.</param>
    /// <returns>The parameter.</returns>
    /// <exception cref="ArgumentException">The name is taken, or none.</exception>
    public Parameter AddParam(string name, Shape? shape = null, Initializer? initializer = null)
    {
        CheckNewName(name);
        Parameter param = new(initializer ?? new NaN(), shape, name);
        (_addedParams ??= new(StringComparer.Ordinal)).Add(name, param);
        return param;
    }

    /// <summary>Adds a persistent that is no member of the class.</summary>
    /// <param name="name">Name of the persistent.</param>
    /// <param name="value">An <see cref="NDArray"/>, a number, a truth value, a text or null.</param>
    /// <exception cref="ArgumentException">The name is taken, or none; the value is of another type.</exception>
    public void AddPersistent(string name, object? value)
    {
        CheckNewName(name);
        CheckPersistent(name, value?.GetType());
        (_addedPersistents ??= new(StringComparer.Ordinal)).Add(name, value);
    }

    /// <summary>Makes a field or auto-property a persistent, as <see cref="PersistentAttribute"/> does for all links of a class.</summary>
    /// <param name="member">Name of the field or property.</param>
    /// <param name="name">Name of the persistent; null for the member's, spelled as <see cref="ChildAttribute"/> says.</param>
    /// <exception cref="ArgumentException">There is no such member, the name is taken, or the member's type cannot be saved.</exception>
    public void RegisterPersistent(string member, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(member);
        FieldInfo field = LinkMembers.Find(GetType(), member)
            ?? throw new ArgumentException($"{GetType().Name} has no field or auto-property {member}", nameof(member));
        name ??= LinkMembers.ToName(member);
        CheckNewName(name);
        CheckPersistent(name, field.FieldType);
        (_registeredPersistents ??= new(StringComparer.Ordinal)).Add(name, field);
    }

    /// <summary>Value of a persistent of this link.</summary>
    /// <param name="name">Name of the persistent.</param>
    /// <exception cref="KeyNotFoundException">There is no such persistent.</exception>
    public object? GetPersistent(string name)
    {
        if (_addedPersistents is not null && _addedPersistents.TryGetValue(name, out object? value))
        {
            return value;
        }
        return FindPersistent(name).GetValue(this);
    }

    /// <summary>Sets a persistent of this link.</summary>
    /// <param name="name">Name of the persistent.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="KeyNotFoundException">There is no such persistent.</exception>
    /// <exception cref="ArgumentException">The value does not fit the member.</exception>
    public void SetPersistent(string name, object? value)
    {
        if (_addedPersistents is not null && _addedPersistents.ContainsKey(name))
        {
            CheckPersistent(name, value?.GetType());
            _addedPersistents[name] = value;
            return;
        }
        FieldInfo field = FindPersistent(name);
        field.SetValue(this, Convert(value, field.FieldType));
    }

    /// <summary>Adds a hook that runs before and after each call of this link.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="name">Name to register it under; null for the hook's own.</param>
    /// <returns>This link.</returns>
    /// <exception cref="ArgumentException">The link has a hook of that name.</exception>
    public Link AddHook(LinkHook hook, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(hook);
        name ??= hook.Name;
        if (_hooks is not null && _hooks.ContainsKey(name))
        {
            throw new ArgumentException($"{GetType().Name} has a hook named {name} already", nameof(name));
        }
        (_hooks ??= []).Add(name, hook);
        hook.Added(this);
        return this;
    }

    /// <summary>Removes a hook.</summary>
    /// <param name="name">Name under which it was added.</param>
    /// <exception cref="ArgumentException">The link has no hook of that name.</exception>
    public void DeleteHook(string name)
    {
        if (_hooks is null || !_hooks.Remove(name, out LinkHook? hook))
        {
            throw new ArgumentException($"{GetType().Name} has no hook named {name}", nameof(name));
        }
        if (_hooks.Count == 0)
        {
            _hooks = null;
        }
        hook.Deleted(this);
    }

    /// <summary>Moves parameters, gradients and persistents of this link and of those below it to a device.</summary>
    /// <param name="device">The device.</param>
    /// <returns>This link.</returns>
    public virtual Link ToDevice(Device device)
    {
        foreach (Parameter param in Params())
        {
            param.ToDevice(device);
        }
        foreach (Link link in Links())
        {
            foreach (string name in link.OwnPersistents())
            {
                if (link.GetPersistent(name) is NDArray array)
                {
                    link.SetPersistent(name, array.To(device));
                }
            }
        }
        return this;
    }

    /// <summary>A state that is no persistent, on a device: itself if it is there, else a constant.</summary>
    private protected static Variable? Moved(Variable? state, Device device)
    {
        if (state is null || state.Device == device)
        {
            return state;
        }
        return state.Array.To(device);
    }

    /// <summary>Saves or loads parameters and persistents, the links below under their names.</summary>
    /// <param name="serializer">The serializer.</param>
    public virtual void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        CheckTree();
        foreach ((string name, Parameter param) in OwnParams())
        {
            NDArray? stored = serializer.Serialize(name, param.IsInitialized ? param.Array : null);
            if (stored is not null && !param.IsInitialized)
            {
                param.Load(stored);
            }
        }
        foreach (string name in OwnPersistents())
        {
            SerializePersistent(serializer, name);
        }
        foreach ((string name, Link child) in NamedChildren())
        {
            child.Serialize(serializer[name]);
        }
    }

    /// <summary>The constructor's arguments, as <see cref="ToString"/> shows them.</summary>
    protected virtual IEnumerable<(string Name, object? Value)> PrintableSpecs() => [];

    /// <summary>The link as text, such as `Linear(inSize=3, outSize=2, nobias=False)`; links below it on lines of their own.</summary>
    public override string ToString()
    {
        CheckTree();
        string specs = string.Join(", ", PrintableSpecs().Select(
            spec => string.Create(CultureInfo.InvariantCulture, $"{spec.Name}={spec.Value ?? "null"}")));
        string children = string.Concat(NamedChildren().SelectMany(
            entry => $"({entry.Name}): {entry.Link},".Split('\n').Select(line => "  " + line + "\n")));
        return children.Length == 0 ? $"{GetType().Name}({specs})" : $"{GetType().Name}({specs}\n{children})";
    }

    /// <summary>The links directly below this one with their names, in the order of paths.</summary>
    private protected virtual IEnumerable<(string Name, Link Link)> NamedChildren() => [];

    /// <summary>This link, its path empty, and all links below it, each before its children.</summary>
    private IEnumerable<(string Path, Link Link)> Walk()
    {
        yield return ("", this);
        IEnumerator<(string Name, Link Link)>? children = BeginChildren();
        if (children is null)
        {
            yield break;
        }
        List<Ancestor> ancestors = [new(this, "", children)];
        while (ancestors.Count > 0)
        {
            Ancestor parent = ancestors[^1];
            if (!parent.Children.MoveNext())
            {
                ancestors.RemoveAt(ancestors.Count - 1);
                continue;
            }
            (string name, Link child) = parent.Children.Current;
            string path = parent.Path + "/" + name;
            foreach (Ancestor ancestor in ancestors)
            {
                if (ReferenceEquals(ancestor.Link, child))
                {
                    throw new InvalidOperationException(
                        $"{GetType().Name}: {path} is a link above itself; opt the member that holds it out by [NotChild]");
                }
            }
            yield return (path, child);
            if (child.BeginChildren() is { } next)
            {
                ancestors.Add(new(child, path, next));
            }
        }
    }

    /// <summary>An enumerator of the children; null where the link is of a kind that has none.</summary>
    private IEnumerator<(string Name, Link Link)>? BeginChildren()
    {
        IEnumerable<(string Name, Link Link)> children = NamedChildren();
        return children is (string, Link)[] ? null : children.GetEnumerator();
    }

    /// <summary>Fails where a link is above itself.</summary>
    private protected void CheckTree()
    {
        foreach (var _ in Walk())
        {
        }
    }

    private protected IEnumerable<(string Name, Parameter Param)> OwnParams() =>
        _addedParams is null ? DeclaredParams() : AllParams(_addedParams);

    private IEnumerable<(string Name, Parameter Param)> DeclaredParams()
    {
        foreach (LinkMember member in Members.Parameters)
        {
            if (member.Field.GetValue(this) is Parameter param)
            {
                param.Name ??= member.Name;
                yield return (member.Name, param);
            }
        }
    }

    private IEnumerable<(string Name, Parameter Param)> AllParams(SortedDictionary<string, Parameter> added)
    {
        SortedDictionary<string, Parameter> all = new(added, StringComparer.Ordinal);
        foreach ((string name, Parameter param) in DeclaredParams())
        {
            all.Add(name, param);
        }
        foreach ((string name, Parameter param) in all)
        {
            yield return (name, param);
        }
    }

    /// <summary>Names of this link's persistents, sorted.</summary>
    private protected IEnumerable<string> OwnPersistents()
    {
        IEnumerable<string> names = Members.Persistents.Select(member => member.Name);
        if (_registeredPersistents is null && _addedPersistents is null)
        {
            return names;
        }
        SortedSet<string> all = new(names, StringComparer.Ordinal);
        all.UnionWith(_registeredPersistents?.Keys ?? Enumerable.Empty<string>());
        all.UnionWith(_addedPersistents?.Keys ?? Enumerable.Empty<string>());
        return all;
    }

    private protected virtual bool HasChild(string name) => false;

    private protected void CheckNewName(string name)
    {
        LinkMembers.CheckName(name, GetType());
        if (Members.Parameters.Any(member => member.Name == name)
            || HasChild(name)
            || OwnPersistents().Contains(name)
            || (_addedParams?.ContainsKey(name) ?? false))
        {
            throw new ArgumentException($"{GetType().Name} has a child, parameter or persistent named {name} already", nameof(name));
        }
    }

    private void SetUpdate(bool enabled)
    {
        foreach (Parameter param in Params())
        {
            if (param.UpdateRule is { } rule)
            {
                rule.Enabled = enabled;
            }
        }
    }

    private FieldInfo FindPersistent(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_registeredPersistents is not null && _registeredPersistents.TryGetValue(name, out FieldInfo? field))
        {
            return field;
        }
        foreach (LinkMember member in Members.Persistents)
        {
            if (member.Name == name)
            {
                return member.Field;
            }
        }
        throw new KeyNotFoundException($"{GetType().Name} has no persistent {name}");
    }

    private void SerializePersistent(Serializer serializer, string name)
    {
        object? value = GetPersistent(name);
        object? stored = value switch
        {
            null => serializer.Serialize(name, (NDArray?)null),
            NDArray array => serializer.Serialize(name, array) ?? array,
            int number => (long)serializer.Serialize(name, number),
            long number => serializer.Serialize(name, number),
            float number => serializer.Serialize(name, (double)number),
            double number => serializer.Serialize(name, number),
            bool flag => serializer.Serialize(name, flag),
            string text => serializer.Serialize(name, text),
            _ => throw new InvalidOperationException($"{GetType().Name}: a {value.GetType().Name} cannot be saved (persistent {name})"),
        };
        if (!serializer.IsWriter && !ReferenceEquals(stored, value))
        {
            SetPersistent(name, stored);
        }
    }

    private static object? Convert(object? value, Type type)
    {
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        return value is IConvertible && target.IsPrimitive && value.GetType() != target
            ? System.Convert.ChangeType(value, target, CultureInfo.InvariantCulture)
            : value;
    }

    private void CheckPersistent(string name, Type? type)
    {
        Type? plain = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        if (plain is not null && plain != typeof(NDArray) && plain != typeof(int) && plain != typeof(long) && plain != typeof(float)
            && plain != typeof(double) && plain != typeof(bool) && plain != typeof(string))
        {
            throw new ArgumentException($"{GetType().Name}: a {plain.Name} cannot be saved (persistent {name})", nameof(name));
        }
    }

    /// <summary>A link on the way down from the first one, and the children of it that are still to come.</summary>
    private sealed record Ancestor(Link Link, string Path, IEnumerator<(string Name, Link Link)> Children);
}
