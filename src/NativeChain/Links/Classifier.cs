namespace NativeChain.Links;

/// <summary>Which of a classifier's arguments is the label: an index, negative from the end, or a name.</summary>
public readonly struct LabelKey
{
    private LabelKey(int index, string? name)
    {
        Index = index;
        Name = name;
    }

    /// <summary>Index of the label among the arguments, if <see cref="Name"/> is null.</summary>
    public int Index { get; }

    /// <summary>Name of the label among named arguments.</summary>
    /// <value>null: the label goes by its index.</value>
    public string? Name { get; }

    /// <summary>The label of an index.</summary>
    /// <param name="index">Index among the arguments; -1 is the last.</param>
    public static implicit operator LabelKey(int index) => new(index, null);

    /// <summary>The label of a name.</summary>
    /// <param name="name">Name among named arguments.</param>
    public static implicit operator LabelKey(string name) => new(0, name ?? throw new ArgumentNullException(nameof(name)));
}

/// <summary>A predictor with a loss and an accuracy: what a classification is trained by.</summary>
/// <remarks>Reports `loss` and, with <see cref="ComputeAccuracy"/>, `accuracy` to the current <see cref="Reporter"/>.</remarks>
public class Classifier : Chain
{
    private readonly Func<Variable, Variable, Variable> _lossfun;
    private readonly Func<Variable, Variable, Variable> _accfun;

    /// <summary>Creates the classifier.</summary>
    /// <param name="predictor">The link that predicts: child `predictor`.</param>
    /// <param name="lossfun">Loss of prediction and label; null for softmax cross entropy.</param>
    /// <param name="accfun">Accuracy of prediction and label; null for <see cref="F"/>'s.</param>
    /// <param name="labelKey">Which argument is the label; null for the last.</param>
    public Classifier(
        Link predictor,
        Func<Variable, Variable, Variable>? lossfun = null,
        Func<Variable, Variable, Variable>? accfun = null,
        LabelKey? labelKey = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        Predictor = predictor;
        _lossfun = lossfun ?? (static (Variable y, Variable t) => F.SoftmaxCrossEntropy(y, t));
        _accfun = accfun ?? ((y, t) => F.Accuracy(y, t));
        LabelKey = labelKey ?? -1;
    }

    /// <summary>The link that predicts.</summary>
    public Link Predictor { get; }

    /// <summary>Which argument is the label.</summary>
    public LabelKey LabelKey { get; }

    /// <summary>Whether a call computes and reports the accuracy.</summary>
    /// <value>true</value>
    public bool ComputeAccuracy { get; set; } = true;

    /// <summary>Prediction of the last call.</summary>
    /// <value>null: there was none.</value>
    public Variable? Y { get; private set; }

    /// <summary>Loss of the last call.</summary>
    /// <value>null: there was none.</value>
    public Variable? Loss { get; private set; }

    /// <summary>Accuracy of the last call.</summary>
    /// <value>null: there was none, or it was not computed.</value>
    public Variable? Accuracy { get; private set; }

    /// <summary>The loss of a minibatch.</summary>
    /// <param name="args">The predictor's inputs and the label, at <see cref="LabelKey"/>.</param>
    /// <returns>Loss, of shape () by default.</returns>
    /// <exception cref="ArgumentException">There is no argument at the label's index.</exception>
    public override Variable Forward(params Variable[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (LabelKey.Name is { } name)
        {
            throw new ArgumentException($"Classifier: label \"{name}\" is not found; name the arguments", nameof(args));
        }
        int label = LabelKey.Index < 0 ? LabelKey.Index + args.Length : LabelKey.Index;
        if (label < 0 || label >= args.Length)
        {
            throw new ArgumentException($"Classifier: label index {LabelKey.Index} is out of bounds of {args.Length} arguments", nameof(args));
        }
        return Compute(() => Predictor.Call([.. args[..label], .. args[(label + 1)..]]), args[label]);
    }

    /// <summary>The loss of a minibatch by names.</summary>
    /// <param name="args">
    /// The label, named as <see cref="LabelKey"/> says, and the predictor's inputs: by their names if it takes them so, else in its order.
    /// </param>
    /// <returns>Loss, of shape () by default.</returns>
    /// <exception cref="ArgumentException">There is no argument of the label's name.</exception>
    public override Variable Forward(params (string Name, Variable Value)[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (LabelKey.Name is not { } name)
        {
            return Forward(Array.ConvertAll(args, arg => arg.Value));
        }
        int label = Array.FindIndex(args, arg => arg.Name == name);
        if (label < 0)
        {
            throw new ArgumentException($"Classifier: label \"{name}\" is not found", nameof(args));
        }
        return Compute(() => Predictor.Call([.. args[..label], .. args[(label + 1)..]]), args[label].Value);
    }

    private Variable Compute(Func<Variable> predict, Variable t)
    {
        Y = null;
        Loss = null;
        Accuracy = null;
        Y = predict();
        Loss = _lossfun(Y, t);
        Reporter.Report("loss", Loss, this);
        if (ComputeAccuracy)
        {
            Accuracy = _accfun(Y, t);
            Reporter.Report("accuracy", Accuracy, this);
        }
        return Loss;
    }
}
