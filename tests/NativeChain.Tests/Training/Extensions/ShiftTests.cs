using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using NUnit.Framework;

namespace NativeChain.Tests.Training.Extensions;

[TestFixture]
public class ShiftTests : TrainingTest
{
    /// <summary>A shift, and the values of lr during the iterations 1 to 8, when it is called after each.</summary>
    private static IEnumerable<TestCaseData> Shifts()
    {
        yield return Case("exponential", () => new ExponentialShift("lr", 0.5), 8, 4, 2, 1, 0.5, 0.25, 0.125, 0.0625);
        yield return Case("exponential to a target", () => new ExponentialShift("lr", 0.5, init: 6, target: 2), 6, 3, 2, 2, 2, 2, 2, 2);
        yield return Case("exponential upwards", () => new ExponentialShift("lr", 2, init: 1, target: 10), 1, 2, 4, 8, 10, 10, 10, 10);
        yield return Case("exponential of a negative", () => new ExponentialShift("lr", 0.5, init: -8, target: -3), -8, -4, -3, -3, -3, -3, -3, -3);
        yield return Case("inverse", () => new InverseShift("lr", 1, 2), 8, 2, 8 / 9.0, 0.5, 8 / 25.0, 8 / 36.0, 8 / 49.0, 0.125);
        yield return Case("inverse to a target", () => new InverseShift("lr", 1, 1, target: 3), 8, 4, 3, 3, 3, 3, 3, 3);
        yield return Case("polynomial", () => new PolynomialShift("lr", 2, 4), 8, 4.5, 2, 0.5, 0, 0, 0, 0);
        yield return Case("polynomial to a target", () => new PolynomialShift("lr", 1, 4, target: 3), 8, 6, 4, 3, 3, 3, 3, 3);
        yield return Case("step", () => new StepShift("lr", 0.5, 3), 8, 8, 8, 4, 4, 4, 2, 2);
        yield return Case("step to a target", () => new StepShift("lr", 0.1, 2, target: 0.5), 8, 8, 0.8, 0.8, 0.5, 0.5, 0.5, 0.5);
        yield return Case("linear", () => new LinearShift("lr", (1, 4), (2, 5)), 1, 1, 1, 2, 3, 4, 4, 4);
        yield return Case("multistep", () => new MultistepShift("lr", 0.5, [2, 3, 6]), 8, 8, 4, 2, 2, 2, 1, 1);
        yield return Case("multistep from init", () => new MultistepShift("lr", 10, [4], init: 1), 1, 1, 1, 1, 10, 10, 10, 10);
        yield return Case("warm-up", () => new WarmupShift("lr", 1, 4, 9), 1, 3, 5, 7, 9, 9, 9, 9);
        yield return Case("warm-up from the optimizer's", () => new WarmupShift(null, null, 2, 4), 8, 6, 4, 4, 4, 4, 4, 4);

        static TestCaseData Case(string name, Func<HyperparameterShift> create, params double[] expected) =>
            new TestCaseData(create, expected).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Shifts))]
    public void ValuesAreChainers(Func<HyperparameterShift> create, double[] expected)
    {
        List<double> values = [];
        Run(create(), values);
        Assert.That(values, Is.EqualTo(expected).Within(1e-12));
    }

    [TestCaseSource(nameof(Shifts))]
    public void AResumedTrainingGoesOnWithTheValues(Func<HyperparameterShift> create, double[] expected)
    {
        foreach (int iteration in new[] { 1, 4, 7 })
        {
            List<double> before = [], after = [];
            Run(create(), before, trainer => trainer.Extend(new Snapshot(), trigger: (iteration, "iteration")));
            Run(create(), after, trainer =>
            {
                trainer.Extend(new Snapshot(), trigger: (iteration, "iteration"));
                NativeChain.Serializers.LoadNpz(At($"snapshot_iter_{iteration}"), trainer);
            });
            Assert.That(after, Is.EqualTo(expected[iteration..]).Within(1e-12), $"from iteration {iteration}");
        }
    }

    [Test]
    public void AutoloadedValuesAreInForceAtOnce()
    {
        List<double> values = [];
        Trainer first = Counting((3, "iteration"), new SGD(lr: 8)).Extend(new ExponentialShift("lr", 0.5)).Extend(new Snapshot(), trigger: (3, "iteration"));
        first.Run();
        Trainer second = Counting((5, "iteration"), new SGD(lr: 8), updater => values.Add(((SGD)updater.Optimizers["main"]).Lr))
            .Extend(new ExponentialShift("lr", 0.5)).Extend(new Snapshot(autoload: true), trigger: (3, "iteration"));
        second.Run();
        Assert.That(values, Is.EqualTo(new[] { 1.0, 0.5 }));
    }

    [Test]
    public void ItIsSavedAsChainerSavesIt()
    {
        ExponentialShift shift = new("lr", 0.5);
        NativeChain.Serializers.SaveNpz(At("before.npz"), shift);
        Run(shift, []);
        NativeChain.Serializers.SaveNpz(At("after.npz"), shift);
        using NpzFile before = NpzFile.Open(At("before.npz")), after = NpzFile.Open(At("after.npz"));
        Assert.That(after.Keys, Is.EquivalentTo(new[] { "_t", "_last_value" }));
        Assert.That(before.Get("_last_value"), Is.Null);
        Assert.That(((NDArray)after.Get("_last_value")!).DType, Is.EqualTo(DType.Float64));
        Assert.That(((NDArray)after.Get("_t")!).Item<long>(), Is.EqualTo(8));
    }

    [Test]
    public void TheHyperparameterIsFoundByItsName()
    {
        Adam adam = new(alpha: 8);
        Run(new ExponentialShift(null, 0.5), [], optimizer: adam);
        Assert.That(adam.Alpha, Is.EqualTo(8 / 256.0));
        Run(new ExponentialShift("WeightDecayRate", 0.5, init: 1), [], optimizer: adam);
        Assert.That(adam.WeightDecayRate, Is.EqualTo(1 / 256.0));
        SGD other = new(lr: 1);
        other.Setup(adam.Target);
        Run(new ExponentialShift("lr", 0.5, optimizer: other), [], optimizer: adam);
        Assert.That(other.Lr, Is.EqualTo(1 / 256.0));
        Assert.That(
            () => Run(new ExponentialShift("lr", 0.5), [], optimizer: new Adam()),
            Throws.InvalidOperationException.With.Message.Contains("Adam has no lr").And.Message.Contains("alpha=0.001"));
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new ExponentialShift("lr", -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new InverseShift("lr", -1, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new PolynomialShift("lr", 1, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new StepShift("lr", 1, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new WarmupShift("lr", 1, 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MultistepShift("lr", 1, null!), Throws.ArgumentNullException);
    }

    private void Run(HyperparameterShift shift, List<double> values, Action<Trainer>? prepare = null, Optimizer? optimizer = null)
    {
        Trainer trainer = Counting(
            (8, "iteration"),
            optimizer ?? new SGD(lr: 8),
            updater =>
            {
                if (updater.Optimizers["main"] is SGD sgd)
                {
                    values.Add(sgd.Lr);
                }
            });
        trainer.Extend(shift);
        prepare?.Invoke(trainer);
        trainer.Run();
    }
}
