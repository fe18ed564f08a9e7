using Microsoft.Extensions.Logging;
using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Training.Extensions;

[TestFixture]
[NonParallelizable]
public class ExtensionTests : TrainingTest
{
    [Test]
    public void ValuesAreObserved()
    {
        List<double> values = [], rates = [];
        Trainer trainer = Counting((10, "iteration"), new SGD(lr: 0.25));
        trainer.Extend(new ObserveValue("twice", t => 2.0 * t.Updater.Iteration)).Extend(new ObserveLr());
        trainer.Extend(
            t =>
            {
                values.Add(t.Observation["twice"].ToDouble());
                rates.Add(t.Observation["lr"].ToDouble());
            },
            "read",
            (1, "epoch"));
        trainer.Run();
        Assert.That(values, Is.EqualTo(new[] { 10.0, 20.0 }));
        Assert.That(rates, Is.EqualTo(new[] { 0.25, 0.25 }));
    }

    [Test]
    public void AdamsRateIsThatOfTheUpdate()
    {
        Adam adam = new();
        Trainer trainer = Counting((1, "iteration"), adam, _ =>
        {
            adam.Target.ZeroGrads();
            adam.Update();
        });
        trainer.Extend(new ObserveLr(observationKey: "rate"), trigger: (1, "iteration"));
        trainer.Run();
        Assert.That(trainer.Observation["rate"].ToDouble(), Is.EqualTo(0.001 * Math.Sqrt(1 - 0.999) / (1 - 0.9)).Within(1e-12));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void AParameterThatIsNoNumberEndsTheTraining(double value)
    {
        Trainer trainer = Counting((10, "iteration"), update: updater =>
        {
            if (updater.Iteration == 3)
            {
                ((L.Linear)updater.Optimizers["main"].Target).W.Array.Fill(value);
            }
        });
        trainer.Extend(new FailOnNonNumber());
        Assert.That(() => trainer.Run(), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("/W of optimizer main"));
        Assert.That(trainer.Updater.Iteration, Is.EqualTo(4));
    }

    [Test]
    public void MicroAveragesWeighMinibatchesByTheirSize()
    {
        double[] correct = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1], total = [10, 10, 10, 10, 10, 20, 20, 20, 20, 1];
        List<double> ratios = [];
        Trainer trainer = Counting((10, "iteration"));
        trainer.Extend(
            t =>
            {
                t.Observation["n"] = correct[t.Updater.Iteration - 1];
                t.Observation["d"] = total[t.Updater.Iteration - 1];
            },
            "observe",
            priority: Extension.PriorityWriter);
        MicroAverage average = new("n", "d", "ratio");
        trainer.Extend(average);
        trainer.Extend(t => ratios.Add(t.Observation["ratio"].ToDouble()), "read", (1, "epoch"));
        trainer.Extend(new Snapshot(), trigger: (7, "iteration"));
        trainer.Run();
        Assert.That(ratios, Is.EqualTo(new[] { 15 / 50.0, 31 / 81.0 }).Within(1e-12));
        using NpzFile npz = NpzFile.Open(At("snapshot_iter_7"));
        Assert.That(((NDArray)npz.Get("extensions/MicroAverage/_numerator")!).Item<long>(), Is.EqualTo(13));
    }

    [Test]
    public void StatisticsOfParametersAreReported()
    {
        L.Linear link = new(4, 1, initialW: (NDArray)new float[,] { { 1, 2, 0, 5 } }, initialBias: 7);
        link.W.Grad = (NDArray)new float[,] { { 0, 0, 3, 1 } };
        Trainer trainer = Counting((5, "iteration"));
        trainer.Extend(new ParameterStatistics([link], prefix: "pre"));
        trainer.Extend(
            new ParameterStatistics([link], new Dictionary<string, Func<NDArray, NDArray>> { ["sum"] = x => x.Sum() }, reportGrads: false));
        trainer.Run();
        Dictionary<string, double> expected = new()
        {
            ["pre/None/W/data/mean"] = 2,
            ["pre/None/W/data/std"] = Math.Sqrt(3.5),
            ["pre/None/W/data/min"] = 0,
            ["pre/None/W/data/max"] = 5,
            ["pre/None/W/data/zeros"] = 1,
            ["pre/None/W/data/percentile/3"] = 1.5,
            ["pre/None/W/data/percentile/4"] = 2 + (3 * ((0.8413 * 3) - 2)),
            ["pre/None/b/data/mean"] = 7,
            ["pre/None/W/grad/mean"] = 1,
            ["pre/None/W/grad/zeros"] = 2,
            ["None/W/data/sum"] = 8,
        };
        foreach ((string name, double value) in expected)
        {
            Assert.That(trainer.Observation[name].ToDouble(), Is.EqualTo(value).Within(1e-6), name);
        }
        Assert.That(trainer.Observation.Keys, Has.None.Contains("b/grad"));
        Assert.That(trainer.Observation.Keys, Has.None.Contains("None/W/grad/sum"));
    }

