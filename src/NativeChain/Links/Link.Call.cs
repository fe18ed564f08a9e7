using System.Runtime.CompilerServices;

namespace NativeChain;

public abstract partial class Link
{
    /// <summary>The link's computation on one input. Call it by <see cref="Call(Variable)"/>, which runs hooks too.</summary>
    /// <param name="x">Input.</param>
    /// <returns>Output.</returns>
    /// <exception cref="NotSupportedException">The link takes something else.</exception>
    public virtual Variable Forward(Variable x) =>
        throw new NotSupportedException($"{GetType().Name} does not say what it does with one input: override Forward(Variable)");

    /// <summary>The link's computation on any number of inputs; one goes to <see cref="Forward(Variable)"/> unless overridden.</summary>
    /// <param name="args">Inputs.</param>
    /// <returns>Output.</returns>
    /// <exception cref="NotSupportedException">The link takes another number of inputs.</exception>
    public virtual Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return args.Length == 1
            ? Forward(args[0])
            : throw new NotSupportedException(
                $"{GetType().Name} does not say what it does with {args.Length} inputs: override Forward(params Variable[])");
    }

    /// <summary>The link's computation on inputs that have names, such as those of a <see cref="DictDataset"/>.</summary>
    /// <remarks>Unless overridden the names are dropped: the inputs go, in their order, to <see cref="Forward(Variable[])"/>.</remarks>
    /// <param name="args">Inputs with their names.</param>
    /// <returns>Output.</returns>
    /// <exception cref="NotSupportedException">The link takes another number of inputs.</exception>
    [OverloadResolutionPriority(-1)]
    public virtual Variable Forward(params (string Name, Variable Value)[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return Forward(Array.ConvertAll(args, arg => arg.Value));
    }

    /// <summary>Runs the link: hooks, <see cref="Forward(Variable)"/>, hooks.</summary>
    /// <param name="x">Input.</param>
    /// <returns>Output.</returns>
    public Variable Call(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        NameChildren();
        return HasHooks ? Hooked(() => Forward(x), x) : Forward(x);
    }

    /// <summary>Runs the link: hooks, <see cref="Forward(Variable[])"/>, hooks.</summary>
    /// <param name="args">Inputs.</param>
    /// <returns>Output.</returns>
    public Variable Call(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        NameChildren();
        return HasHooks ? Hooked(() => Forward(args), [.. args]) : Forward(args);
    }

    /// <summary>Runs the link: hooks, <see cref="Forward(ValueTuple{string, Variable}[])"/>, hooks.</summary>
    /// <param name="args">Inputs with their names.</param>
    /// <returns>Output.</returns>
    [OverloadResolutionPriority(-1)]
    public Variable Call(params (string Name, Variable Value)[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        NameChildren();
        return HasHooks ? Hooked(() => Forward(args), [.. args.Select(arg => (object?)arg.Value)]) : Forward(args);
    }

    private protected bool HasHooks => _hooks is not null || LinkHook.Active is not null;

    /// <summary>Runs a forward of any signature between the hooks: what a link's own `Call` with other parameters does.</summary>
    /// <typeparam name="T">Type of the output.</typeparam>
    /// <param name="forward">The computation.</param>
    /// <param name="args">Its arguments, as hooks are shown them.</param>
    /// <returns>What <paramref name="forward"/> returned.</returns>
    protected T Hooked<T>(Func<T> forward, params object?[] args)
    {
        ArgumentNullException.ThrowIfNull(forward);
        LinkHook[] hooks = [.. LinkHook.Active ?? [], .. _hooks?.Values ?? Enumerable.Empty<LinkHook>()];
        LinkHookArgs before = new(this, args, Output: null);
        foreach (LinkHook hook in hooks)
        {
            hook.ForwardPreprocess(before);
        }
        T output = forward();
        LinkHookArgs after = before with { Output = output };
        foreach (LinkHook hook in hooks)
        {
            hook.ForwardPostprocess(after);
        }
        return output;
    }

    /// <summary>Gives parameters and children their names at the first call, for messages and hooks.</summary>
    private void NameChildren()
    {
        if (!_named)
        {
            _named = true;
            foreach (Parameter _ in Params())
            {
            }
        }
    }
}
