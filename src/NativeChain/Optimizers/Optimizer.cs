namespace NativeChain;

/// <summary>Changes the parameters of a link so that a loss falls.</summary>
public abstract class Optimizer : ISerializable
{
    private readonly OptimizerHooks _hooks = new();
    private Link? _target;

    /// <summary>The link whose parameters it updates.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Setup"/> has not been called.</exception>
    public Link Target =>
        _target ?? throw new InvalidOperationException($"{GetType().Name} has no target: call Setup(link) first");

    /// <summary>Number of updates so far.</summary>
    public long T { get; protected set; }

    /// <summary>Number of epochs so far: calls of <see cref="NewEpoch"/>.</summary>
    public long Epoch { get; protected set; }

    /// <summary>Whether the updater counts epochs, and nobody else.</summary>
    /// <value>false</value>
    public bool UseAutoNewEpoch { get; set; }

    /// <summary>Takes a link as the target and starts counting anew.</summary>
    /// <param name="link">The link.</param>
    /// <returns>This optimizer.</returns>
    public virtual Optimizer Setup(Link link)
    {
        ArgumentNullException.ThrowIfNull(link);
        _target = link;
        T = 0;
        Epoch = 0;
        return this;
    }

    /// <summary>Updates the parameters by the gradients that they hold.</summary>
    public abstract void Update();

    /// <summary>Computes a loss, clears the gradients, runs backward from the loss and updates the parameters.</summary>
    /// <param name="lossFun">The loss, of size 1.</param>
    public abstract void Update(Func<Variable> lossFun);

    /// <summary><see cref="Update(Func{Variable})"/> with a link as the loss: of its arguments, by its <see cref="Link.Call(Variable[])"/>.</summary>
    /// <param name="lossFun">The link, such as a <see cref="Links.Classifier"/>.</param>
    /// <param name="args">Its arguments.</param>
    public void Update(Link lossFun, params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(lossFun);
        Update(() => lossFun.Call(args));
    }

    /// <summary><see cref="Update(Func{Variable})"/> with a loss of one argument.</summary>
    /// <typeparam name="T1">Type of the argument.</typeparam>
    /// <param name="lossFun">The loss.</param>
    /// <param name="arg">Its argument.</param>
    public void Update<T1>(Func<T1, Variable> lossFun, T1 arg)
    {
        ArgumentNullException.ThrowIfNull(lossFun);
        Update(() => lossFun(arg));
    }

    /// <summary><see cref="Update(Func{Variable})"/> with a loss of two arguments.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second.</typeparam>
    /// <param name="lossFun">The loss.</param>
    /// <param name="arg1">Its first argument.</param>
    /// <param name="arg2">Its second.</param>
    public void Update<T1, T2>(Func<T1, T2, Variable> lossFun, T1 arg1, T2 arg2)
    {
        ArgumentNullException.ThrowIfNull(lossFun);
        Update(() => lossFun(arg1, arg2));
    }

    /// <summary><see cref="Update(Func{Variable})"/> with a loss of three arguments.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second.</typeparam>
    /// <typeparam name="T3">Type of the third.</typeparam>
    /// <param name="lossFun">The loss.</param>
    /// <param name="arg1">Its first argument.</param>
    /// <param name="arg2">Its second.</param>
    /// <param name="arg3">Its third.</param>
    public void Update<T1, T2, T3>(Func<T1, T2, T3, Variable> lossFun, T1 arg1, T2 arg2, T3 arg3)
    {
        ArgumentNullException.ThrowIfNull(lossFun);
        Update(() => lossFun(arg1, arg2, arg3));
    }

    /// <summary>Counts an epoch.</summary>
    /// <param name="auto">Whether the updater calls it.</param>
    /// <exception cref="InvalidOperationException">It is called by another than <see cref="UseAutoNewEpoch"/> says.</exception>
    public void NewEpoch(bool auto = false)
    {
        if (auto != UseAutoNewEpoch)
        {
            throw new InvalidOperationException(auto
                ? "NewEpoch(auto: true) without UseAutoNewEpoch: the updater must set it"
                : "the updater counts epochs already: create it with autoNewEpoch: false, or do not call NewEpoch");
        }
        Epoch++;
    }

    /// <summary>Adds a hook that runs at each update, after those added before.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="name">Name of the hook; null for its own.</param>
    /// <param name="timing">When it runs; null for its own.</param>
    /// <exception cref="ArgumentException">There is a hook of that name.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Setup"/> has not been called.</exception>
    public void AddHook(OptimizerHook hook, string? name = null, HookTiming? timing = null)
    {
        _ = Target;
        _hooks.Add(hook, name, timing);
    }

    /// <summary>Removes a hook.</summary>
    /// <param name="name">Name of the hook.</param>
    /// <exception cref="ArgumentException">There is no hook of that name.</exception>
    public void RemoveHook(string name) => _hooks.Remove(name);

    /// <summary>Saves or loads the counts, and the state of each parameter under its path.</summary>
    /// <param name="serializer">The serializer.</param>
    public virtual void Serialize(Serializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        T = serializer.Serialize("t", T);
        Epoch = serializer.Serialize("epoch", Epoch);
        foreach ((string path, Parameter param) in Target.NamedParams())
        {
            param.UpdateRule?.Serialize(serializer[path], param);
        }
    }

    /// <summary>Runs the hooks of a timing, in the order in which they were added.</summary>
    /// <param name="timing">Which hooks.</param>
    protected void CallHooks(HookTiming timing)
    {
        if (!_hooks.IsEmpty)
        {
            foreach (OptimizerHook hook in _hooks.At(timing))
            {
                CallHook(hook);
            }
        }
    }

    /// <summary>Runs one hook.</summary>
    /// <param name="hook">The hook.</param>
    protected virtual void CallHook(OptimizerHook hook) => hook.Call(this);
}
