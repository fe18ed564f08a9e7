using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Training;

[TestFixture]
public class TrainerTests : TemporaryFolder
{
    [Test]
    public void ItRunsUntilTheStopTriggerFires()
    {
        Trainer trainer = Create(out _, stop: (7, "iteration"));
        List<long> iterations = [];
        trainer.Extend(t => iterations.Add(t.Updater.Iteration), "count", (2, "iteration"));
        trainer.Run();
        Assert.That(trainer.Updater.Iteration, Is.EqualTo(7));
        Assert.That(iterations, Is.EqualTo(new long[] { 2, 4, 6 }));
        Assert.That(() => trainer.Run(), Throws.InvalidOperationException);
    }

    [Test]
    public void ExtensionsRunByPriorityUnderNamesOfTheirOwn()
    {
        Trainer trainer = Create(out _, stop: (1, "iteration"));
        List<string> calls = [];
        trainer.Extend(_ => calls.Add("reader"), "a");
        trainer.Extend(_ => calls.Add("writer"), "a", priority: Extension.PriorityWriter);
        trainer.Extend(_ => calls.Add("before"), "b", Trigger.Never, callBeforeTraining: true);
        trainer.Run();
        Assert.That(calls, Is.EqualTo(new[] { "before", "writer", "reader" }));
        Assert.That(trainer.GetExtension("a_1"), Is.Not.SameAs(trainer.GetExtension("a")));
        Assert.That(() => trainer.GetExtension("c"), Throws.TypeOf<KeyNotFoundException>());
        Assert.That(() => trainer.Extend(_ => { }, "training"), Throws.ArgumentException);
    }

    [Test]
    public void LogHoldsTheMeansOfEachEpochAsChainerWritesThem()
    {
        Trainer trainer = Create(out L.Classifier model, stop: (2, "epoch"));
        trainer.Extend(new Evaluator(new SerialIterator(Data(), 7, repeat: false, shuffle: false), model));
        LogReport log = new();
        trainer.Extend(log);
        StringWriter table = new();
        trainer.Extend(new PrintReport(["epoch", "main/loss", "validation/main/accuracy", "missing"], writer: table));
        trainer.Run();
        Assert.That(log.Log.Select(entry => entry["iteration"]), Is.EqualTo(new[] { 5.0, 10.0 }));
        Assert.That(log.Log[0].Keys, Is.EqualTo(new[]
        {
            "main/loss", "main/accuracy", "validation/main/loss", "validation/main/accuracy", "epoch", "iteration", "elapsed_time",
        }));
        string text = File.ReadAllText(Path.Combine(Folder, "log"));
        Assert.That(text, Does.StartWith("[\n    {\n        \"main/loss\": 0.").Or.StartsWith("[\n    {\n        \"main/loss\": 1."));
        Assert.That(text, Does.Contain("\"epoch\": 2,\n        \"iteration\": 10,\n"));
        string[] lines = table.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.That(lines[0], Is.EqualTo("epoch       main/loss   validation/main/accuracy  missing   "));
        Assert.That(lines[1], Does.Match(@"^1           \d\.\d+ +\d(\.\d+)? +$"));
        Assert.That(lines, Has.Length.EqualTo(4));
    }

    [Test]
    public void EvaluationIsInTestModeAndRecordsNoGraph()
    {
        Trainer trainer = Create(out L.Classifier model, stop: (1, "epoch"));
        List<(bool Train, bool Backprop)> modes = [];
        Evaluator evaluator = new(
            new SerialIterator(Data(), 20, repeat: false, shuffle: false),
            model,
            evalFunc: args =>
            {
                modes.Add((Config.Train, Config.EnableBackprop));
                return model.Call(args);
            });
        trainer.Extend(evaluator);
        trainer.Run();
        Assert.That(modes, Is.EqualTo(new[] { (false, false) }));
        Assert.That(model.Loss!.Creator, Is.Null);
        Assert.That(evaluator.Evaluate()["validation/main/loss"], Is.EqualTo(model.Loss.Array.Item<float>()));
        Assert.That(() => new Evaluator(new SerialIterator(Data(), 2), model), Throws.ArgumentException.With.Message.Contains("repeat"));
    }

    [Test]
    public void ReportsKeepValuesAndNoGraphs()
    {
        Trainer trainer = Create(out _, stop: (1, "iteration"));
        trainer.Run();
        Assert.That(trainer.Observation["main/loss"].IsScalar);
        Assert.That(trainer.Observation["main/loss"].ToArray(), Is.InstanceOf<NDArray>());
        Assert.That(() => Reporter.Report("loss", 1.0), Throws.Nothing);
    }

