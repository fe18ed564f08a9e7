namespace NativeChain.Optimizers;

/// <summary>An optimizer hook that changes each element of the gradients by itself: all of them in one pass, before the update.</summary>
public abstract class ElementwiseHook : OptimizerHook
{
    /// <summary>From the parameter, its gradient and the scalars, in this order, to the new gradient.</summary>
    protected abstract Elementwise Step { get; }

    /// <summary>The numbers that are the same for all elements, as many as the step takes.</summary>
    protected abstract double[] Scalars { get; }

    /// <inheritdoc/>
    public override void Call(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        GradientPass.Run(Step, optimizer.Target.Params(includeUninitialized: false), Scalars);
    }

    /// <inheritdoc/>
    public override void Call(UpdateRule? rule, Parameter param)
    {
        ArgumentNullException.ThrowIfNull(param);
        GradientPass.Run(Step, [param], Scalars);
    }
}
