using NativeChain.Training;
using NUnit.Framework;

namespace NativeChain.Tests.Training.Triggers;

[TestFixture]
public class TriggerTests : TrainingTest
{
    [TestCase("iteration", new[] { 2.0, 5.0 }, "FTFFTFFFFF")]
    [TestCase("epoch", new[] { 0.5, 1.2 }, "FFTFFTFFFF")]
    [TestCase("epoch", new[] { 1.0 }, "FFFFTFFFFF")]
    public void AManualScheduleFiresAtItsPoints(string unit, double[] points, string expected)
    {
        ManualScheduleTrigger trigger = new(points, unit);
        Assert.That(Fired(trigger), Is.EqualTo(expected));
        Assert.That(trigger.Finished);
        Assert.That(() => new ManualScheduleTrigger([], unit), Throws.ArgumentException);
        Assert.That(() => new ManualScheduleTrigger(1, "hours"), Throws.ArgumentException);
    }

    [Test]
    public void OnceFiresOnce([Values] bool callOnResume)
    {
        OnceTrigger trigger = new(callOnResume);
        Assert.That(trigger.Finished, Is.False);
        Assert.That(Fired(trigger), Is.EqualTo("TFFFFFFFFF"));
        Assert.That(trigger.Finished);
        OnceTrigger resumed = new(callOnResume);
        Reload(trigger, resumed);
        Assert.That(resumed.Finished, Is.Not.EqualTo(callOnResume));
        Assert.That(Fired(resumed), Is.EqualTo(callOnResume ? "TFFFFFFFFF" : "FFFFFFFFFF"));
    }

    [Test]
    public void AFunctionMakesATrigger() =>
        Assert.That(Fired(Trigger.When(trainer => trainer.Updater.Iteration is 3 or 4)), Is.EqualTo("FFTTFFFFFF"));

