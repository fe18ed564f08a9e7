using NativeChain.Optimizers;
using NUnit.Framework;

namespace NativeChain.Tests.Optimizers;

[TestFixture]
public class OptimizerHookTests
{
    [Test]
    public void WeightDecayAddsAMultipleOfTheParameter()
    {
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new(lr: 1.0));
        optimizer.Setup(model);
        optimizer.AddHook(new WeightDecay(0.25));
        OptimizerTests.Step(optimizer, model, 0.5);
        Assert.That(model.A.Array.ToArray<double>(), Is.All.EqualTo(1 - 0.75));
        Assert.That(model.B.Array.ToArray<double>(), Is.All.EqualTo(1 - 0.75));
    }

    [Test]
    public void WeightDecayLeavesAGradientThatIsSharedAlone()
    {
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new(lr: 1.0));
        optimizer.Setup(model);
        optimizer.AddHook(new WeightDecay(1.0));
        NDArray shared = NDArray.Zeros(3, DType.Float64);
        model.A.Grad = shared;
        optimizer.Update();
        Assert.That(shared.ToArray<double>(), Is.All.EqualTo(0.0));
    }

    [TestCase(100.0, 2.0)]
    [TestCase(1.0, 1.0)]
    public void GradientClippingBoundsTheNormOfAll(double threshold, double expected)
    {
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new(lr: 1.0));
        optimizer.Setup(model);
        optimizer.AddHook(new GradientClipping(threshold));
        model.A.Grad = new[] { 1.0, 1.0, 0.0 };
        model.B.Grad = new double[,] { { 1, 0 }, { 0, 1 } };
        optimizer.Update();
        double squares = model.Params().Sum(param => param.Grad!.ToArray<double>().Sum(g => g * g));
        Assert.That(Math.Sqrt(squares), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void HooksRunInOrderTheOptimizersBeforeTheParameters()
    {
        List<string> calls = [];
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new());
        optimizer.Setup(model);
        optimizer.AddHook(new Recorder("first", calls));
        optimizer.AddHook(new Recorder("last", calls), timing: HookTiming.Post);
        optimizer.AddHook(new Recorder("second", calls));
        model.A.UpdateRule!.AddHook(new Recorder("own", calls));
        optimizer.Update();
        Assert.That(calls, Is.EqualTo(new[] { "first", "first", "second", "second", "own", "last", "last" }));
        Assert.That(() => optimizer.AddHook(new Recorder("first", calls)), Throws.ArgumentException);
        optimizer.RemoveHook("first");
        Assert.That(() => optimizer.RemoveHook("first"), Throws.ArgumentException);
    }

    [Test]
    public void AHookOfAllParametersCannotBeAddedToOne()
    {
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new());
        optimizer.Setup(model);
        model.A.UpdateRule!.AddHook(new GradientClipping(1.0));
        Assert.That(optimizer.Update, Throws.TypeOf<NotSupportedException>());
    }

    private sealed class Recorder(string name, List<string> calls) : OptimizerHook
    {
        public override string Name => name;

        public override void Call(UpdateRule? rule, Parameter param) => calls.Add(name);
    }
}