    [Test]
    public void CancellingEndsBetweenIterationsWithASnapshot()
    {
        Trainer trainer = Create(out _, stop: (100, "epoch"));
        using CancellationTokenSource source = new();
        Snapshot snapshot = new();
        bool finished = false;
        trainer.Extend(snapshot).Extend(new Finisher(() => finished = true));
        trainer.Extend(t => { if (t.Updater.Iteration == 3) { source.Cancel(); } }, "cancel");
        Assert.That(() => trainer.Run(source.Token), Throws.TypeOf<OperationCanceledException>());
        Assert.That(trainer.Updater.Iteration, Is.EqualTo(3));
        Assert.That(snapshot.LastFile, Is.EqualTo(Path.Combine(Folder, "snapshot_iter_3")));
        Assert.That(finished);
    }

    [Test]
    public void AFailureIsToldToExtensionsAndThrown()
    {
        Trainer trainer = Create(out _, stop: (10, "iteration"));
        Snapshot snapshot = new(snapshotOnError: true);
        trainer.Extend(snapshot);
        trainer.Extend(t => throw new InvalidDataException("no good"), "fail", (2, "iteration"));
        Assert.That(() => trainer.Run(), Throws.TypeOf<InvalidDataException>());
        Assert.That(snapshot.LastFile, Is.EqualTo(Path.Combine(Folder, "snapshot_iter_2")));
    }

    [Test]
    public void AResumedTrainingGoesOnToTheSameBits([Values] bool ownSeed)
    {
        NDArray.Random.Seed(5);
        Trainer whole = Create(out L.Classifier expected, stop: (13, "iteration"), seed: ownSeed ? 3 : null);
        LogReport wholeLog = new(trigger: (4, "iteration"));
        whole.Extend(new Snapshot(), trigger: (6, "iteration")).Extend(wholeLog);
        whole.Run();
        NDArray after = NDArray.Random.Uniform(shape: 4);

        NDArray.Random.Seed(99);
        Trainer resumed = Create(out L.Classifier actual, stop: (13, "iteration"), seed: ownSeed ? 3 : null);
        LogReport log = new(trigger: (4, "iteration"));
        resumed.Extend(new Snapshot(), trigger: (6, "iteration")).Extend(log);
        NativeChain.Serializers.LoadNpz(Path.Combine(Folder, "snapshot_iter_6"), resumed);
        Assert.That(resumed.Updater.Iteration, Is.EqualTo(6));
        resumed.Run();

        foreach ((Parameter a, Parameter b) in expected.Params().Zip(actual.Params()))
        {
            Assert.That(b.Array.ToArray<float>(), Is.EqualTo(a.Array.ToArray<float>()));
            Assert.That(b.UpdateRule!.State!["v"].ToArray<float>(), Is.EqualTo(a.UpdateRule!.State!["v"].ToArray<float>()));
        }
        Assert.That(NDArray.Random.Uniform(shape: 4).ToArray<float>(), Is.EqualTo(after.ToArray<float>()));
        Assert.That(
            log.Log.Select(entry => (entry["iteration"], entry["main/loss"], entry["epoch"])),
            Is.EqualTo(wholeLog.Log.Select(entry => (entry["iteration"], entry["main/loss"], entry["epoch"]))));
    }

    [Test]
    public void SnapshotsHaveChainersKeys()
    {
        Trainer trainer = Create(out _, stop: (2, "iteration"));
        trainer.Extend(new LogReport()).Extend(new Snapshot(), trigger: (2, "iteration"));
        trainer.Run();
        using NpzFile npz = NpzFile.Open(Path.Combine(Folder, "snapshot_iter_2"));
        string[] keys =
        [
            "_snapshot_elapsed_time", "extension_triggers/LogReport/previous_epoch_detail", "extension_triggers/LogReport/previous_iteration",
            "extension_triggers/_Snapshot/previous_epoch_detail", "extension_triggers/_Snapshot/previous_iteration", "extensions/LogReport/_log",
            "extensions/LogReport/_summary/_names", "extensions/LogReport/_summary/_summaries/0/_n", "extensions/LogReport/_summary/_summaries/0/_x",
            "extensions/LogReport/_summary/_summaries/0/_x2", "extensions/LogReport/_trigger/previous_epoch_detail",
            "extensions/LogReport/_trigger/previous_iteration", "stop_trigger/previous_epoch_detail", "stop_trigger/previous_iteration",
            "updater/iteration", "updater/iterator:main/current_position", "updater/iterator:main/epoch", "updater/iterator:main/is_new_epoch",
            "updater/iterator:main/order", "updater/iterator:main/previous_epoch_detail", "updater/model:main/predictor/0/W",
            "updater/optimizer:main/epoch", "updater/optimizer:main/t", "updater/optimizer:main/predictor/0/W/m",
            "updater/optimizer:main/predictor/0/W/t", "updater/optimizer:main/predictor/0/W/v",
        ];
        Assert.That(npz.Keys, Is.SupersetOf(keys));
    }

