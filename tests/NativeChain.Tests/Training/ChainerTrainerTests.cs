using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Training;

/// <summary>A training that Chainer began (Training/Data/generate_trainer.py) ends where Chainer's own ended.</summary>
[TestFixture]
public class ChainerTrainerTests : TemporaryFolder
{
    [Test]
    public void ASnapshotOfChainersGoesOnToChainersNumbers([Values] bool multithread)
    {
        using (Stream resource = typeof(ChainerTrainerTests).Assembly.GetManifestResourceStream("chainer_trainer.npz")!)
        using (Stream copy = File.Create(At("chainer_trainer.npz")))
        {
            resource.CopyTo(copy);
        }
        using NpzFile file = NpzFile.Open(At("chainer_trainer.npz"));
        TupleDataset data = new(file["x"], file["t"]);
        Trainer trainer = Create(data, multithread, out L.Classifier model);
        NativeChain.Serializers.LoadNpz(At("chainer_trainer.npz"), trainer);
        Assert.That(trainer.Updater.Iteration, Is.EqualTo(7));
        trainer.Run();
        Assert.That(trainer.Updater.Iteration, Is.EqualTo(12));
        foreach ((string path, Parameter param) in model.NamedParams())
        {
            Assert.That(param.Array.ToArray<float>(), Is.EqualTo(file["expected" + path].ToArray<float>()).Within(1e-6), path);
        }
        Assert.That(
            ((LogReport)trainer.GetExtension("LogReport")).Log.Select(entry => entry["main/loss"]),
            Is.EqualTo(file["expected/log"].ToArray<double>()).Within(1e-6));
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Does.Contain("manual").And.Not.Contain("once").And.Not.Contain("cg.dot"));
    }

    private Trainer Create(TupleDataset data, bool multithread, out L.Classifier model)
    {
        L.Classifier classifier = new(new Sequential { new L.Linear(5, 8), F.Relu, new L.Linear(8, 3) });
        model = classifier;
        IIterator iterator = multithread
            ? new MultithreadIterator(data, 4, shuffle: false, nThreads: 2)
            : new SerialIterator(data, 4, shuffle: false);
        StandardUpdater updater = new(iterator, new Adam(alpha: 0.05).Setup(classifier));
        EarlyStoppingTrigger stop = new(monitor: "main/loss", patience: 50, maxTrigger: (12, "iteration"));
        Dictionary<string, Func<NDArray, NDArray>> mean = new() { ["mean"] = x => x.Mean() };
        return new Trainer(updater, stop, Folder)
            .Extend(
                t =>
                {
                    t.Observation["n"] = (double)t.Updater.Iteration;
                    t.Observation["d"] = 4;
                },
                "count",
                priority: Extension.PriorityWriter)
            .Extend(new Evaluator(new SerialIterator(data, 6, repeat: false, shuffle: false), classifier), trigger: (2, "iteration"))
            .Extend(new LogReport(trigger: (3, "iteration")))
            .Extend(new ExponentialShift("alpha", 0.8), trigger: (2, "iteration"))
            .Extend(new LinearShift("beta1", (0.9, 0.5), (2, 10)))
            .Extend(new StepShift("eta", 0.9, 2))
            .Extend(new PolynomialShift("weight_decay_rate", 2, 20, init: 0.01))
            .Extend(new InverseShift("eps", 0.1, 1, init: 1e-6))
            .Extend(new MultistepShift("beta2", 0.99, [3, 5, 9], 0.999), trigger: (1, "iteration"))
            .Extend(new ObserveLr())
            .Extend(new FailOnNonNumber())
            .Extend(new ParameterStatistics([classifier], mean, trigger: (4, "iteration")))
            .Extend(new MicroAverage("n", "d", "ratio"))
            .Extend(new PlotReport(["main/loss"], fileName: "loss.png"))
            .Extend(new DumpGraph("main/loss"))
            .Extend(new SnapshotObject(classifier, "best"), trigger: new MaxValueTrigger("main/accuracy", (2, "iteration")))
            .Extend(new SnapshotObject(classifier, "once"), trigger: new OnceTrigger())
            .Extend(new SnapshotObject(classifier, "manual"), trigger: new ManualScheduleTrigger([3, 9], "iteration"))
            .Extend(new SnapshotObject(classifier, "time"), trigger: new TimeTrigger(1000))
            .Extend(new Snapshot(), trigger: (7, "iteration"));
    }
}
