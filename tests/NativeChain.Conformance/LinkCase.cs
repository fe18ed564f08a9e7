using System.Reflection;
using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>A link through its constructor, its parameters and a series of calls.</summary>
internal static class LinkCase
{
    public static void Run(JsonElement test, CaseFile file)
    {
        using IDisposable config = Scope.Configure(test.Get("config"));
        Values values = new(file);
        if (test.Get("raises") is { } raises)
        {
            FunctionCase.ExpectRefusal(raises.GetString()!, () => Composition.Build(test, values), values);
            return;
        }
        Link link = Composition.Build(test, values);
        CheckInitial(link, test, file);
        CopyIn(link, test, file);
        (double rtol, double atol) = test.Tolerance();
        int number = 0;
        foreach (JsonElement step in test.GetProperty("steps").EnumerateArray())
        {
            try
            {
                Step(link, step, file, rtol, atol);
            }
            catch (CaseFailedException e)
            {
                throw new CaseFailedException($"step {number}: {e.Message}", e);
            }
            number++;
        }
        if (test.Get("namedparams") is { } paths)
        {
            string expected = string.Join(" ", paths.EnumerateArray().Select(path => path.GetString()));
            string actual = string.Join(" ", link.NamedParams().Select(entry => entry.Path));
            if (actual != expected)
            {
                throw new CaseFailedException($"NamedParams are {actual}, expected {expected}");
            }
        }
    }

    /// <summary>Copies `params` and `persistents` in, as loading a snapshot does.</summary>
    public static void CopyIn(Link link, JsonElement test, CaseFile file)
    {
        foreach (JsonProperty entry in test.Get("params").Members())
        {
            Load(Parameter(link, entry.Name), file.Array(entry.Value.GetString()!));
        }
        foreach (JsonProperty entry in test.Get("persistents").Members())
        {
            int slash = entry.Name.LastIndexOf('/');
            string path = slash == 0 ? "/" : entry.Name[..slash], name = entry.Name[(slash + 1)..];
            Link owner = link.NamedLinks().First(child => child.Path == path).Link;
            NDArray value = file.Array(entry.Value.GetString()!);
            owner.SetPersistent(name, owner.GetPersistent(name) is NDArray or null ? value : value.Item<long>());
        }
    }

    public static void CheckParams(Link link, JsonElement? expected, CaseFile file, double rtol, double atol)
    {
        foreach (JsonProperty entry in expected.Members())
        {
            Comparison.Close(entry.Name, Parameter(link, entry.Name).Array, file.Array(entry.Value.GetString()!), rtol, atol);
        }
    }

    public static void CheckPersistents(Link link, JsonElement? expected, CaseFile file, double rtol, double atol)
    {
        Dictionary<string, object?> persistents = link.NamedPersistents().ToDictionary(entry => entry.Path, entry => entry.Value);
        foreach (JsonProperty entry in expected.Members())
        {
            NDArray actual = AsArray(persistents.GetValueOrDefault(entry.Name)) ?? throw new CaseFailedException($"no persistent {entry.Name}");
            Comparison.Close(entry.Name, actual, file.Array(entry.Value.GetString()!), rtol, atol);
        }
    }

    public static Parameter Parameter(Link link, string path) =>
        link.NamedParams().FirstOrDefault(entry => entry.Path == path).Param ?? throw new CaseFailedException($"no parameter {path}");

    private static void Load(Parameter parameter, NDArray value)
    {
        if (!parameter.IsInitialized)
        {
            parameter.Initialize(value.Shape);
        }
        value.CopyTo(parameter.Array);
    }

    private static void CheckInitial(Link link, JsonElement test, CaseFile file)
    {
        Dictionary<string, object?> found = link.NamedParams().ToDictionary(
            entry => entry.Path, entry => entry.Param.IsInitialized ? (object?)entry.Param.Array : null);
        if (test.Get("initial_params") is { } parameters)
        {
            CheckInitial(found, parameters, file);
        }
        if (test.Get("initial_persistents") is { } persistents)
        {
            CheckInitial(link.NamedPersistents().ToDictionary(entry => entry.Path, entry => entry.Value), persistents, file);
        }
    }

