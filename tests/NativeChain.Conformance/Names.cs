using System.Reflection;
using NativeChain.Initializers;

namespace NativeChain.Conformance;

/// <summary>A Chainer name that NativeChain has no member for (yet): its cases are skipped.</summary>
internal sealed class MissingNameException(string kind, string name) : Exception($"{kind} {name}")
{
    public string Name { get; } = $"{kind} {name}";
}

/// <summary>Finds the C# members of Chainer's names: equal once case and underscores are dropped.</summary>
internal static class Names
{
    private static readonly Assembly[] s_assemblies = [typeof(NDArray).Assembly, typeof(Training.Trainer).Assembly];

    private static readonly ILookup<string, MethodInfo> s_functions =
        typeof(F).GetMethods(BindingFlags.Public | BindingFlags.Static).ToLookup(method => Plain(method.Name));

    public static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    public static bool Same(string a, string b) => Plain(a) == Plain(b);

    public static MethodInfo[] Function(string name)
    {
        MethodInfo[] found = [.. s_functions[Plain(name)]];
        return found.Length > 0 ? found : throw new MissingNameException("function", name);
    }

    // One name is taken: the link Parameter would hide the Parameter that every link has.
    public static Type Link(string name) =>
        Find("link", name == "Parameter" ? "ParameterLink" : name, typeof(Link), "NativeChain.Links", "NativeChain");

    public static Type LinkHook(string name) => Find("link hook", name, typeof(LinkHook), "NativeChain.Links", "NativeChain.LinkHooks", "NativeChain");

    public static Type Initializer(string name) => Find("initializer", name, typeof(Initializer), "NativeChain.Initializers");

    public static Type Optimizer(string name) => Find("optimizer", name, typeof(Optimizer), "NativeChain.Optimizers");

    public static Type OptimizerHook(string name) => Find("optimizer hook", name, typeof(object), "NativeChain.Optimizers");

    public static Type Extension(string name) => Find("extension", name, typeof(object), "NativeChain.Training.Extensions");

    /// <summary>A public instance property, by its plain name.</summary>
    public static PropertyInfo Property(object target, string name) =>
        target.GetType().GetProperties().FirstOrDefault(property => Same(property.Name, name))
        ?? throw new CaseFailedException($"{target.GetType().Name} has no property {name}");

    private static Type Find(string kind, string name, Type baseType, params string[] namespaces)
    {
        foreach (string space in namespaces)
        {
            foreach (Assembly assembly in s_assemblies)
            {
                Type? type = assembly.GetExportedTypes().FirstOrDefault(
                    type => type.Namespace == space && !type.IsAbstract && type.IsAssignableTo(baseType) && Same(type.Name, name));
                if (type is not null)
                {
                    return type;
                }
            }
        }
        throw new MissingNameException(kind, name);
    }
}
