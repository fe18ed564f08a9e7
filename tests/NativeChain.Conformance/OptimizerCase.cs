using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>Updates with given gradients, step by step.</summary>
internal static class OptimizerCase
{
    public static void Run(JsonElement test, CaseFile file)
    {
        Values values = new(file);
        Optimizer optimizer = Build(test, values);
        Parameters link = new();
        foreach (JsonProperty entry in test.GetProperty("params").EnumerateObject())
        {
            link.AddParam(entry.Name[1..], file.Array(entry.Value.GetString()!));
        }
        optimizer.Setup(link);
        AddHooks(optimizer, test, values);
        if (test.Get("hyperparam") is { } defaults)
        {
            CheckDefaults(optimizer, defaults);
        }
        foreach (JsonProperty rule in test.Get("update_rules").Members())
        {
            Configure(LinkCase.Parameter(link, rule.Name).UpdateRule!, rule.Value, values);
        }
        (double rtol, double atol) = test.Tolerance();
        JsonElement[] settings = [.. test.Get("set").Items()];
        Steps(optimizer, link, test, settings, file, values, rtol, atol);
        if (test.Get("state_after") is { } state)
        {
            CheckState(optimizer, state, file, rtol, atol);
        }
    }

    public static Optimizer Build(JsonElement test, Values values) =>
        (Optimizer)Binder.New(Names.Optimizer(test.Text("optimizer")), values.Members(test.Get("ctor")));

    public static void AddHooks(Optimizer optimizer, JsonElement test, Values values)
    {
        foreach (JsonElement hook in test.Get("hooks").Items())
        {
            optimizer.AddHook(Hook(hook, values));
        }
    }

    /// <summary>Sets the gradients of each step, updates, compares.</summary>
    public static void Steps(
        Optimizer optimizer, Link link, JsonElement test, JsonElement[] settings, CaseFile file, Values values, double rtol, double atol)
    {
        JsonElement[] grads = [.. test.Get("grads").Items()], expected = [.. test.Get("expected").Items()];
        for (int k = 0; k < grads.Length; k++)
        {
            if (k < settings.Length)
            {
                foreach ((string attribute, object? value) in values.Members(settings[k]))
                {
                    Binder.Set(optimizer, attribute, value);
                }
            }
            foreach (JsonProperty entry in grads[k].EnumerateObject())
            {
                LinkCase.Parameter(link, entry.Name).Grad = file.ArrayOrNull(entry.Value);
            }
            optimizer.Update();
            try
            {
                LinkCase.CheckParams(link, expected[k], file, rtol, atol);
            }
            catch (CaseFailedException e)
            {
                throw new CaseFailedException($"step {k}: {e.Message}", e);
            }
        }
    }

    private static OptimizerHook Hook(JsonElement hook, Values values) =>
        (OptimizerHook)Binder.New(Names.OptimizerHook(hook.Text("hook")), values.Members(hook.Get("ctor")));

    private static void CheckDefaults(Optimizer optimizer, JsonElement defaults)
    {
        foreach (JsonProperty entry in defaults.EnumerateObject())
        {
            object? actual = Names.Property(optimizer, entry.Name).GetValue(optimizer);
            bool same = entry.Value.ValueKind switch
            {
                JsonValueKind.Number => actual is not null and not bool && Convert.ToDouble(actual) == entry.Value.GetDouble(),
                JsonValueKind.Null => actual is null,
                _ => actual is bool truth && truth == entry.Value.GetBoolean(),
            };
            if (!same)
            {
                throw new CaseFailedException($"{entry.Name} is {actual} by default, expected {entry.Value}");
            }
        }
    }

    private static void Configure(UpdateRule rule, JsonElement settings, Values values)
    {
        foreach ((string name, object? value) in values.Members(settings.Get("hyperparam")))
        {
            rule.Hyperparam[name] = Convert.ToDouble(value);
        }
        if (settings.Get("enabled") is { } enabled)
        {
            rule.Enabled = enabled.GetBoolean();
        }
        foreach (JsonElement hook in settings.Get("hooks").Items())
        {
            rule.AddHook(Hook(hook, values));
        }
    }

    // The state as a snapshot spells it.
    private static void CheckState(Optimizer optimizer, JsonElement expected, CaseFile file, double rtol, double atol)
    {
        string path = Path.Combine(Path.GetTempPath(), $"conformance-{Guid.NewGuid():N}.npz");
        try
        {
            Serializers.SaveNpz(path, optimizer);
            using NpzFile state = NpzFile.Open(path);
            string actual = string.Join(" ", state.Keys.Order(StringComparer.Ordinal));
            string wanted = string.Join(" ", expected.EnumerateObject().Select(entry => entry.Name).Order(StringComparer.Ordinal));
            if (actual != wanted)
            {
                throw new CaseFailedException($"the state holds {actual}, expected {wanted}");
            }
            foreach (JsonProperty entry in expected.EnumerateObject())
            {
                Comparison.Close(entry.Name, state[entry.Name], file.Array(entry.Value.GetString()!), rtol, atol);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Parameters : Link
    {
        public void AddParam(string name, NDArray value) => AddParam(name, value.Shape, value);
    }
}
