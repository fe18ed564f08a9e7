namespace NativeChain;

/// <summary>When an optimizer hook runs.</summary>
public enum HookTiming
{
    /// <summary>Before the update, on the gradients.</summary>
    Pre,

    /// <summary>After the update.</summary>
    Post,
}

/// <summary>Runs at each update, of an optimizer or of one parameter.</summary>
public abstract class OptimizerHook
{
    /// <summary>Name under which it is added.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>When it runs.</summary>
    /// <value><see cref="HookTiming.Pre"/></value>
    public virtual HookTiming Timing => HookTiming.Pre;

    /// <summary>Runs for an optimizer: by default, for each of its parameters that has an array.</summary>
    /// <param name="optimizer">The optimizer; none of its parameters lacks a gradient.</param>
    public virtual void Call(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        foreach (Parameter param in optimizer.Target.Params(includeUninitialized: false))
        {
            Call(param.UpdateRule, param);
        }
    }

    /// <summary>Runs for one parameter.</summary>
    /// <param name="rule">The parameter's update rule.</param>
    /// <param name="param">The parameter; it has an array.</param>
    /// <exception cref="NotSupportedException">The hook needs all parameters at once.</exception>
    public virtual void Call(UpdateRule? rule, Parameter param) =>
        throw new NotSupportedException($"{Name} cannot be added to one parameter's update rule");
}

/// <summary>Hooks by name, in the order in which they were added.</summary>
internal sealed class OptimizerHooks
{
    private OrderedDictionary<string, Entry>? _hooks;

    public bool IsEmpty => _hooks is not { Count: > 0 };

    public void Add(OptimizerHook hook, string? name, HookTiming? timing)
    {
        ArgumentNullException.ThrowIfNull(hook);
        name ??= hook.Name;
        _hooks ??= new(StringComparer.Ordinal);
        if (!_hooks.TryAdd(name, new Entry(hook, timing ?? hook.Timing)))
        {
            throw new ArgumentException($"there is a hook named {name} already", nameof(name));
        }
    }

    public void Remove(string name)
    {
        if (_hooks is null || !_hooks.Remove(name))
        {
            throw new ArgumentException($"there is no hook named {name}", nameof(name));
        }
    }

    public IEnumerable<OptimizerHook> At(HookTiming timing) =>
        _hooks is null ? [] : At(_hooks, timing);

    private static IEnumerable<OptimizerHook> At(OrderedDictionary<string, Entry> hooks, HookTiming timing) =>
        hooks.Values.Where(entry => entry.Timing == timing).Select(entry => entry.Hook);

    private sealed record Entry(OptimizerHook Hook, HookTiming Timing);
}
