namespace NativeChain;

/// <summary>Names a field or auto-property as a child of its link: in paths, in order and in files.</summary>
/// <remarks>
/// Without it the name is the member's, without leading underscores, its first letter in lower case unless it is the only one.
/// </remarks>
/// <param name="name">Name of the child link or parameter.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class ChildAttribute(string name) : Attribute
{
    /// <summary>Name of the child link or parameter.</summary>
    public string Name { get; } = name;
}

/// <summary>Keeps a field or auto-property of type <see cref="Link"/> or <see cref="Parameter"/> from being a child.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class NotChildAttribute : Attribute;

/// <summary>
/// Marks a field or auto-property that is saved with the link though it is not learnt: an <see cref="NDArray"/>, a number, a truth
/// value or a text.
/// </summary>
/// <param name="name">Name of the persistent; null for the member's, spelled as <see cref="ChildAttribute"/> says.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class PersistentAttribute(string? name = null) : Attribute
{
    /// <summary>Name of the persistent.</summary>
    /// <value>null: the member's.</value>
    public string? Name { get; } = name;
}

/// <summary>What the copy of a link shares with it.</summary>
public enum CopyMode
{
    /// <summary>Arrays of parameters are shared, gradients are not: what one learns, the other knows.</summary>
    Share,

    /// <summary>Arrays of parameters and persistents are copied.</summary>
    Copy,

    /// <summary>As <see cref="Copy"/>, and every parameter that has a shape is initialized anew.</summary>
    Init,
}
