using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>A member of a link under its name: a field, or the field behind an auto-property.</summary>
internal sealed record LinkMember(string Name, FieldInfo Field);

/// <summary>The parameters, children and persistents that a link's type declares, each sorted ordinally by name.</summary>
internal sealed class LinkMembers
{
    internal const DynamicallyAccessedMemberTypes Needed =
        DynamicallyAccessedMemberTypes.AllFields | DynamicallyAccessedMemberTypes.AllProperties;

    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const string BackingFieldSuffix = ">k__BackingField";

    private static readonly ConditionalWeakTable<Type, LinkMembers> s_cache = new();

    private LinkMembers(List<LinkMember> parameters, List<LinkMember> children, List<LinkMember> persistents)
    {
        Parameters = Sorted(parameters);
        Children = Sorted(children);
        Persistents = Sorted(persistents);
    }

    public LinkMember[] Parameters { get; }

    public LinkMember[] Children { get; }

    public LinkMember[] Persistents { get; }

    public static LinkMembers Of([DynamicallyAccessedMembers(Needed)] Type type)
    {
        if (!s_cache.TryGetValue(type, out LinkMembers? members))
        {
            members = s_cache.GetOrAdd(type, Discover(type));
        }
        return members;
    }

    /// <summary>The field or auto-property of a name, whatever its type; null if there is none.</summary>
    public static FieldInfo? Find([DynamicallyAccessedMembers(Needed)] Type type, string member)
    {
        for (Type? t = type; t is not null && t != typeof(Link); t = t.BaseType)
        {
            FieldInfo? field = t.GetField(member, Declared) ?? t.GetField($"<{member}{BackingFieldSuffix}", Declared);
            if (field is not null)
            {
                return field;
            }
        }
        return null;
    }

    /// <summary>`_l1` and `L1` are both `l1`; a single letter keeps its case.</summary>
    public static string ToName(string member)
    {
        string name = member.TrimStart('_');
        return name.Length > 1 ? char.ToLowerInvariant(name[0]) + name[1..] : name.Length == 1 ? name : member;
    }

    private static LinkMembers Discover([DynamicallyAccessedMembers(Needed)] Type type)
    {
        List<LinkMember> parameters = [], children = [], persistents = [];
        Dictionary<string, FieldInfo> taken = new(StringComparer.Ordinal);
        for (Type? t = type; t is not null && t != typeof(Link); t = t.BaseType)
        {
            foreach (FieldInfo field in t.GetFields(Declared))
            {
                (string member, PropertyInfo? property) = Resolve(t, field);
                PersistentAttribute? persistent = Attribute<PersistentAttribute>(field, property);
                List<LinkMember>? list =
                    Attribute<NotChildAttribute>(field, property) is not null ? null
                    : persistent is not null ? persistents
                    : field.FieldType.IsAssignableTo(typeof(Parameter)) ? parameters
                    : field.FieldType.IsAssignableTo(typeof(Link)) ? children
                    : null;
                if (list is null)
                {
                    continue;
                }
                string name = persistent?.Name ?? Attribute<ChildAttribute>(field, property)?.Name ?? ToName(member);
                CheckName(name, type);
                if (!taken.TryAdd(name, field))
                {
                    throw new InvalidOperationException(
                        $"{type.Name}: two members are named \"{name}\"; give one another name by [Child(\"...\")], or opt it out by [NotChild]");
                }
                list.Add(new LinkMember(name, field));
            }
        }
        return new LinkMembers(parameters, children, persistents);
    }

    public static void CheckName(string name, Type type)
    {
        if (string.IsNullOrEmpty(name) || name.Contains('/'))
        {
            throw new ArgumentException($"{type.Name}: \"{name}\" is no name for a child: it must be neither empty nor hold a slash", nameof(name));
        }
    }

    /// <summary>The name that the program gave: an auto-property's for the field behind it, else the field's.</summary>
    private static (string Name, PropertyInfo? Property) Resolve([DynamicallyAccessedMembers(Needed)] Type type, FieldInfo field)
    {
        string name = field.Name;
        if (!name.StartsWith('<'))
        {
            return (name, null);
        }
        int end = name.IndexOf('>');
        string inner = name[1..end];
        // What is left of "<l1>P" is a captured parameter of a primary constructor.
        return (inner, name.EndsWith(BackingFieldSuffix, StringComparison.Ordinal) ? type.GetProperty(inner, Declared) : null);
    }

    private static T? Attribute<T>(FieldInfo field, PropertyInfo? property)
        where T : Attribute => field.GetCustomAttribute<T>() ?? property?.GetCustomAttribute<T>();

    private static LinkMember[] Sorted(List<LinkMember> members)
    {
        members.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return [.. members];
    }
}
