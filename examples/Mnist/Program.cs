using System.CommandLine;
using NativeChain;
using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using L = NativeChain.Links;

Option<string?> data = new("--data") { Description = "folder of MNIST's idx files, or synthetic" };
Option<int> epochs = new("--epoch") { Description = "sweeps over the training set", DefaultValueFactory = _ => 20 };
Option<int> batchSize = new("--batchsize") { Description = "images in a minibatch", DefaultValueFactory = _ => 100 };
Option<int> unit = new("--unit") { Description = "units in each hidden layer", DefaultValueFactory = _ => 1000 };
Option<string> modelName = new("--model") { Description = "mlp, a perceptron, or cnn, a convolutional network", DefaultValueFactory = _ => "mlp" };
modelName.AcceptOnlyFromAmong("mlp", "cnn");
Option<string> deviceName = new("--device") { Description = "cpu or cuda:0", DefaultValueFactory = _ => "cpu" };
Option<string> outFolder = new("--out") { Description = "folder of the log and the snapshots", DefaultValueFactory = _ => "result" };
Option<string?> resume = new("--resume") { Description = "snapshot to go on from" };
Option<bool> bfloat16 = new("--bfloat16") { Description = "round the factors of matrix products to bfloat16 where the CPU gains by it" };
Option<bool> plot = new("--plot") { Description = "draw loss and accuracy into the folder, as loss.svg and accuracy.svg" };
Option<ulong> seed = new("--seed") { Description = "seed of weights, order and synthetic digits", DefaultValueFactory = _ => 0 };
RootCommand command = new("Trains a perceptron of three layers, or a convolutional network, on MNIST.")
{
    data, epochs, batchSize, modelName, unit, deviceName, outFolder, resume, seed, plot, bfloat16,
};
command.SetAction(arguments =>
{
    try
    {
        using ConfigScope scope = Config.Using(
            matmulPrecision: arguments.GetValue(bfloat16) ? MatmulPrecision.BFloat16 : MatmulPrecision.Float32);
        return Train(
            arguments.GetValue(data),
            arguments.GetValue(epochs),
            arguments.GetValue(batchSize),
            arguments.GetValue(modelName)!,
            arguments.GetValue(unit),
            Device.Parse(arguments.GetValue(deviceName)!),
            arguments.GetValue(outFolder)!,
            arguments.GetValue(resume),
            arguments.GetValue(seed),
            arguments.GetValue(plot));
    }
    catch (Exception e) when (e is IOException or InvalidDataException or KeyNotFoundException or ArgumentException or NativeChainException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
return command.Parse(args).Invoke();

static int Train(
    string? data,
    int epochs,
    int batchSize,
    string modelName,
    int unit,
    Device device,
    string outFolder,
    string? resume,
    ulong seed,
    bool plot)
{
    NDArray.Random.Seed(seed);
    (TupleDataset train, TupleDataset test, bool synthetic) = Load(data, seed);

    L.Classifier model = new(modelName == "cnn" ? new Cnn(10) : new Mlp(unit, 10));
    Adam optimizer = new();
    optimizer.Setup(model);
    SerialIterator trainIterator = new(train, batchSize);
    SerialIterator testIterator = new(test, batchSize, repeat: false, shuffle: false);

    StandardUpdater updater = new(trainIterator, optimizer, device: device);
    Snapshot snapshot = new(nRetains: 2);
    Trainer trainer = new Trainer(updater, (epochs, "epoch"), outFolder)
        .Extend(new Evaluator(testIterator, model, device: device))
        // Steps that shrink from epoch to epoch end without the dips of constant ones.
        .Extend(new ExponentialShift("alpha", 0.9), trigger: (1, "epoch"))
        .Extend(snapshot)
        .Extend(new LogReport())
        .Extend(new PrintReport(
        [
            "epoch", "main/loss", "validation/main/loss", "main/accuracy", "validation/main/accuracy", "elapsed_time",
        ]))
        .Extend(new ProgressBar());
    if (plot)
    {
        // Six points an epoch; what the evaluator reports is in the last of them.
        trainer
            .Extend(new PlotReport(
                ["main/loss", "validation/main/loss"], trigger: (100, "iteration"), fileName: "loss.svg", logScale: true))
            .Extend(new PlotReport(
                ["main/accuracy", "validation/main/accuracy"], trigger: (100, "iteration"), fileName: "accuracy.svg"));
    }
    if (resume is not null)
    {
        Serializers.LoadNpz(resume, trainer);
    }

    Console.WriteLine($"{train.Count} images to train on, {test.Count} to test; {(modelName == "cnn" ? "cnn" : $"{unit} units")}, minibatches of {batchSize}, {epochs} epochs, {device}{(Config.MatmulPrecision == MatmulPrecision.BFloat16 ? ", bfloat16" : "")}");
    if (synthetic)
    {
        Console.WriteLine("synthetic digits, not MNIST");
    }
    using ConsoleCancellation ctrlC = new();
    try
    {
        trainer.Run(ctrlC.Token);
        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine($"interrupted; go on with --resume {snapshot.LastFile}");
        return 130;
    }
}

static (TupleDataset Train, TupleDataset Test, bool Synthetic) Load(string? data, ulong seed)
{
    if (data != "synthetic")
    {
        try
        {
            (TupleDataset train, TupleDataset test) = Datasets.GetMnist(folder: data);
            return (train, test, false);
        }
        catch (DatasetNotFoundException e) when (data is null)
        {
            Console.WriteLine(e.Message);
        }
    }
    (TupleDataset syntheticTrain, TupleDataset syntheticTest) = Datasets.GetSyntheticDigits(seed);
    return (syntheticTrain, syntheticTest, true);
}

/// <summary>Three fully connected layers with rectifiers between them.</summary>
internal sealed class Mlp(int unit, int outSize) : Chain
{
    private readonly L.Linear _l1 = new(null, unit);
    private readonly L.Linear _l2 = new(null, unit);
    private readonly L.Linear _l3 = new(null, outSize);

    public override Variable Forward(Variable x)
    {
        Variable h1 = F.Relu(_l1.Call(x));
        Variable h2 = F.Relu(_l2.Call(h1));
        return _l3.Call(h2);
    }
}

/// <summary>Two convolutions of 3 by 3, a maximum pooling of 2 by 2, and two fully connected layers, with rectifiers between them.</summary>
internal sealed class Cnn(int outSize) : Chain
{
    private readonly L.Convolution2D _conv1 = new(1, 32, 3);
    private readonly L.Convolution2D _conv2 = new(32, 64, 3);
    private readonly L.Linear _l1 = new(null, 128);
    private readonly L.Linear _l2 = new(null, outSize);

    public override Variable Forward(Variable x)
    {
        Variable image = F.Reshape(x, (x.Shape[0], 1, 28, 28));
        Variable h1 = F.Relu(_conv1.Call(image));
        Variable h2 = F.MaxPooling2D(F.Relu(_conv2.Call(h1)), 2);
        return _l2.Call(F.Relu(_l1.Call(h2)));
    }
}
