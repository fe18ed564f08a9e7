using System.Collections;
using System.Globalization;

namespace NativeChain;

/// <summary>A link made of a list of links, named by their index.</summary>
public abstract class ChainList : Link, IEnumerable<Link>
{
    private List<Link> _children = [];

    /// <summary>Creates a list of links.</summary>
    /// <param name="links">The links, in order.</param>
    protected ChainList(params ReadOnlySpan<Link> links)
    {
        foreach (Link link in links)
        {
            AddLink(link);
        }
    }

    /// <summary>Number of links.</summary>
    public int Count => _children.Count;

    /// <summary>The link of an index.</summary>
    /// <param name="index">Index; -1 is the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such link.</exception>
    public Link this[int index]
    {
        get => _children[Normalize(index)];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _children[Normalize(index)] = value;
        }
    }

    /// <summary>Adds a link to the end of the list.</summary>
    /// <param name="link">The link.</param>
    public void AddLink(Link link) => Insert(_children.Count, link);

    /// <summary>Inserts a link.</summary>
    /// <param name="index">Index that it is to have.</param>
    /// <param name="link">The link.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is beyond the end of the list.</exception>
    public void Insert(int index, Link link)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, _children.Count);
        _children.Insert(index, link);
    }

    /// <summary>Removes a link; those behind it move up.</summary>
    /// <param name="index">Index; -1 is the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such link.</exception>
    public void RemoveAt(int index) => _children.RemoveAt(Normalize(index));

    /// <summary>The links, in order.</summary>
    public IEnumerator<Link> GetEnumerator() => _children.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override IEnumerable<(string Name, Link Link)> NamedChildren()
    {
        for (int i = 0; i < _children.Count; i++)
        {
            string name = i.ToString(CultureInfo.InvariantCulture);
            _children[i].Name = name;
            yield return (name, _children[i]);
        }
    }

    private protected override void CopyChildren(CopyMode mode, Dictionary<object, object> copies) =>
        _children = _children.ConvertAll(child => Copy(child, mode, copies));

    private int Normalize(int index)
    {
        int normal = index < 0 ? index + _children.Count : index;
        return normal >= 0 && normal < _children.Count
            ? normal
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"{GetType().Name} has {_children.Count} links");
    }
}