    [Test]
    public void WhatAKilledSnapshotLeavesBehindDisturbsNothing()
    {
        Trainer trainer = Create(out _, stop: (4, "iteration"));
        trainer.Extend(new Snapshot(nRetains: 1), trigger: (2, "iteration"));
        string leftOver = Path.Combine(Folder, ".snapshot_iter_2.0123456789abcdef.tmp");
        File.WriteAllText(leftOver, "half a snapshot");
        trainer.Run();
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "snapshot_iter_4", Path.GetFileName(leftOver) }));
        Trainer resumed = Create(out _, stop: (4, "iteration"));
        resumed.Extend(new Snapshot(autoload: true));
        resumed.Run();
        Assert.That(resumed.Updater.Iteration, Is.EqualTo(4).Or.EqualTo(5));
    }

    [Test]
    public void ADamagedSnapshotLeavesTheTrainerAsItWas()
    {
        Trainer trainer = Create(out _, stop: (2, "iteration"));
        trainer.Extend(new Snapshot(), trigger: (2, "iteration"));
        trainer.Run();
        string file = Path.Combine(Folder, "snapshot_iter_2");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf("predictor/0/W.npy"u8) + 150] ^= 0x55;
        File.WriteAllBytes(file, bytes);
        Trainer resumed = Create(out L.Classifier model, stop: (2, "iteration"));
        float[] before = model.Params().First().Array.ToArray<float>();
        resumed.Extend(new Snapshot());
        Assert.That(
            () => NativeChain.Serializers.LoadNpz(file, resumed),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(file).And.Message.Contains("predictor/0/W"));
        Assert.That(model.Params().First().Array.ToArray<float>(), Is.EqualTo(before));
        Assert.That(resumed.Updater.Iteration, Is.Zero);
    }

    [Test]
    public void TheProgressBarShowsBothBars()
    {
        Trainer trainer = Create(out _, stop: (2, "epoch"));
        StringWriter writer = new();
        trainer.Extend(new ProgressBar(updateInterval: 5, barLength: 10, writer: writer));
        trainer.Run();
        Assert.That(writer.ToString(), Does.Contain("     total [#####.....] 50.00%"));
        Assert.That(writer.ToString(), Does.Contain("this epoch [..........]  0.00%"));
        Assert.That(writer.ToString(), Does.Contain("         5 iter, 1 epoch / 2 epochs"));
    }

    [TestCase(0.081234567, "0.0812346")]
    [TestCase(1234567, "1.23457e+06")]
    [TestCase(0.00001234, "1.234e-05")]
    [TestCase(100000, "100000")]
    [TestCase(0, "0")]
    [TestCase(-2.5, "-2.5")]
    [TestCase(0.99999999, "1")]
    [TestCase(double.NaN, "nan")]
    public void NumbersPrintAsCPrintsThem(double value, string expected) => Assert.That(PrintReport.Format(value), Is.EqualTo(expected));

    [TestCase(1, "epoch", "FFFFT")]
    [TestCase(2, "iteration", "FTFTF")]
    [TestCase(0.5, "epoch", "FFTFT")]
    public void IntervalTriggersFireWhenAnIntervalHasPassed(double period, string unit, string expected)
    {
        Trainer trainer = Create(out _, stop: (5, "iteration"));
        IntervalTrigger trigger = new(period, unit);
        string fired = "";
        trainer.Extend(t => fired += trigger.Fire(t) ? 'T' : 'F', "fire");
        trainer.Run();
        Assert.That(fired, Is.EqualTo(expected));
        Assert.That(() => new IntervalTrigger(0, "epoch"), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new IntervalTrigger(1, "hours"), Throws.ArgumentException);
    }

    private static TupleDataset Data()
    {
        RandomGenerator rng = new(11);
        return new TupleDataset(rng.Normal(shape: (20, 4)), NDArray.Arange(20).AsType(DType.Int32) % 3);
    }

    private Trainer Create(out L.Classifier model, Trigger stop, ulong? seed = null)
    {
        Sequential predictor = new() { new L.Linear(null, 8), F.Relu, h => F.Dropout(h, 0.3), new L.Linear(8, 3) };
        model = new L.Classifier(predictor);
        model.Call(NDArray.Zeros((1, 4)), (NDArray)new[] { 0 });
        Optimizer optimizer = new Adam(alpha: 0.05).Setup(model);
        optimizer.AddHook(new WeightDecay(0.001));
        StandardUpdater updater = new(new SerialIterator(Data(), 4, seed: seed), optimizer);
        return new Trainer(updater, stop, Folder);
    }

    private sealed class Finisher(Action finish) : Extension
    {
        public override void Call(Trainer trainer)
        {
        }

        public override void Finish() => finish();
    }
}
