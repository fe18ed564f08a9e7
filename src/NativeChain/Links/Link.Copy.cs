
namespace NativeChain;

public abstract partial class Link
{
    /// <summary>A copy of the link and of all links below it.</summary>
    /// <remarks>
    /// Fields that are neither parameters, children nor persistents are copied as they are: an object behind one is shared.
    /// </remarks>
    /// <param name="mode">What the copy shares.</param>
    public Link Copy(CopyMode mode = CopyMode.Share)
    {
        if (mode is not (CopyMode.Share or CopyMode.Copy or CopyMode.Init))
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "is no copy mode");
        }
        return Copy(mode, new Dictionary<object, object>(ReferenceEqualityComparer.Instance));
    }

    /// <summary>A <see cref="Sequential"/> of copies of this link.</summary>
    /// <param name="n">Number of copies.</param>
    /// <param name="mode">What the copies share with this link.</param>
    public Sequential Repeat(int n, CopyMode mode = CopyMode.Init)
    {
        Sequential repeated = [];
        for (int i = 0; i < n; i++)
        {
            repeated.Add(Copy(mode));
        }
        return repeated;
    }

    /// <summary>Copies the values of another link's parameters, path by path, into this link's.</summary>
    /// <param name="link">A link of the same structure.</param>
    /// <param name="copyPersistent">Whether persistents are copied too.</param>
    /// <exception cref="ArgumentException">The other link lacks a parameter of this one, or it has another shape.</exception>
    public void CopyParams(Link link, bool copyPersistent = true)
    {
        ArgumentNullException.ThrowIfNull(link);
        List<(Parameter To, Parameter From)> pairs = Match(link, nameof(CopyParams));
        Dictionary<string, object?> stored = link.NamedPersistents().ToDictionary(entry => entry.Path, entry => entry.Value);
        if (copyPersistent)
        {
            foreach ((string path, object? value) in NamedPersistents())
            {
                if (!stored.TryGetValue(path, out object? other)
                    || (value is NDArray array && other is NDArray from && array.Shape != from.Shape))
                {
                    throw new ArgumentException($"{nameof(CopyParams)}: the other link has no persistent {path} of this shape", nameof(link));
                }
            }
        }
        foreach ((Parameter to, Parameter from) in pairs)
        {
            to.CopyData(from);
        }
        if (copyPersistent)
        {
            CopyPersistents(stored);
        }
    }

    /// <summary>Adds the gradients of another link's parameters, path by path, to this link's.</summary>
    /// <param name="link">A link of the same structure.</param>
    /// <exception cref="ArgumentException">The other link lacks a parameter of this one, or it has another shape.</exception>
    public void AddGrads(Link link)
    {
        ArgumentNullException.ThrowIfNull(link);
        foreach ((Parameter to, Parameter from) in Match(link, nameof(AddGrads)))
        {
            to.AddGrad(from);
        }
    }

    private protected virtual void CopyChildren(CopyMode mode, Dictionary<object, object> copies)
    {
    }

    private protected static Link Copy(Link link, CopyMode mode, Dictionary<object, object> copies) => link.Copy(mode, copies);

    private Link Copy(CopyMode mode, Dictionary<object, object> copies)
    {
        if (copies.TryGetValue(this, out object? known))
        {
            return (Link)known;
        }
        Link copy = (Link)MemberwiseClone();
        copies.Add(this, copy);
        copy.Name = null;
        copy._named = false;
        copy._hooks = _hooks is null ? null : new(_hooks);
        foreach (LinkMember member in Members.Parameters)
        {
            if (member.Field.GetValue(this) is Parameter param)
            {
                member.Field.SetValue(copy, CopyParam(param, mode, copies));
            }
        }
        if (_addedParams is not null)
        {
            copy._addedParams = new(StringComparer.Ordinal);
            foreach ((string name, Parameter param) in _addedParams)
            {
                copy._addedParams.Add(name, CopyParam(param, mode, copies));
            }
        }
        copy._addedPersistents = _addedPersistents is null ? null : new(_addedPersistents, StringComparer.Ordinal);
        copy._registeredPersistents = _registeredPersistents is null ? null : new(_registeredPersistents, StringComparer.Ordinal);
        if (mode != CopyMode.Share)
        {
            foreach (string name in OwnPersistents())
            {
                if (GetPersistent(name) is NDArray array)
                {
                    copy.SetPersistent(name, array.Copy());
                }
            }
        }
        copy.CopyChildren(mode, copies);
        return copy;
    }

    private static Parameter CopyParam(Parameter param, CopyMode mode, Dictionary<object, object> copies)
    {
        if (copies.TryGetValue(param, out object? known))
        {
            return (Parameter)known;
        }
        Parameter copy = param.Clone(shareArray: mode == CopyMode.Share);
        if (mode == CopyMode.Init && copy.IsInitialized)
        {
            copy.Initialize(copy.Shape);
        }
        copies.Add(param, copy);
        return copy;
    }

    private List<(Parameter To, Parameter From)> Match(Link link, string function)
    {
        Dictionary<string, Parameter> others = link.NamedParams().ToDictionary(entry => entry.Path, entry => entry.Param);
        List<(Parameter, Parameter)> pairs = [];
        foreach ((string path, Parameter param) in NamedParams())
        {
            if (!others.TryGetValue(path, out Parameter? other))
            {
                throw new ArgumentException($"{function}: the other link has no parameter {path}", nameof(link));
            }
            if (param.IsInitialized && other.IsInitialized && param.Shape != other.Shape)
            {
                throw new ArgumentException($"{function}: {path} has shape {param.Shape}, the other link's {other.Shape}", nameof(link));
            }
            pairs.Add((param, other));
        }
        return pairs;
    }

    private void CopyPersistents(Dictionary<string, object?> stored)
    {
        foreach ((string path, Link link) in Walk())
        {
            foreach (string name in link.OwnPersistents())
            {
                object? value = stored[path + "/" + name];
                if (value is NDArray from && link.GetPersistent(name) is NDArray to)
                {
                    Kernels.Copy(from, to);
                }
                else
                {
                    link.SetPersistent(name, value is NDArray array ? array.Copy() : value);
                }
            }
        }
    }
}
