namespace NativeChain.Training.Extensions;

/// <summary>A hyperparameter of an optimizer, found when the training starts.</summary>
/// <param name="attr">Its name, as Chainer's `weight_decay_rate` or as the property's `WeightDecayRate`; null for the step size.</param>
/// <param name="optimizer">The optimizer; null for the updater's `main`.</param>
internal sealed class OptimizerAttribute(string? attr, Optimizer? optimizer)
{
    private Hyperparameter? _hyperparam;
    private string _name = "";

    /// <summary>The value at present.</summary>
    public double Value
    {
        get => _hyperparam![_name];
        set => _hyperparam![_name] = value;
    }

    /// <summary>`lr`, else `alpha`: what the optimizer calls its step size; null if it has neither.</summary>
    public static (Hyperparameter Hyperparam, string Name)? FindStepSize(Optimizer optimizer)
    {
        if (optimizer is not GradientMethod { Hyperparam: { } hyperparam })
        {
            return null;
        }
        Dictionary<string, double> all = hyperparam.ToDictionary();
        return all.ContainsKey("lr") ? (hyperparam, "lr") : all.ContainsKey("alpha") ? (hyperparam, "alpha") : null;
    }

    /// <summary>Finds the hyperparameter.</summary>
    /// <returns>Whether this was the first call.</returns>
    /// <exception cref="InvalidOperationException">The optimizer does not have it.</exception>
    public bool Bind(string extension, Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_hyperparam is not null)
        {
            return false;
        }
        Optimizer target = optimizer ?? trainer.Updater.Optimizers["main"];
        (Hyperparameter Hyperparam, string Name)? found = attr is null ? FindStepSize(target) : Find(target, attr);
        (_hyperparam, _name) = found ?? throw new InvalidOperationException(
            $"{extension}: {target.GetType().Name} has no {attr ?? "lr and no alpha"}; it has {Describe(target)}");
        return true;
    }

    private static (Hyperparameter Hyperparam, string Name)? Find(Optimizer optimizer, string attr)
    {
        if (optimizer is not GradientMethod { Hyperparam: { } hyperparam })
        {
            return null;
        }
        string? name = hyperparam.ToDictionary().Keys.FirstOrDefault(
            name => string.Equals(name.Replace("_", "", StringComparison.Ordinal), attr.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        return name is null ? null : (hyperparam, name);
    }

    private static string Describe(Optimizer optimizer) =>
        optimizer is GradientMethod method ? method.Hyperparam.ToString() : "no hyperparameters";
}
