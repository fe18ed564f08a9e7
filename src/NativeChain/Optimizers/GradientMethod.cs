namespace NativeChain;

/// <summary>An optimizer that updates each parameter by its gradient.</summary>
public abstract class GradientMethod : Optimizer
{
    private readonly HashSet<Parameter> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly List<Parameter> _updated = [];
    private readonly UpdateBatches _batches = new();

    /// <summary>Hyperparameters of all parameters whose update rules do not say otherwise.</summary>
    public Hyperparameter Hyperparam { get; } = new();

    /// <inheritdoc/>
    public override GradientMethod Setup(Link link)
    {
        base.Setup(link);
        foreach (Parameter param in link.Params())
        {
            param.UpdateRule = CreateUpdateRule();
        }
        return this;
    }

    /// <summary>
    /// Updates the parameters by the gradients that they hold, in one pass for all whose rules run the same program. A parameter
    /// without gradient counts as one with a gradient of zeros; one that is reached by two paths is updated once.
    /// </summary>
    public override void Update()
    {
        AddMissingGrads();
        CallHooks(HookTiming.Pre);
        T++;
        try
        {
            UpdateParams();
        }
        catch
        {
            TakeBack();
            throw;
        }
        finally
        {
            _seen.Clear();
            _updated.Clear();
            _batches.Clear();
        }
        CallHooks(HookTiming.Post);
    }

    /// <inheritdoc/>
    public override void Update(Func<Variable> lossFun)
    {
        ArgumentNullException.ThrowIfNull(lossFun);
        Link target = Target;
        Variable loss = lossFun() ?? throw new ArgumentException($"{GetType().Name}.Update: the loss function returned null", nameof(lossFun));
        target.ClearGrads();
        loss.Backward();
        Update();
    }

    /// <summary>A new update rule for one parameter.</summary>
    protected abstract UpdateRule CreateUpdateRule();

    /// <inheritdoc/>
    protected override void CallHook(OptimizerHook hook)
    {
        base.CallHook(hook);
        AddMissingGrads();
    }

    private void AddMissingGrads()
    {
        foreach (Parameter param in Target.Params(includeUninitialized: false))
        {
            if (param.RawGrad is null)
            {
                param.Grad = NDArray.ZerosLike(param.Array);
            }
        }
    }

    private void TakeBack()
    {
        T--;
        foreach (UpdateRule rule in _updated.Select(param => param.UpdateRule!).Where(rule => rule.Enabled))
        {
            rule.T--;
        }
    }

    private void UpdateParams()
    {
        foreach (Parameter param in Target.Params())
        {
            if (param.UpdateRule is not { } rule || !_seen.Add(param))
            {
                continue;
            }
            _updated.Add(param);
            if (!rule.Begin(param) || param.RawGrad is not { } grad)
            {
                continue;
            }
            if (rule is ElementwiseUpdateRule elementwise)
            {
                _batches.Add(elementwise, param.RawArray!, grad);
            }
            else
            {
                rule.UpdateCore(param);
            }
        }
        _batches.Run();
        foreach (Parameter param in _updated)
        {
            param.UpdateRule!.End(param);
        }
    }
}