    private static void CheckInitial(Dictionary<string, object?> found, JsonElement expected, CaseFile file)
    {
        string actual = string.Join(" ", found.Keys.Order(StringComparer.Ordinal));
        string wanted = string.Join(" ", expected.EnumerateObject().Select(entry => entry.Name).Order(StringComparer.Ordinal));
        if (actual != wanted)
        {
            throw new CaseFailedException($"the constructor leaves {actual}, expected {wanted}");
        }
        foreach (JsonProperty entry in expected.EnumerateObject())
        {
            NDArray? value = AsArray(found[entry.Name]);
            if (value is null || entry.Value.ValueKind == JsonValueKind.Null)
            {
                if (value is not null || entry.Value.ValueKind != JsonValueKind.Null)
                {
                    throw new CaseFailedException($"{entry.Name} is {(value is null ? "not " : "")}initialized by the constructor");
                }
                continue;
            }
            Shape shape = entry.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()).ToArray();
            NDArray wantedValue = entry.Value.Get("array") is { } key ? file.Array(key.GetString()!)
                : entry.Value.Get("fill") is { } fill ? NDArray.Full(shape, fill.GetDouble(), DType.Float64)
                : value;
            if (value.Shape != shape)
            {
                throw new CaseFailedException($"{entry.Name} has shape {value.Shape} at first, expected {shape}");
            }
            Comparison.Close($"{entry.Name} at first", value, wantedValue, 1e-6, 1e-7);
        }
    }

    private static void Step(Link link, JsonElement step, CaseFile file, double rtol, double atol)
    {
        using IDisposable config = Scope.Configure(step.Get("config"));
        Values values = new(file);
        Dictionary<string, object?> arguments = values.Arguments(step.Get("args"));
        link.ClearGrads();
        Func<object?> call = step.Get("method") is { } method
            ? () => Binder.Call(link.GetType().GetMethods().Where(m => Names.Same(m.Name, method.GetString()!)), link, arguments)
            : () => Call(link, arguments);
        if (step.Get("raises") is { } raises)
        {
            FunctionCase.ExpectRefusal(raises.GetString()!, call, values);
            return;
        }
        object? returned = call();
        if (step.Get("returns") is { } expected
            && !(returned is not null && Binder.TryConvert(values.Convert(expected), returned.GetType(), out object? wanted)
                && Convert.ToString(returned) == Convert.ToString(wanted)))
        {
            throw new CaseFailedException($"returned {returned}, expected {expected}");
        }
        if (step.Get("outputs") is not null)
        {
            Variable[] outputs = FunctionCase.Flatten(returned);
            FunctionCase.CheckOutputs(outputs, step, file, rtol, atol);
            if (step.Get("grad_outputs") is { } gradOutputs)
            {
                NDArray?[] gys = [.. gradOutputs.EnumerateArray().Select(file.ArrayOrNull)];
                FunctionCase.CheckGradients(outputs, gys, values.Inputs, step.Get("grads"), file, rtol, atol);
            }
        }
        foreach (JsonProperty entry in step.Get("param_grads").Members())
        {
            Comparison.CloseOrNone(
                $"gradient of {entry.Name}", Parameter(link, entry.Name).Grad, file.ArrayOrNull(entry.Value), zerosAreNone: false, rtol, atol);
        }
        CheckPersistents(link, step.Get("persistents_after"), file, rtol, atol);
        foreach (JsonProperty entry in step.Get("attributes").Members())
        {
            NDArray? actual = AsArray(Names.Property(link, entry.Name).GetValue(link));
            Comparison.CloseOrNone(entry.Name, actual, file.ArrayOrNull(entry.Value), zerosAreNone: false, rtol, atol);
        }
    }

    // Names are those of Forward; the call goes through Call, which runs the hooks.
    private static object? Call(Link link, Dictionary<string, object?> arguments)
    {
        if (link is Links.Classifier { LabelKey.Name: not null } classifier)
        {
            return classifier.Call([.. arguments.Select(argument => (argument.Key, FunctionCase.Flatten(argument.Value).Single()))]);
        }
        MethodInfo[] calls = [.. link.GetType().GetMethods().Where(method => method.Name == "Call")];
        if (calls.Any(call => arguments.Keys.All(name => call.GetParameters().Any(parameter => Names.Same(name, parameter.Name!)))))
        {
            return Binder.Call(calls, link, arguments);
        }
        return Binder.Call(calls, link, new Dictionary<string, object?>(), [.. arguments.Values]);
    }

    private static NDArray? AsArray(object? value) => value switch
    {
        null => null,
        NDArray array => array,
        Variable variable => variable.Array,
        _ => NDArray.Full(Shape.Scalar, Convert.ToDouble(value), value is double or float ? DType.Float64 : DType.Int64),
    };
}
