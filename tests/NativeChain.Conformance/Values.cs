using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>A function of `F` with some arguments bound by name; the others are passed by position.</summary>
internal sealed class FunctionValue(string name, IReadOnlyDictionary<string, object?> bound)
{
    private readonly MethodInfo[] _overloads = Names.Function(name);

    public object? Invoke(object?[] arguments) => Binder.Call(_overloads, null, bound, arguments);

    public Variable Apply(Variable x) => (Variable)Invoke([x])!;

    public Delegate As(Type type)
    {
        MethodInfo signature = type.GetMethod("Invoke")!;
        ParameterExpression[] parameters = [.. signature.GetParameters().Select(p => Expression.Parameter(p.ParameterType))];
        Expression call = Expression.Call(
            Expression.Constant(this), nameof(Invoke), null,
            Expression.NewArrayInit(typeof(object), parameters.Select(p => Expression.Convert(p, typeof(object)))));
        return Expression.Lambda(type, Expression.Convert(call, signature.ReturnType), parameters).Compile();
    }
}

/// <summary>Turns the JSON values of cases into objects, and remembers the variables that require a gradient.</summary>
internal sealed class Values(CaseFile file)
{
    /// <summary>Variables that require a gradient, by the names that cases give them: `x`, `xs[0]`, `ws[0][1]`.</summary>
    public Dictionary<string, Variable> Inputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Every array that was handed in, by name, with a copy of what it held.</summary>
    public List<(string Name, NDArray Array, NDArray Before)> Given { get; } = [];

    public Dictionary<string, object?> Arguments(JsonElement? args)
    {
        Dictionary<string, object?> arguments = new(StringComparer.Ordinal);
        foreach (JsonElement arg in args.Items())
        {
            string name = arg.Text("name");
            arguments.Add(name, Convert(arg.GetProperty("value"), name, arg.Get("grad") is { ValueKind: JsonValueKind.True }));
        }
        return arguments;
    }

    public Dictionary<string, object?> Members(JsonElement? members) =>
        members.Members().ToDictionary(member => member.Name, member => Convert(member.Value, member.Name));

    public object? Convert(JsonElement value, string name = "", bool grad = false) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? (object)value.GetInt64() : value.GetDouble(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => value.EnumerateArray().Select(item => Convert(item)).ToArray(),
        _ => Object(value, name, grad),
    };

    /// <summary>The link of a `{"link": ...}`, which may hold others.</summary>
    public Link Link(JsonElement value) => Composition.Build(value, this);

    private object? Object(JsonElement value, string name, bool grad)
    {
        if (value.Get("array") is { } key)
        {
            return Array(key.GetString()!, name, grad);
        }
        if (value.Get("arrays") is { } keys)
        {
            return Arrays(keys, name, grad);
        }
        if (value.Get("arrays2") is { } lists)
        {
            return lists.EnumerateArray().Select((list, i) => (object?)Arrays(list, $"{name}[{i}]", grad)).ToArray();
        }
        if (value.Get("dtype") is { } dtype)
        {
            return DTypes.Parse(dtype.GetString()!);
        }
        if (value.Get("pairs") is { } pairs)
        {
            return pairs.EnumerateArray().Select(pair => new KeyValuePair<object, object?>(Convert(pair[0])!, Convert(pair[1]))).ToArray();
        }
        if (value.Get("sampler") is { } sampler)
        {
            NDArray samples = file.Array(sampler.GetString()!);
            return (Func<Shape, NDArray>)(_ => samples.Copy());
        }
        if (value.Get("slices") is { } slices)
        {
            return slices.EnumerateArray().Select(Index).ToArray();
        }
        if (value.Get("function") is { } function)
        {
            return new FunctionValue(function.GetString()!, Members(value.Get("args")));
        }
        if (value.Get("link") is not null)
        {
            return Link(value);
        }
        if (value.Get("initializer") is { } initializer)
        {
            return Binder.New(Names.Initializer(initializer.GetString()!), Members(value.Get("ctor")));
        }
        throw new MissingNameException("value", string.Join(",", value.EnumerateObject().Select(member => member.Name)));
    }

    private object?[] Arrays(JsonElement keys, string name, bool grad) =>
        [.. keys.EnumerateArray().Select((key, i) => key.ValueKind == JsonValueKind.Null ? null : Array(key.GetString()!, $"{name}[{i}]", grad))];

    // Integers take no gradient.
    private object Array(string key, string name, bool grad)
    {
        NDArray array = file.Array(key);
        Given.Add((name, array, array.Copy()));
        if (!grad || !array.DType.IsFloating())
        {
            return array;
        }
        Variable variable = new(array);
        Inputs.Add(name, variable);
        return variable;
    }

    private object? Index(JsonElement entry) => entry.ValueKind switch
    {
        JsonValueKind.Number => (IndexExpr)entry.GetInt32(),
        JsonValueKind.Null => IndexExpr.NewAxis,
        JsonValueKind.String => IndexExpr.Ellipsis,
        JsonValueKind.Array => ToIndex(NDArray.FromArray(entry.EnumerateArray().Select(i => i.GetInt64()).ToArray())),
        _ when entry.Get("array") is { } key => ToIndex(file.Array(key.GetString()!)),
        _ => (IndexExpr)new Slice(Bound(entry, "start"), Bound(entry, "stop"), Bound(entry, "step")),
    };

    private static object ToIndex(NDArray array) => (IndexExpr)array;

    private static int? Bound(JsonElement slice, string name) =>
        slice.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null;
}
