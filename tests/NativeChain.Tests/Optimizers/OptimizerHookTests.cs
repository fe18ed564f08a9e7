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
    public void LassoAddsAMultipleOfTheSign()
    {
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new(lr: 1.0));
        optimizer.Setup(model);
        model.A.Array[..] = NDArray.FromSpan<double>([-3, 0, 2], 3);
        optimizer.AddHook(new Lasso(0.25));
        OptimizerTests.Step(optimizer, model, 0.5);
        Assert.That(model.A.Grad!.ToArray<double>(), Is.EqualTo(new[] { 0.25, 0.5, 0.75 }));
    }

    [Test]
    public void GradientHardClippingLimitsEachElement()
    {
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new());
        optimizer.Setup(model);
        optimizer.AddHook(new GradientHardClipping(-0.5, 1.0));
        model.A.Grad = new[] { -2.0, 0.25, 3.0 };
        optimizer.Update();
        Assert.That(model.A.Grad!.ToArray<double>(), Is.EqualTo(new[] { -0.5, 0.25, 1.0 }));
    }

    [TestCase(DType.Float64)]
    [TestCase(DType.Float32)]
    [TestCase(DType.Float16)]
    public void GradientLARSScalesToTheNormOfTheParameter(DType dtype)
    {
        // ‖p‖ = 500, whose square float16 cannot hold, ‖g‖ = 13.
        Sole model = new(NDArray.FromSpan<double>([300, 400], 2).AsType(dtype));
        Optimizer optimizer = new SGD(lr: 0.0).Setup(model);
        optimizer.AddHook(new GradientLARS(weightDecay: 0.125, eps: 0.5));
        model.P.Grad = NDArray.FromSpan<double>([5, -12], 2).AsType(dtype);
        optimizer.Update();
        double rate = 500 / (0.5 + 13 + (0.125 * 500));
        double[] expected = [(5 + (0.125 * 300)) * rate, (-12 + (0.125 * 400)) * rate];
        Assert.That(model.P.Grad!.AsType(DType.Float64).ToArray<double>(), Is.EqualTo(expected).Within(dtype == DType.Float16 ? 0.125 : 1e-4));
    }

    [Test]
    public void GradientLARSLeavesTheScaleOfSmallParameters()
    {
        Sole model = new(new[] { 0.003, 0.004 });
        Optimizer optimizer = new SGD(lr: 0.0).Setup(model);
        optimizer.AddHook(new GradientLARS(weightDecay: 0.5));
        model.P.Grad = new[] { 1.0, 2.0 };
        optimizer.Update();
        Assert.That(model.P.Grad!.ToArray<double>(), Is.EqualTo(new[] { 1.0015, 2.002 }).Within(1e-12));
    }

    [Test]
    public void GradientNoiseFallsFromUpdateToUpdate()
    {
        Sole model = new(NDArray.Zeros(10000, DType.Float64));
        Optimizer optimizer = new SGD(lr: 0.0).Setup(model);
        optimizer.AddHook(new GradientNoise(0.3));
        foreach (int t in new[] { 0, 1, 2 })
        {
            model.P.Grad = NDArray.Ones(10000, DType.Float64);
            optimizer.Update();
            double[] noise = [.. model.P.Grad!.ToArray<double>().Select(g => g - 1)];
            double deviation = Math.Sqrt(0.3 / Math.Pow(1 + t, 0.55));
            Assert.That(noise.Average(), Is.EqualTo(0).Within(0.05 * deviation));
            Assert.That(Math.Sqrt(noise.Average(n => n * n)), Is.EqualTo(deviation).Within(0.05 * deviation));
        }
    }

    [Test]
    public void GradientNoiseTakesAFunction()
    {
        (OptimizerTests.Pair model, SGD optimizer) = (new(), new());
        optimizer.Setup(model);
        model.A.UpdateRule!.AddHook(new GradientNoise(0.5, (shape, dtype, _, hook, rule) => NDArray.Full(shape, hook.Eta + rule!.T, dtype)));
        OptimizerTests.Step(optimizer, model, 1.0);
        Assert.That(model.A.Grad!.ToArray<double>(), Is.All.EqualTo(2.5));
        Assert.That(model.B.Grad!.ToArray<double>(), Is.All.EqualTo(1.0));
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

    private sealed class Sole(NDArray array) : Link
    {
        public Parameter P { get; } = new(array);
    }

    private sealed class Recorder(string name, List<string> calls) : OptimizerHook
    {
        public override string Name => name;

        public override void Call(UpdateRule? rule, Parameter param) => calls.Add(name);
    }
}