    [Test]
    public void TimeFiresOnceForEachPeriodThatHasPassed()
    {
        TimeTrigger trigger = new(1e-9);
        Assert.That(Fired(trigger), Is.EqualTo("TTTTTTTTTT"));
        Assert.That(Fired(new TimeTrigger(1e9)), Is.EqualTo("FFFFFFFFFF"));
        TimeTrigger loaded = new(1e-9);
        Reload(trigger, loaded);
        Reload(loaded, trigger);
        Assert.That(new NpzKeys(At("reload.npz"))["next_time"], Is.EqualTo(11e-9).Within(1e-12));
        Assert.That(() => new TimeTrigger(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void BestValuesFireWhenAnEpochsMeanIsTheBest()
    {
        // Means of the epochs: 3, 2, 4.
        double[] values = [1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 4, 4, 4, 4, 4];
        Assert.That(Fired(new MaxValueTrigger("x"), 15, values), Is.EqualTo("FFFFTFFFFFFFFFT"));
        Assert.That(Fired(new MinValueTrigger("x"), 15, values), Is.EqualTo("FFFFTFFFFTFFFFF"));
        Assert.That(Fired(new BestValueTrigger("x", (best, value) => value == 2, (2, "iteration")), 4, [7, 7, 2, 2]), Is.EqualTo("FTFT"));
        Assert.That(() => Fired(new MaxValueTrigger("y"), 5, values), Throws.InvalidOperationException.With.Message.Contains("y"));
    }

    [Test]
    public void BestValuesAreSavedAsChainerSavesThem()
    {
        MaxValueTrigger trigger = new("x"), loaded = new("x");
        Fired(trigger, 7, [1, 2, 3, 4, 5, 9, 9]);
        Reload(trigger, loaded);
        Assert.That(loaded.BestValue, Is.EqualTo(3.0));
        NpzKeys npz = new(At("reload.npz"));
        Assert.That(npz.Keys, Is.EquivalentTo(new[]
        {
            "best_value", "interval_trigger/previous_epoch_detail", "interval_trigger/previous_iteration", "summary/_names",
            "summary/_summaries/0/_n", "summary/_summaries/0/_x", "summary/_summaries/0/_x2",
        }));
        Assert.That(npz["summary/_summaries/0/_x"], Is.EqualTo(18.0));
        Reload(new MaxValueTrigger("x"), loaded);
        Assert.That(loaded.BestValue, Is.Null);
    }

    [Test]
    public void EarlyStoppingEndsWhenNothingGetsBetter()
    {
        // Means of the epochs: 5, 4, 4, 6, 3.
        double[] values = [.. new[] { 5.0, 4, 4, 6, 3, 3, 3, 3, 3 }.SelectMany(mean => Enumerable.Repeat(mean, 5))];
        EarlyStoppingTrigger trigger = new(monitor: "x", patience: 2, verbose: true);
        Assert.That(StopsAt(trigger, values), Is.EqualTo(20));
        Assert.That((trigger.Best, trigger.Count), Is.EqualTo((4.0, 2)));
        Assert.That(StopsAt(new EarlyStoppingTrigger(monitor: "x", mode: EarlyStoppingMode.Max), values), Is.EqualTo(35));
        Assert.That(StopsAt(new EarlyStoppingTrigger(monitor: "x", patience: 5, maxTrigger: (6, "epoch")), values), Is.EqualTo(30));
        Assert.That(trigger.TrainingLength, Is.EqualTo((100.0, "epoch")));
        Assert.That(() => new EarlyStoppingTrigger(patience: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void AResumedTrainingStopsEarlyAtTheSameIteration()
    {
        double[] values = [.. new[] { 5.0, 4, 4, 6, 3 }.SelectMany(mean => Enumerable.Repeat(mean, 5))];
        EarlyStoppingTrigger trigger = new(monitor: "x", patience: 2);
        Trainer trainer = Observing(trigger, values);
        trainer.Extend(new NativeChain.Training.Extensions.Snapshot(), trigger: (12, "iteration"));
        trainer.Run();
        Trainer resumed = Observing(new EarlyStoppingTrigger(monitor: "x", patience: 2), values);
        resumed.Extend(new NativeChain.Training.Extensions.Snapshot(), trigger: (12, "iteration"));
        NativeChain.Serializers.LoadNpz(At("snapshot_iter_12"), resumed);
        resumed.Run();
        Assert.That(resumed.Updater.Iteration, Is.EqualTo(20));
    }

    [Test]
    public void WhatHasFinishedIsNotInitialized()
    {
        List<string> initialized = [];
        Trainer trainer = Counting((1, "iteration"));
        OnceTrigger finished = new();
        finished.Fire(trainer);
        trainer.Extend(new Initialized(initialized), "a", finished).Extend(new Initialized(initialized), "b", new OnceTrigger());
        trainer.Run();
        Assert.That(initialized, Is.EqualTo(new[] { "b" }));
    }

    private int StopsAt(Trigger stop, double[] values)
    {
        Trainer trainer = Observing(stop, values);
        trainer.Run();
        return (int)trainer.Updater.Iteration;
    }

    private Trainer Observing(Trigger stop, double[] values) => Counting(stop)
        .Extend(t => t.Observation["x"] = values[t.Updater.Iteration - 1], "observe", priority: Extension.PriorityWriter);

    private string Fired(Trigger trigger, int iterations = 10, double[]? values = null)
    {
        string fired = "";
        Trainer trainer = values is null ? Counting((iterations, "iteration")) : Observing((iterations, "iteration"), values);
        trainer.Extend(t => fired += trigger.Fire(t) ? 'T' : 'F', "fire");
        trainer.Run();
        return fired;
    }

    private sealed class Initialized(List<string> names) : Extension
    {
        public override void Initialize(Trainer trainer) => names.Add(Name!);

        public override void Call(Trainer trainer)
        {
        }
    }

    /// <summary>The numbers of a file by their keys.</summary>
    private sealed class NpzKeys
    {
        private readonly Dictionary<string, object?> _values = [];

        public NpzKeys(string file)
        {
            using NpzFile npz = NpzFile.Open(file);
            foreach (string key in npz.Keys)
            {
                _values[key] = npz.Get(key);
            }
        }

        public IEnumerable<string> Keys => _values.Keys;

        public double this[string key] => ((NDArray)_values[key]!).AsType(DType.Float64).Item<double>();
    }
}
