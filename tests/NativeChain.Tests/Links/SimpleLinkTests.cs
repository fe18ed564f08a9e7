using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

/// <summary>Links that are little more than a function and its parameters.</summary>
[TestFixture]
public class SimpleLinkTests
{
    private static NDArray X => FunctionTest.Uniform((2, 3)).AsType(DType.Float32);

    [Test]
    public void PReLUStartsWithAQuarter()
    {
        L.PReLU link = new(), own = new(3, init: 0.5);
        Assert.That(Paths(link), Is.EqualTo(new[] { "/W" }));
        Assert.That((link.W.Shape, own.W.Shape), Is.EqualTo((Shape.Scalar, (Shape)3)));
        Assert.That(link.Call(NDArray.Full((1, 1), -2.0)).Array.Item<float>(), Is.EqualTo(-0.5f));
        Assert.That(own.Call(X).Array.ToArray<float>(), Is.EqualTo(X.ToArray<float>().Select(v => v >= 0 ? v : v / 2)));
    }

    [Test]
    public void SwishTakesItsShapeFromTheFirstInput()
    {
        L.Swish link = new(null, betaInit: 2.0);
        Assert.That(link.Beta.IsInitialized, Is.False);
        Variable y = link.Call(X);
        Assert.That(Paths(link), Is.EqualTo(new[] { "/beta" }));
        Assert.That(link.Beta.Shape, Is.EqualTo((Shape)3));
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo(X.ToArray<float>().Select(v => (float)(v / (1 + Math.Exp(-2 * v))))).Within(1e-6f));
        Assert.That(() => new L.Swish(null).Call(NDArray.Ones(Shape.Scalar)), Throws.TypeOf<InvalidTypeException>());
    }

    [Test]
    public void MaxoutIsTheGreatestOfItsLinearFunctions()
    {
        NDArray w = FunctionTest.Uniform((2, 4, 3), seed: 2), b = FunctionTest.Uniform((2, 4), seed: 3);
        L.Maxout link = new(null, 2, 4, initialBias: b, initialW: w);
        NDArray expected = (NDArray.MatMul(X.AsType(DType.Float64), w.Reshape((8, 3)).T).Reshape((2, 2, 4)) + b).Max(2);
        Assert.That(link.Call(X).Array.ToArray<float>(), Is.EqualTo(expected.ToArray<double>()).Within(1e-5));
        Assert.That(Paths(link), Is.EqualTo(new[] { "/linear/W", "/linear/b" }));
        Assert.That(Paths(new L.Maxout(3, 2, 4, initialBias: null)), Is.EqualTo(new[] { "/linear/W" }));
        Assert.That(new L.Maxout(3, 2, 4).Linear.B!.Array.ToArray<float>(), Is.All.Zero);
        Assert.That(() => new L.Maxout(3, 4, 2, initialW: w), Throws.ArgumentException.With.Message.Contains("(2, 4, 3)"));
        Assert.That(() => new L.Maxout(3, 2, 4, initialBias: w), Throws.ArgumentException);
        Assert.That(() => new L.Maxout(3, 2, 0), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void HighwayPassesItsInputWhereTheGateIsShut()
    {
        L.Highway link = new(3, activate: F.Tanh, initWt: 0.0, initBt: -200.0);
        Assert.That(link.Call(X).Array.ToArray<float>(), Is.EqualTo(X.ToArray<float>()));
        link.Transform.B!.Array.Fill(200.0);
        Assert.That(
            link.Call(X).Array.ToArray<float>(), Is.EqualTo(F.Tanh(link.Plain.Call(X)).Array.ToArray<float>()).Within(1e-6f));
        Assert.That(Paths(link), Is.EqualTo(new[] { "/plain/W", "/plain/b", "/transform/W", "/transform/b" }));
        Assert.That(new L.Highway(2).Transform.B!.Array.ToArray<float>(), Is.All.EqualTo(-1f));
        Assert.That(Paths(new L.Highway(2, nobias: true)), Is.EqualTo(new[] { "/plain/W", "/transform/W" }));
    }

    [Test]
    public void ScaleAndBiasLearnOrTakeASecondInput()
    {
        NDArray y = NDArray.FromSpan<float>([2, 3, 4], 3);
        L.Scale learnt = new(wShape: 3, biasTerm: true), given = new(biasTerm: true, biasShape: 3);
        learnt.W!.Array[..] = y;
        learnt.Bias!.B!.Array.Fill(1.0);
        given.Bias!.B!.Array.Fill(1.0);
        float[] expected = ((X * y) + 1.0).ToArray<float>();
        Assert.That(learnt.Call(X).Array.ToArray<float>(), Is.EqualTo(expected));
        Assert.That(given.Call(X, y).Array.ToArray<float>(), Is.EqualTo(expected));
        Assert.That(new L.Bias().Call(X, y).Array.ToArray<float>(), Is.EqualTo((X + y).ToArray<float>()));
        Assert.That(Paths(learnt), Is.EqualTo(new[] { "/W", "/bias/b" }));
        Assert.That(Paths(given), Is.EqualTo(new[] { "/bias/b" }));
        Assert.That(() => new L.Scale(biasTerm: true), Throws.ArgumentException);
        Assert.That(() => learnt.Call(X, y), Throws.ArgumentException);
        Assert.That(() => given.Call(X), Throws.ArgumentException);
        Assert.That(() => new L.Bias(shape: 3).Call(X, y), Throws.ArgumentException);
    }

    [Test]
    public void ParameterLinkGivesItsArray()
    {
        L.ParameterLink link = new(NDArray.Ones(3));
        Variable y = link.Call();
        F.Sum(y * 2).Backward();
        Assert.That(link.W.Grad!.ToArray<float>(), Is.All.EqualTo(2));
        Assert.That(() => link.Call(X, X), Throws.ArgumentException);
    }

    [Test]
    public void SimplifiedDropconnectKeepsTheFirstMask()
    {
        L.SimplifiedDropconnect link = new(null, 2, ratio: 0.5);
        NDArray mask = NDArray.Ones((2, 2, 3), DType.Bool);
        Variable y = link.Call(X, mask: mask);
        Assert.That(link.NamedPersistents().Select(entry => entry.Path), Is.EqualTo(new[] { "/mask" }));
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo((link.Call(X, train: false).Array * 2.0).ToArray<float>()).Within(1e-5f));
        Assert.That(Paths(link), Is.EqualTo(new[] { "/W", "/b" }));
        link.Call(X, mask: NDArray.Zeros((2, 2, 3), DType.Bool));
        Assert.That(link.GetPersistent("mask"), Is.SameAs(mask));
        Assert.That(() => new L.SimplifiedDropconnect(3, 2, ratio: 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static string[] Paths(Link link) => [.. link.NamedParams().Select(entry => entry.Path)];
}
