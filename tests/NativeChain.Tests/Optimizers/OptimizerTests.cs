using NativeChain.Optimizers;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Optimizers;

[TestFixture]
public class OptimizerTests
{
    private static readonly double[] G = [0.5, -2.0, 0.25];

    [Test]
    public void SGDStepsAgainstTheGradient() =>
        Assert.That(Run(new SGD(lr: 0.1), steps: 2), Is.EqualTo(Reference((p, g, _) => p - (0.1 * g), 2)).Within(1e-12));

    [Test]
    public void MomentumSGDKeepsAVelocity()
    {
        double[] v = new double[3];
        double[] expected = Reference((p, g, i) => p + (v[i] = (0.8 * v[i]) - (0.1 * g)), 3);
        Assert.That(Run(new MomentumSGD(lr: 0.1, momentum: 0.8), steps: 3), Is.EqualTo(expected).Within(1e-12));
    }

    [TestCase(false, false, 0.0, 1.0)]
    [TestCase(false, false, 0.3, 0.5)]
    [TestCase(true, false, 0.0, 1.0)]
    [TestCase(false, true, 0.0, 1.0)]
    [TestCase(true, true, 0.1, 0.7)]
    public void AdamFollowsItsFormula(bool amsgrad, bool adabound, double decay, double eta)
    {
        double[] m = new double[3], v = new double[3], vhat = new double[3];
        int[] t = new int[3];
        double[] expected = Reference(
            (p, g, i) =>
            {
                t[i]++;
                m[i] += 0.1 * (g - m[i]);
                v[i] += 0.01 * ((g * g) - v[i]);
                vhat[i] = amsgrad ? Math.Max(vhat[i], v[i]) : v[i];
                double step = 0.05 * Math.Sqrt(1 - Math.Pow(0.99, t[i])) / (1 - Math.Pow(0.9, t[i])) / (Math.Sqrt(vhat[i]) + 1e-3);
                if (adabound)
                {
                    step = Math.Clamp(step, 0.1 * (1 - (1 / ((0.2 * t[i]) + 1))), 0.1 * (1 + (1 / (0.2 * t[i]))));
                }
                return p - (eta * ((step * m[i]) + (decay * p)));
            },
            4);
        Adam adam = new(0.05, 0.9, 0.99, 1e-3, eta, decay, amsgrad, adabound, finalLr: 0.1, gamma: 0.2);
        Assert.That(Run(adam, steps: 4), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void HyperparametersOfOneParameterOverrideTheOptimizers()
    {
        (Pair model, SGD optimizer) = (new(), new(lr: 0.5));
        optimizer.Setup(model);
        model.A.UpdateRule!.Hyperparam["lr"] = 0.25;
        optimizer.Lr = 1.0;
        Step(optimizer, model, 1.0);
        Assert.That(model.A.Array.ToArray<double>(), Is.All.EqualTo(0.75));
        Assert.That(model.B.Array.ToArray<double>(), Is.All.EqualTo(0.0));
        Assert.That(() => optimizer.Hyperparam["momentum"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("momentum"));
    }

    [Test]
    public void ADisabledRuleLeavesItsParameterAlone()
    {
        (Pair model, Adam optimizer) = (new(), new(alpha: 0.1));
        optimizer.Setup(model);
        model.A.UpdateRule!.Enabled = false;
        Step(optimizer, model, 1.0);
        Assert.That(model.A.Array.ToArray<double>(), Is.All.EqualTo(1.0));
        Assert.That(model.B.Array.ToArray<double>(), Is.All.LessThan(1.0));
        Assert.That((model.A.UpdateRule.T, model.B.UpdateRule!.T), Is.EqualTo((0L, 1L)));
    }

    [Test]
    public void AMissingGradientCountsAsZeros()
    {
        (Pair model, MomentumSGD optimizer) = (new(), new(lr: 1.0, momentum: 0.5));
        optimizer.Setup(model);
        Step(optimizer, model, 1.0);
        model.ClearGrads();
        optimizer.Update();
        Assert.That(model.A.Array.ToArray<double>(), Is.All.EqualTo(1.0 - 1.0 - 0.5));
        Assert.That(model.A.Grad!.ToArray<double>(), Is.All.EqualTo(0.0));
    }

    [Test]
    public void AParameterThatIsReachedTwiceIsUpdatedOnce()
    {
        L.Linear link = new(1, 1, initialW: 1.0, nobias: true);
        Shared model = new(link);
        Optimizer optimizer = new SGD(lr: 0.5).Setup(model);
        link.W.Grad = NDArray.Ones((1, 1));
        optimizer.Update();
        Assert.That(link.W.Array.Item<float>(), Is.EqualTo(0.5f));
    }

    [Test]
    public void MixedDTypesAreUpdatedEachInItsOwn()
    {
        Mixed model = new();
        Optimizer optimizer = new Adam(alpha: 0.5).Setup(model);
        foreach (Parameter param in model.Params())
        {
            param.Grad = NDArray.OnesLike(param.Array);
        }
        optimizer.Update();
        Assert.That(model.Half.Array.DType, Is.EqualTo(DType.Float16));
        Assert.That((double)model.Half.Array.ToArray<Half>()[0], Is.EqualTo(0.5).Within(0.01));
        Assert.That(model.Single.Array.ToArray<float>()[0], Is.EqualTo(0.5f).Within(0.01));
        Assert.That(model.Double.Array.ToArray<double>()[0], Is.EqualTo(0.5).Within(0.01));
    }

    [Test]
    public void UninitializedParametersWait()
    {
        L.Linear link = new(null, 2);
        Optimizer optimizer = new Adam().Setup(link);
        optimizer.Update();
        Assert.That(link.W.IsInitialized, Is.False);
        optimizer.Update(() => F.Sum(link.Call(NDArray.Ones((1, 3)))));
        Assert.That(link.W.UpdateRule!.State!.Keys, Is.EqualTo(new[] { "m", "v" }));
    }

    [Test]
    public void UpdateComputesTheLossClearsAndUpdates()
    {
        L.Linear link = new(1, 1, initialW: 1.0, nobias: true);
        Optimizer optimizer = new SGD(lr: 0.1).Setup(link);
        link.W.Grad = NDArray.Full((1, 1), 100);
        optimizer.Update((Variable x, L.Linear model) => F.Sum(model.Call(x)), (Variable)NDArray.Full((1, 1), 2), link);
        Assert.That(link.W.Array.Item<float>(), Is.EqualTo(0.8f).Within(1e-6));
        Assert.That(optimizer.T, Is.EqualTo(1));
    }

    [Test]
    public void EpochsAreCountedByOneOnly()
    {
        Optimizer optimizer = new SGD().Setup(new L.Linear(1, 1));
        optimizer.NewEpoch();
        Assert.That(optimizer.Epoch, Is.EqualTo(1));
        Assert.That(() => optimizer.NewEpoch(auto: true), Throws.InvalidOperationException);
        optimizer.UseAutoNewEpoch = true;
        Assert.That(() => optimizer.NewEpoch(), Throws.InvalidOperationException);
    }

    [Test]
    public void WithoutSetupNothingWorks()
    {
        SGD optimizer = new();
        Assert.That(optimizer.Update, Throws.InvalidOperationException.With.Message.Contains("Setup"));
        Assert.That(() => optimizer.AddHook(new WeightDecay(0.1)), Throws.InvalidOperationException);
        Assert.That(() => new Adam().AlphaT, Throws.InvalidOperationException);
        Assert.That(() => new SGD().Setup(new Pair()).Update(() => null!), Throws.ArgumentException.With.Message.Contains("null"));
    }

    [Test]
    public void AnEpsilonThatUnderflowsIsRefused()
    {
        L.Linear link = new(1, 1);
        Optimizer optimizer = new Adam(eps: 1e-60).Setup(link);
        float before = link.W.Array.Item<float>();
        Assert.That(optimizer.Update, Throws.InvalidOperationException.With.Message.Contains("eps"));
        Assert.That(link.W.Array.Item<float>(), Is.EqualTo(before));
        Assert.That((optimizer.T, link.W.UpdateRule!.T, link.B!.UpdateRule!.T), Is.EqualTo((0L, 0L, 0L)));
    }

    [Test]
    public void ParametersThatShareAnArrayAreUpdatedOneAfterTheOther()
    {
        L.Linear link = new(1, 1, initialW: 1.0, nobias: true);
        Sequential model = link.Repeat(3, CopyMode.Share);
        Optimizer optimizer = new SGD(lr: 0.125).Setup(model);
        Step(optimizer, model, 1.0);
        Assert.That(link.W.Array.Item<float>(), Is.EqualTo(1f - (3 * 0.125f)));
    }

    internal static void Step(Optimizer optimizer, Link model, double gradient)
    {
        foreach (Parameter param in model.Params())
        {
            param.Grad = NDArray.FullLike(param.Array, gradient);
        }
        optimizer.Update();
    }

    private static double[] Run(Optimizer optimizer, int steps)
    {
        Pair model = new();
        optimizer.Setup(model);
        for (int step = 0; step < steps; step++)
        {
            model.A.Grad = (NDArray)G * (step + 1.0);
            model.B.Grad = NDArray.ZerosLike(model.B.Array);
            optimizer.Update();
        }
        return model.A.Array.ToArray<double>();
    }

    private static double[] Reference(Func<double, double, int, double> update, int steps)
    {
        double[] p = [1, 1, 1];
        for (int step = 0; step < steps; step++)
        {
            for (int i = 0; i < p.Length; i++)
            {
                p[i] = update(p[i], G[i] * (step + 1.0), i);
            }
        }
        return p;
    }

    internal sealed class Pair : Link
    {
        public Parameter A { get; } = new(NDArray.Ones(3, DType.Float64));

        public Parameter B { get; } = new(NDArray.Ones((2, 2), DType.Float64));
    }

    private sealed class Mixed : Link
    {
        public Parameter Half { get; } = new(NDArray.Ones(3, DType.Float16));

        public Parameter Single { get; } = new(NDArray.Ones(3, DType.Float32));

        public Parameter Double { get; } = new(NDArray.Ones(3, DType.Float64));
    }

    private sealed class Shared(L.Linear link) : Chain
    {
        public L.Linear First { get; } = link;

        public L.Linear Second { get; } = link;
    }
}
