namespace NativeChain;

/// <summary>What a link hook is told of one call of a link.</summary>
/// <param name="Link">The link that is called.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Output">What it returned; null before it ran.</param>
public sealed record LinkHookArgs(Link Link, IReadOnlyList<object?> Args, object? Output);

/// <summary>Runs before and after the calls of links: of one link, by <see cref="Link.AddHook"/>, or of all, by <see cref="Activate"/>.</summary>
public abstract class LinkHook
{
    private static readonly AsyncLocal<LinkHook[]?> s_active = new();

    /// <summary>Name under which it is registered.</summary>
    public virtual string Name => GetType().Name;

    internal static LinkHook[]? Active => s_active.Value;

    /// <summary>Called when it is registered.</summary>
    /// <param name="link">The link it is added to; null if it was activated for all.</param>
    public virtual void Added(Link? link)
    {
    }

    /// <summary>Called when it is removed.</summary>
    /// <param name="link">The link it is removed from; null if it was active for all.</param>
    public virtual void Deleted(Link? link)
    {
    }

    /// <summary>Called before a link's forward.</summary>
    /// <param name="args">Link and arguments.</param>
    public virtual void ForwardPreprocess(LinkHookArgs args)
    {
    }

    /// <summary>Called after a link's forward.</summary>
    /// <param name="args">Link, arguments and output.</param>
    public virtual void ForwardPostprocess(LinkHookArgs args)
    {
    }

    /// <summary>Has it called for every link, in this flow of execution, until what is returned is disposed.</summary>
    /// <exception cref="InvalidOperationException">A hook of that name is active already.</exception>
    public IDisposable Activate()
    {
        LinkHook[] previous = s_active.Value ?? [];
        if (previous.Any(hook => hook.Name == Name))
        {
            throw new InvalidOperationException($"a link hook named {Name} is active already");
        }
        s_active.Value = [.. previous, this];
        Added(null);
        return new Activation(this, previous);
    }

    private sealed class Activation(LinkHook hook, LinkHook[] previous) : IDisposable
    {
        private bool _disposed;

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                s_active.Value = previous.Length == 0 ? null : previous;
                hook.Deleted(null);
            }
        }
    }
}
