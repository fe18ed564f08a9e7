using NUnit.Framework;

namespace NativeChain.Tests.Graph;

[TestFixture]
public class AutogradTests
{
    private static double[] Doubles(Variable? v) => v!.Array.ToArray<double>();

    [Test]
    public void GradOfLeavesAndIntermediates()
    {
        var x = new Variable(new double[] { 2 });
        var z = new Variable(new double[] { 5 });
        Variable h = x * x;
        Variable y = h * z;
        Variable?[] g = Autograd.Grad([y], [x, h, z]);
        Assert.That(Doubles(g[0]), Is.EqualTo(new double[] { 20 }));
        Assert.That(Doubles(g[1]), Is.EqualTo(new double[] { 5 }));
        Assert.That(Doubles(g[2]), Is.EqualTo(new double[] { 4 }));
        Assert.That(x.Grad, Is.Null);
        Assert.That(h.Grad, Is.Null);
        Assert.That(y.Grad, Is.Null);
    }

    [Test]
    public void GradWithGradOutputsAndGradInputs()
    {
        var x = new Variable(new double[] { 2, 3 });
        Variable a = x * x;
        Variable b = 3 * x;
        Variable?[] g = Autograd.Grad(
            [a, b], [x], gradOutputs: [new Variable(new double[] { 10, 20 }), null], gradInputs: [new Variable(new double[] { 100, 200 })]);
        Assert.That(Doubles(g[0]), Is.EqualTo(new double[] { 100 + 40 + 3, 200 + 120 + 3 }));
    }

    [Test]
    public void AnInputThatNothingDependsOnHasNone()
    {
        var x = new Variable(new double[] { 2 });
        var other = new Variable(new double[] { 2 });
        Variable?[] g = Autograd.Grad([x * x], [x, other]);
        Assert.That(g[0], Is.Not.Null);
        Assert.That(g[1], Is.Null);
    }

    [Test]
    public void AnOutputMayBeAnInput()
    {
        var x = new Variable(new double[] { 2 });
        Variable y = x * x;
        Variable?[] g = Autograd.Grad([y], [y, x]);
        Assert.That(Doubles(g[0]), Is.EqualTo(new double[] { 1 }));
        Assert.That(Doubles(g[1]), Is.EqualTo(new double[] { 4 }));
    }

    [Test]
    public void SetGradAndRetainGrad()
    {
        var x = new Variable(new double[] { 2 });
        Variable h = x * x;
        Variable y = 3 * h;
        Autograd.Grad([y], [x], setGrad: true);
        Assert.That(Doubles(x.GradVar), Is.EqualTo(new double[] { 12 }));
        Assert.That(h.Grad, Is.Null);
        Autograd.Grad([y], [x], retainGrad: true);
        Assert.That(Doubles(h.GradVar), Is.EqualTo(new double[] { 3 }));
    }

    [Test]
    public void LossScale()
    {
        var x = new Variable(new double[] { 2 });
        Assert.That(Doubles(Autograd.Grad([x * x], [x], lossScale: 8)[0]), Is.EqualTo(new double[] { 32 }));
    }

    [Test]
    public void GradOfGrad()
    {
        var x = new Variable(new double[] { 2 });
        Variable y = x * x * x;
        Variable gx = Autograd.Grad([y], [x], enableDoubleBackprop: true)[0]!;
        Variable ggx = Autograd.Grad([gx], [x], enableDoubleBackprop: true)[0]!;
        Variable gggx = Autograd.Grad([ggx], [x])[0]!;
        Assert.That(Doubles(gx), Is.EqualTo(new double[] { 12 }));
        Assert.That(Doubles(ggx), Is.EqualTo(new double[] { 12 }));
        Assert.That(Doubles(gggx), Is.EqualTo(new double[] { 6 }));
        Assert.That(gggx.Creator, Is.Null);
    }

    [Test]
    public void GoesOnlyThroughWhatLiesBetween()
    {
        var x = new Variable(new float[] { 2 });
        var z = new Variable(new float[] { 2 });
        var refusing = new Refusing();
        Variable y = (x * x) + refusing.ApplySingle(z);
        Assert.That(Autograd.Grad([y], [x])[0]!.Array.ToArray<float>(), Is.EqualTo(new float[] { 4 }));
        Assert.That(() => Autograd.Grad([y], [z]), Throws.TypeOf<NotImplementedException>());
    }

    [Test]
    public void ABackwardMayDifferentiateTheGraphItIsPartOf()
    {
        // The inner pass reaches nodes at which gradients of the outer one wait.
        var x = new Variable(new double[] { 2 });
        Variable h = x * x;
        Variable y = h + new Nesting(h, x).ApplySingle(h) + (x * h);
        y.Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 4 + (4 * 4) + 12 }));
    }

    [Test]
    public void RefusesWhatDoesNotBelongTogether()
    {
        var x = new Variable(new double[] { 2, 3 });
        Variable y = x * x;
        Assert.That(() => Autograd.Grad(null!, [x]), Throws.ArgumentNullException);
        Assert.That(() => Autograd.Grad([y], [null!]), Throws.ArgumentNullException);
        Assert.That(() => Autograd.Grad([y], [x], gradOutputs: []), Throws.ArgumentException);
        Assert.That(() => Autograd.Grad([y], [x], gradInputs: []), Throws.ArgumentException);
        Assert.That(
            () => Autograd.Grad([y], [x], gradOutputs: [new Variable(new double[] { 1 })]),
            Throws.TypeOf<InvalidTypeException>().With.Message.Contains("gradOutputs[0]"));
    }

    private sealed class Refusing : FunctionNode
    {
        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Copy()];

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
            throw new NotImplementedException();
    }

    /// <summary>Identity, whose gradient is multiplied by dh/dx.</summary>
    private sealed class Nesting(Variable h, Variable x) : FunctionNode
    {
        public override NDArray[] Forward(ReadOnlySpan<NDArray> inputs) => [inputs[0].Copy()];

        public override Variable?[] Backward(ReadOnlySpan<int> targetInputs, ReadOnlySpan<Variable?> gradOutputs) =>
            [gradOutputs[0]! * Autograd.Grad([h], [x])[0]!];
    }
}
