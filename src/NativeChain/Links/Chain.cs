namespace NativeChain;

/// <summary>A link made of links: its fields and auto-properties of type <see cref="Link"/> are its children.</summary>
/// <remarks>
/// Children are named as <see cref="ChildAttribute"/> says and ordered by name, ordinally; null ones do not count.
/// </remarks>
public abstract class Chain : Link
{
    private SortedDictionary<string, Link>? _addedLinks;

    /// <summary>The child of a name.</summary>
    /// <param name="name">Name of the child.</param>
    /// <exception cref="KeyNotFoundException">There is no such child.</exception>
    public Link this[string name]
    {
        get
        {
            foreach ((string childName, Link child) in NamedChildren())
            {
                if (childName == name)
                {
                    return child;
                }
            }
            throw new KeyNotFoundException($"{GetType().Name} has no child {name}");
        }
    }

    /// <summary>Adds a child that is no member of the class.</summary>
    /// <param name="name">Name of the child.</param>
    /// <param name="link">The child.</param>
    /// <exception cref="ArgumentException">The name is taken, or none.</exception>
    public void AddLink(string name, Link link)
    {
        ArgumentNullException.ThrowIfNull(link);
        CheckNewName(name);
        (_addedLinks ??= new(StringComparer.Ordinal)).Add(name, link);
        link.Name = name;
    }

    private protected override bool HasChild(string name) =>
        Members.Children.Any(member => member.Name == name) || (_addedLinks?.ContainsKey(name) ?? false);

    private protected override IEnumerable<(string Name, Link Link)> NamedChildren()
    {
        if (_addedLinks is null)
        {
            foreach (LinkMember member in Members.Children)
            {
                if (member.Field.GetValue(this) is Link child)
                {
                    child.Name = member.Name;
                    yield return (member.Name, child);
                }
            }
            yield break;
        }
        SortedDictionary<string, Link> all = new(_addedLinks, StringComparer.Ordinal);
        foreach (LinkMember member in Members.Children)
        {
            if (member.Field.GetValue(this) is Link child)
            {
                all.Add(member.Name, child);
            }
        }
        foreach ((string name, Link child) in all)
        {
            child.Name = name;
            yield return (name, child);
        }
    }

    private protected override void CopyChildren(CopyMode mode, Dictionary<object, object> copies)
    {
        foreach (LinkMember member in Members.Children)
        {
            if (member.Field.GetValue(this) is Link child)
            {
                member.Field.SetValue(this, Copy(child, mode, copies));
            }
        }
        if (_addedLinks is not null)
        {
            SortedDictionary<string, Link> links = new(StringComparer.Ordinal);
            foreach ((string name, Link child) in _addedLinks)
            {
                links.Add(name, Copy(child, mode, copies));
            }
            _addedLinks = links;
        }
    }
}
