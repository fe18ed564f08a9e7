using System.Diagnostics;
using System.Globalization;
using NativeChain;
using NativeChain.Initializers;
using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using static NativeChain.Expr;
using L = NativeChain.Links;

const int Unit = 200, Groups = 4, Epochs = 3;

(TupleDataset train, TupleDataset test, string name) = Load(args.Length > 0 ? args[0] : null);
Console.WriteLine($"{name}: {train.Count} images to train on, {test.Count} to test; {Epochs} epochs");
Console.WriteLine("first layer                      weights  accuracy  seconds");
Report("Linear, ReLU", new Network(new L.Linear(784, Unit), F.Relu));
Report($"SharedLinear of {Groups} groups, ReLU", new Network(new SharedLinear(784, Unit, Groups), F.Relu));
Report("Linear, Swish in one line", new Network(new L.Linear(784, Unit), Activations.Swish));

void Report(string label, Network model)
{
    NDArray.Random.Seed(1);
    L.Classifier classifier = new(model);
    Optimizer optimizer = new Adam().Setup(classifier);
    StandardUpdater updater = new(new SerialIterator(train, 100), optimizer);
    Stopwatch watch = Stopwatch.StartNew();
    new Trainer(updater, (Epochs, "epoch")).Run();
    watch.Stop();
    double accuracy = new Evaluator(new SerialIterator(test, 100, repeat: false, shuffle: false), classifier).Evaluate()["main/accuracy"];
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{label,-31}{model.FirstWeights,9}{accuracy,10:F4}{watch.Elapsed.TotalSeconds,9:F1}"));
}

static (TupleDataset Train, TupleDataset Test, string Name) Load(string? folder)
{
    try
    {
        (TupleDataset train, TupleDataset test) = Datasets.GetMnist(folder: folder);
        return (train, test, "MNIST");
    }
    catch (DatasetNotFoundException e)
    {
        Console.WriteLine(e.Message);
        (TupleDataset train, TupleDataset test) = Datasets.GetSyntheticDigits(seed: 0);
        return (train, test, "synthetic digits, not MNIST");
    }
}

/// <summary>
/// y = x·tile(W)ᵀ: one weight W, (out, in / n), that n groups of inputs share. The function is written on arrays, with its gradient by hand.
/// </summary>
internal sealed class SharedLinearFunction(int groups) : Function
{
    protected override NDArray[] Forward(NDArray[] inputs)
    {
        (NDArray x, NDArray w) = (inputs[0], inputs[1]);
        return [x.Dot(w.Tile(1, groups).T)];
    }

    protected override NDArray?[] Backward(NDArray[] inputs, NDArray?[] gradOutputs)
    {
        (NDArray x, NDArray w, NDArray gy) = (inputs[0], inputs[1], gradOutputs[0]!);
        NDArray gx = gy.Dot(w.Tile(1, groups));
        NDArray gw = gy.T.Dot(x).Reshape((w.Shape[0], groups, -1)).Sum(axis: 1);
        return [gx, gw];
    }
}

/// <summary>A layer of <see cref="SharedLinearFunction"/> and a bias.</summary>
internal sealed class SharedLinear(int inSize, int outSize, int groups) : Link
{
    public Parameter W { get; } = new(new LeCunNormal(1 / Math.Sqrt(groups)), new Shape(outSize, inSize / groups));

    [Child("b")]
    public Parameter B { get; } = new(0.0, new Shape(outSize));

    public override Variable Forward(Variable x)
    {
        Variable y = new SharedLinearFunction(groups).Call(x, W);
        return y + F.BroadcastTo(B, y.Shape);
    }
}

/// <summary>Activations of our own.</summary>
internal static class Activations
{
    private static readonly Elementwise s_swish = Elementwise.Of(x => x * Sigmoid(x));

    public static Variable Swish(Variable x) => s_swish.Apply(x);
}

/// <summary>A first layer, an activation and a layer of 10 outputs.</summary>
internal sealed class Network(Link first, Func<Variable, Variable> activation) : Chain
{
    private readonly L.Linear _last = new(null, 10);

    public Link First { get; } = first;

    public long FirstWeights => First.CountParams();

    public override Variable Forward(Variable x) => _last.Call(activation(First.Call(x)));
}