    [Test]
    public void StatisticsOfNaNAreNaN()
    {
        L.Linear link = new(1, 1, initialW: double.NaN, nobias: true);
        Trainer trainer = Counting((5, "iteration"));
        trainer.Extend(new ParameterStatistics(
            [link],
            new Dictionary<string, Func<NDArray, NDArray>> { ["fail"] = _ => throw new InvalidOperationException() },
            reportGrads: false,
            skipNanParams: true));
        trainer.Run();
        Assert.That(trainer.Observation["None/W/data/fail"].ToDouble(), Is.NaN);
    }

    [Test]
    public void DistributionsAreDrawn()
    {
        L.Linear link = new(3, 2);
        Trainer trainer = Counting((10, "iteration"), update: updater =>
        {
            if (updater.Iteration == 4)
            {
                link.W.Grad = NDArray.OnesLike(link.W.Array);
            }
        });
        trainer.Extend(new VariableStatisticsPlot(link));
        trainer.Extend(new VariableStatisticsPlot(
            [link.W], maxSampleSize: 3, reportGrad: false, plotMean: false, percentileSigmas: [], trigger: (10, "iteration"), fileName: "std.png"));
        trainer.Run();
        string all = File.ReadAllText(At("statistics.svg"));
        foreach (string title in new[] { "data: mean", "grad: mean", "data: percentiles", "grad: percentiles", "median" })
        {
            Assert.That(all, Does.Contain($">{title}</text>"));
        }
        Assert.That(all.Split("<polyline"), Has.Length.EqualTo(1 + (2 * (3 + 9))));
        string[] lines = File.ReadAllText(At("std.svg")).Split("<polyline");
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[1].Split('"')[1].Split(' '), Has.Length.EqualTo(3), "a sample of the iterations");
        Assert.That(() => new VariableStatisticsPlot([link.W], reportData: false, reportGrad: false), Throws.ArgumentException);
        Assert.That(() => new VariableStatisticsPlot([link.W], percentileSigmas: [101]), Throws.ArgumentException);
    }

    [Test]
    public void TheGraphOfTheFirstIterationIsDumped()
    {
        List<bool> kept = [];
        Trainer trainer = Counting((3, "iteration"), update: Report);
        trainer.Extend(new DumpGraph("y")).Extend(new Snapshot(), trigger: (2, "iteration"));
        trainer.Extend(t => kept.Add(t.Observation["y"].Variable is not null), "kept");
        trainer.Run();
        Assert.That(kept, Is.EqualTo(new[] { true, false, false }));
        string dot = File.ReadAllText(At("cg.dot"));
        Assert.That(dot, Does.StartWith("digraph graphname{rankdir=TB;\n"));
        Assert.That(dot, Does.Contain("label=\"W: (1, 1), float32\",shape=\"octagon\"").And.Contains("shape=\"record\"").And.Contains("-> 0;"));

        File.Delete(At("cg.dot"));
        Trainer resumed = Counting((3, "iteration"), update: Report);
        resumed.Extend(new DumpGraph("y")).Extend(new Snapshot(), trigger: (2, "iteration"));
        resumed.Extend(_ => { }, "kept");
        NativeChain.Serializers.LoadNpz(At("snapshot_iter_2"), resumed);
        resumed.Run();
        Assert.That(File.Exists(At("cg.dot")), Is.False);

        Trainer without = Counting((1, "iteration")).Extend(new DumpGraph("y"));
        Assert.That(() => without.Run(), Throws.InvalidOperationException.With.Message.Contains("y"));

        static void Report(CountingUpdater updater) =>
            Reporter.Report("y", updater.Optimizers["main"].Target.Call((NDArray)new float[,] { { 1 } }));
    }

    [Test]
    public void GraphsOfReportsAreCut()
    {
        Trainer trainer = Counting((1, "iteration"), update: updater =>
            Reporter.Report("y", updater.Optimizers["main"].Target.Call((NDArray)new float[,] { { 1 } })));
        trainer.Extend(new UnchainVariables());
        using (Config.Using(keepGraphOnReport: true))
        {
            trainer.Run();
        }
        Assert.That(trainer.Observation["y"].Variable!.Creator, Is.Null);
    }

    [Test]
    public void SnapshotsOfAnObjectAreNamedByThePattern()
    {
        L.Linear link = new(2, 1);
        Trainer trainer = Counting((15, "iteration"));
        bool wanted = true;
        trainer.Extend(new SnapshotObject(link, "model_{.updater.epoch:03}_{.updater.iteration}.npz", condition: () => wanted, nRetains: 2));
        File.WriteAllText(At("model_001_5.npz.old"), "another's");
        File.WriteAllText(At("model_best.npz"), "another's");
        trainer.Run();
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Is.EquivalentTo(new[]
        {
            "model_002_10.npz", "model_003_15.npz", "model_001_5.npz.old", "model_best.npz",
        }));
        L.Linear loaded = new(2, 1);
        Trainer second = Counting((1, "iteration"));
        wanted = false;
        second.Extend(
            new SnapshotObject(loaded, "model_{.updater.epoch:03}_{.updater.iteration}.npz", () => wanted, autoload: true), trigger: (1, "iteration"));
        second.Run();
        Assert.That(loaded.W.Array.ToArray<float>(), Is.EqualTo(link.W.Array.ToArray<float>()));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(4));
        Assert.That(() => new Snapshot(fileName: "a_{.updater.epoch_detail}"), Throws.ArgumentException.With.Message.Contains("a_{.updater.epoch_detail}"));
        Assert.That(() => new Snapshot(fileName: "a_{}"), Throws.ArgumentException);
        Assert.That(() => new SnapshotObject(null!, "a"), Throws.ArgumentNullException);
    }

    [Test]
    public void WhatHappensIsLogged()
    {
        Lines lines = new();
        ILoggerFactory before = Config.LoggerFactory;
        Config.LoggerFactory = lines;
        try
        {
            Counting((2, "iteration")).Extend(new Snapshot(autoload: true), trigger: (2, "iteration")).Run();
            Counting((4, "iteration")).Extend(new Snapshot(autoload: true), trigger: (2, "iteration")).Run();
            Trainer failing = Counting((2, "iteration")).Extend(_ => throw new InvalidDataException("no good"), "bad");
            failing.Extend(new Failing());
            Assert.That(() => failing.Run(), Throws.TypeOf<InvalidDataException>());
        }
        finally
        {
            Config.LoggerFactory = before;
        }
        string[] expected =
        [
            $"Information: there is no snapshot in {Folder}: the training starts anew",
            "Information: training starts at iteration 0, with the extensions _Snapshot",
            $"Information: wrote {At("snapshot_iter_2")}",
            "Information: training ended at iteration 2, epoch 0, after",
            $"Information: {At("snapshot_iter_2")} is the newest of 1 snapshots in {Folder}",
            $"Information: loaded {At("snapshot_iter_2")}",
            "Information: training starts at iteration 2, with the extensions _Snapshot",
            $"Information: wrote {At("snapshot_iter_4")}",
            "Information: training ended at iteration 4, epoch 0, after",
            "Information: training starts at iteration 0, with the extensions bad, Failing",
            "Error: training failed at iteration 1, in bad",
            "Error: Failing failed while it was told of an error",
            "Error: Failing failed while it was finished",
        ];
        Assert.That(lines.Texts, Has.Count.EqualTo(expected.Length));
        foreach ((string line, string start) in lines.Texts.Zip(expected))
        {
            Assert.That(line, Does.StartWith(start));
        }
    }

    [Test]
    public void EverythingIsFinishedWhateverFails()
    {
        List<string> finished = [];
        Trainer trainer = Counting((1, "iteration")).Extend(new Failing()).Extend(new Finished(finished));
        Assert.That(() => trainer.Run(), Throws.TypeOf<NotSupportedException>());
        Assert.That(finished, Has.Count.EqualTo(1));
    }

    private sealed class Failing : Extension
    {
        public override void Call(Trainer trainer)
        {
        }

        public override void OnError(Trainer trainer, Exception error) => throw new NotSupportedException();

        public override void Finish() => throw new NotSupportedException();
    }

    private sealed class Finished(List<string> finished) : Extension
    {
        public override void Call(Trainer trainer)
        {
        }

        public override void Finish() => finished.Add(Name!);
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public List<string> Texts { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
