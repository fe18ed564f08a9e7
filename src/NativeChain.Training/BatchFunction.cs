namespace NativeChain.Training;

/// <summary>A link, or a function, of minibatches: arrays with names go to it by their names, others by their order.</summary>
/// <param name="target">The link that is called unless there is a function.</param>
/// <param name="device">Where minibatches are moved; null leaves them where they are.</param>
/// <param name="converter">What makes of a minibatch the arguments, in order; null takes its arrays.</param>
/// <param name="function">What is called with the arguments in order; null for the link.</param>
/// <param name="namedFunction">What is called with the arguments by name, if they have names; null for the link.</param>
internal sealed class BatchFunction(
    Func<Link> target,
    Device? device,
    Func<Batch, Variable[]>? converter,
    Func<Variable[], Variable>? function,
    Func<IReadOnlyDictionary<string, Variable>, Variable>? namedFunction)
{
    public Variable Call(Batch batch)
    {
        Batch here = device is { } there ? batch.To(there) : batch;
        if (converter is null && here.Names is not null)
        {
            if (namedFunction is not null)
            {
                return namedFunction(here.ToNamedVariables().ToDictionary(arg => arg.Name, arg => arg.Value, StringComparer.Ordinal));
            }
            if (function is null)
            {
                return target().Call(here.ToNamedVariables());
            }
        }
        Variable[] args = converter?.Invoke(here) ?? here.ToVariables();
        return function is null ? target().Call(args) : function(args);
    }
}
