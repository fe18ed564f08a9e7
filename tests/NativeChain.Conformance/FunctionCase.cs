using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>A call of a function or an operator: outputs, gradients, double gradients, refusals.</summary>
internal static class FunctionCase
{
    public static void Run(JsonElement test, CaseFile file)
    {
        Values values = new(file);
        Dictionary<string, object?> arguments = values.Arguments(test.GetProperty("args"));
        Func<object?> call = Prepare(test.Text("function"), arguments);
        using IDisposable config = Scope.Configure(test.Get("config"));
        if (test.Get("raises") is { } raises)
        {
            ExpectRefusal(raises.GetString()!, call, values);
            return;
        }
        (double rtol, double atol) = test.Tolerance();
        Variable[] outputs = Flatten(call());
        CheckOutputs(outputs, test, file, rtol, atol);
        foreach (JsonProperty after in test.Get("args_after").Members())
        {
            NDArray actual = values.Given.First(given => given.Name == after.Name).Array;
            Comparison.Close($"{after.Name} after the call", actual, file.Array(after.Value.GetString()!), rtol, atol);
        }
        if (test.Get("grad_outputs") is not { } gradOutputs)
        {
            return;
        }
        NDArray?[] gys = [.. gradOutputs.EnumerateArray().Select(file.ArrayOrNull)];
        CheckGradients(outputs, gys, values.Inputs, test.Get("grads"), file, rtol, atol);
        if (test.Get("double") is { } twice)
        {
            CheckDouble(outputs, gys, values.Inputs, twice, file, rtol, atol);
        }
    }

    public static void CheckOutputs(Variable[] outputs, JsonElement test, CaseFile file, double rtol, double atol)
    {
        JsonElement[] expected = [.. test.Get("outputs").Items()];
        if (outputs.Length != expected.Length)
        {
            throw new CaseFailedException($"{outputs.Length} outputs, expected {expected.Length}");
        }
        JsonElement[] dtypes = [.. test.Get("out_dtypes").Items()];
        for (int i = 0; i < outputs.Length; i++)
        {
            Comparison.Close($"y[{i}]", outputs[i].Array, file.Array(expected[i].GetString()!), rtol, atol);
            if (i < dtypes.Length)
            {
                Comparison.DType($"y[{i}]", outputs[i].Array, dtypes[i].GetString()!);
            }
        }
    }

    /// <summary>Runs backward from the outputs and compares the gradients of the inputs.</summary>
    public static void CheckGradients(
        Variable[] outputs, NDArray?[] gys, Dictionary<string, Variable> inputs, JsonElement? grads, CaseFile file, double rtol, double atol)
    {
        Backward(outputs, gys);
        foreach (JsonProperty expected in grads.Members())
        {
            Comparison.CloseOrNone(
                $"gradient of {expected.Name}", Input(inputs, expected.Name).Grad, file.ArrayOrNull(expected.Value), zerosAreNone: false, rtol, atol);
        }
    }

    /// <summary>A single output backs up by itself, several through the node that joins them.</summary>
    public static void Backward(Variable[] outputs, NDArray?[] gys)
    {
        (Variable Output, NDArray Gy)[] pairs = [.. outputs.Zip(gys).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!))];
        if (pairs.Length == 0)
        {
            return;
        }
        Variable[] joined = pairs.Length == 1 ? [pairs[0].Output] : F.Identity([.. pairs.Select(pair => pair.Output)]);
        for (int i = 0; i < pairs.Length; i++)
        {
            joined[i].Grad = pairs[i].Gy;
        }
        joined[0].Backward();
    }

    /// <summary>Calls, and wants a clear exception that leaves every argument as it was.</summary>
    public static void ExpectRefusal(string kind, Func<object?> call, Values values)
    {
        try
        {
            call();
        }
        catch (Exception e) when (e is not (CaseFailedException or MissingNameException))
        {
            bool clear = kind switch
            {
                "InvalidType" => e is InvalidTypeException,
                "ValueError" => e is ArgumentException or InvalidTypeException or InvalidOperationException,
                _ => e is ArgumentException or NativeChainException or InvalidOperationException or NotSupportedException,
            };
            if (!clear)
            {
                throw new CaseFailedException($"refused by {e.GetType().Name} ({e.Message}), expected {kind}", e);
            }
            foreach ((string name, NDArray array, NDArray before) in values.Given)
            {
                Comparison.Close($"{name} after the refusal", array, before, 0, 0);
            }
            return;
        }
        throw new CaseFailedException($"not refused, expected {kind}");
    }

    /// <summary>A return value as variables: one, several, nested, tuples.</summary>
    public static Variable[] Flatten(object? value) => value switch
    {
        null => [],
        Variable variable => [variable],
        NDArray array => [array],
        ITuple tuple => [.. Enumerable.Range(0, tuple.Length).SelectMany(i => Flatten(tuple[i]))],
        IEnumerable items => [.. items.Cast<object?>().SelectMany(Flatten)],
        _ => throw new CaseFailedException($"the call returned a {value.GetType().Name}"),
    };

    private static Func<object?> Prepare(string function, Dictionary<string, object?> arguments)
    {
        if (function.StartsWith("operator.", StringComparison.Ordinal))
        {
            string name = function["operator.".Length..];
            return () => Operators.Apply(name, arguments["a"]!, arguments.GetValueOrDefault("b"));
        }
        var overloads = Names.Function(function);
        return () => Binder.Call(overloads, null, arguments);
    }

    private static Variable Input(Dictionary<string, Variable> inputs, string name) =>
        inputs.TryGetValue(name, out Variable? input) ? input : throw new CaseFailedException($"no argument {name}");

    // d(sum of gg * gx) by every input and every gy.
    private static void CheckDouble(
        Variable[] outputs, NDArray?[] gys, Dictionary<string, Variable> inputs, JsonElement twice, CaseFile file, double rtol, double atol)
    {
        JsonProperty[] ggs = [.. twice.Get("gg").Members()];
        Variable[] sources = [.. ggs.Select(gg => Input(inputs, gg.Name))];
        Variable?[] gyVariables = [.. gys.Select(gy => gy is null ? null : new Variable(gy))];
        int[] used = [.. Enumerable.Range(0, outputs.Length).Where(i => gyVariables[i] is not null)];
        Variable?[] gxs = Autograd.Grad(
            [.. used.Select(i => outputs[i])], sources, [.. used.Select(i => gyVariables[i])], enableDoubleBackprop: true);

        JsonProperty[] expectations = [.. twice.Get("expected").Members()];
        Variable[] targets = [.. expectations.Select(e => e.Name.StartsWith("gy[", StringComparison.Ordinal) && !inputs.ContainsKey(e.Name)
            ? gyVariables[int.Parse(e.Name.AsSpan(3, e.Name.Length - 4))]! : Input(inputs, e.Name))];
        int[] present = [.. Enumerable.Range(0, gxs.Length).Where(i => gxs[i] is not null)];
        Variable?[] actual = present.Length == 0 ? new Variable?[targets.Length] : Autograd.Grad(
            [.. present.Select(i => gxs[i]!)], targets, [.. present.Select(i => (Variable?)file.Array(ggs[i].Value.GetString()!))]);
        for (int i = 0; i < expectations.Length; i++)
        {
            Comparison.CloseOrNone(
                $"double gradient of {expectations[i].Name}", actual[i]?.Array, file.ArrayOrNull(expectations[i].Value), zerosAreNone: true, rtol, atol);
        }
    }
}
