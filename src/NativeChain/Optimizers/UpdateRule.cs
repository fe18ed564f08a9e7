namespace NativeChain;

/// <summary>How one parameter is updated: hyperparameters, state, hooks.</summary>
public abstract class UpdateRule
{
    private readonly OptimizerHooks _hooks = new();
    private readonly string[] _stateNames;
    private NDArray[]? _state;

    /// <summary>Creates a rule.</summary>
    /// <param name="parentHyperparam">Where its hyperparameters fall back to: the optimizer's.</param>
    /// <param name="stateNames">Names of the arrays that it keeps beside the parameter, each of its shape and dtype.</param>
    protected UpdateRule(Hyperparameter? parentHyperparam, params string[] stateNames)
    {
        Hyperparam = new Hyperparameter(parentHyperparam);
        _stateNames = stateNames;
    }

    /// <summary>Whether the optimizer updates the parameter.</summary>
    /// <value>true</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Hyperparameters of this parameter alone; what it lacks is the optimizer's.</summary>
    public Hyperparameter Hyperparam { get; }

    /// <summary>Number of updates so far.</summary>
    public long T { get; internal set; }

    /// <summary>The arrays that it keeps, by name.</summary>
    /// <value>null: there has been no update yet.</value>
    public IReadOnlyDictionary<string, NDArray>? State =>
        _state is { } state ? _stateNames.Select((name, i) => (name, state[i])).ToDictionary(e => e.name, e => e.Item2) : null;

    internal ReadOnlySpan<NDArray> StateArrays => _state;

    internal bool HasHooks => !_hooks.IsEmpty;

    /// <summary>Adds a hook that runs at each update of the parameter, after the optimizer's.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="name">Name of the hook; null for its own.</param>
    /// <param name="timing">When it runs; null for its own.</param>
    /// <exception cref="ArgumentException">There is a hook of that name.</exception>
    public void AddHook(OptimizerHook hook, string? name = null, HookTiming? timing = null) => _hooks.Add(hook, name, timing);

    /// <summary>Removes a hook.</summary>
    /// <param name="name">Name of the hook.</param>
    /// <exception cref="ArgumentException">There is no hook of that name.</exception>
    public void RemoveHook(string name) => _hooks.Remove(name);

    /// <summary>Updates the parameter by its gradient, if the rule is enabled and the parameter has one.</summary>
    /// <param name="param">The parameter.</param>
    public void Update(Parameter param)
    {
        ArgumentNullException.ThrowIfNull(param);
        if (Begin(param) && param.Grad is not null)
        {
            UpdateCore(param);
        }
        End(param);
    }

    /// <summary>Counts the update, sees to the state and runs the hooks before it; false if there is nothing to update.</summary>
    internal bool Begin(Parameter param)
    {
        if (!Enabled)
        {
            return false;
        }
        T++;
        if (!param.IsInitialized)
        {
            return false;
        }
        PrepareState(param.Array);
        if (param.Node.LossScale is double scale && param.Grad is { } scaled)
        {
            param.Grad = scaled / scale;
            param.Node.LossScale = null;
        }
        CallHooks(HookTiming.Pre, param);
        return true;
    }

    /// <summary>Runs the hooks after the update.</summary>
    internal void End(Parameter param)
    {
        if (Enabled && param.IsInitialized)
        {
            CallHooks(HookTiming.Post, param);
        }
    }

    internal void Serialize(Serializer serializer, Parameter param)
    {
        T = serializer.Serialize("t", T);
        if (_stateNames.Length == 0)
        {
            return;
        }
        if (_state is null && serializer.IsWriter)
        {
            return;
        }
        NDArray?[] loaded = new NDArray?[_stateNames.Length];
        for (int i = 0; i < loaded.Length; i++)
        {
            // A disabled rule may never have had a state.
            if (Enabled || _state is not null || serializer.Contains(_stateNames[i]))
            {
                loaded[i] = serializer.Serialize(_stateNames[i], _state?[i]);
            }
            if (loaded[i] is { } array && param.IsInitialized && array.Shape != param.Shape)
            {
                throw new InvalidDataException(
                    $"{_stateNames[i]} of parameter {param.Name} has shape {array.Shape}, the parameter {param.Shape}");
            }
        }
        if (Array.TrueForAll(loaded, array => array is not null))
        {
            _state = loaded!;
        }
    }

    /// <summary>Value that an array of the state starts with.</summary>
    /// <param name="name">Name of the array.</param>
    /// <param name="array">The parameter's array.</param>
    /// <returns>An array of the parameter's shape, dtype and device: zeros by default.</returns>
    protected virtual NDArray InitState(string name, NDArray array) => NDArray.ZerosLike(array);

    /// <summary>Updates the parameter's array, in place, by its gradient.</summary>
    /// <param name="param">The parameter; it has an array and a gradient.</param>
    protected internal abstract void UpdateCore(Parameter param);

    private void PrepareState(NDArray array)
    {
        if (_stateNames.Length == 0)
        {
            return;
        }
        _state ??= InitStates(array);
        for (int i = 0; i < _state.Length; i++)
        {
            if (_state[i].Device != array.Device)
            {
                _state[i] = _state[i].To(array.Device);
            }
        }
    }

    private NDArray[] InitStates(NDArray array) => Array.ConvertAll(_stateNames, name => InitState(name, array));

    private void CallHooks(HookTiming timing, Parameter param)
    {
        if (!_hooks.IsEmpty)
        {
            foreach (OptimizerHook hook in _hooks.At(timing))
            {
                hook.Call(this, param);
            }
        }
    }
}
