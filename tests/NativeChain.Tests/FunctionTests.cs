using NUnit.Framework;

namespace NativeChain.Tests;

[TestFixture]
public class FunctionTests
{
    private sealed class Cube : Function
    {
        protected override NDArray[] Forward(NDArray[] x) => [x[0] * x[0] * x[0]];

        protected override NDArray?[] Backward(NDArray[] x, NDArray?[] gy) => [3 * x[0] * x[0] * gy[0]!];
    }

    private sealed class SplitSum : Function
    {
        public int Calls { get; private set; }

        protected override NDArray[] Forward(NDArray[] x) => [x[0] + x[1], x[0] - x[1]];

        protected override NDArray?[] Backward(NDArray[] x, NDArray?[] gy)
        {
            Calls++;
            return gy[1] is null ? [gy[0], null] : [gy[0]! + gy[1]!, gy[0]! - gy[1]!];
        }
    }

    private sealed class WrongShape : Function
    {
        protected override NDArray[] Forward(NDArray[] x) => [x[0].Copy()];

        protected override NDArray?[] Backward(NDArray[] x, NDArray?[] gy) => [NDArray.Ones(7)];
    }

    private sealed class WrongCount : Function
    {
        protected override NDArray[] Forward(NDArray[] x) => [x[0].Copy()];

        protected override NDArray?[] Backward(NDArray[] x, NDArray?[] gy) => [gy[0], gy[0]];
    }

    private sealed class Refuses : Function
    {
        protected override NDArray[] Forward(NDArray[] x) => [x[0].Copy()];

        protected override NDArray?[] Backward(NDArray[] x, NDArray?[] gy) => gy;

        protected override void CheckTypes(ReadOnlySpan<NDArray> inputs) => TypeCheck.NDim("Refuses", "x", inputs[0], 2);
    }

    [Test]
    public void HasAGradient()
    {
        var x = new Variable(new double[] { 2, 3 });
        Variable y = new Cube().Call(x);
        Assert.That(y.Array.ToArray<double>(), Is.EqualTo(new double[] { 8, 27 }));
        F.Sum(y).Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 12, 27 }));
        GradientCheck.CheckBackward(v => F.Sum(new Cube().Call(v)), x.Array);
    }

    [Test]
    public void MayBeCalledManyTimes()
    {
        var cube = new Cube();
        var x = new Variable(new double[] { 2 });
        Variable y = cube.Call(cube.Call(x));
        y.Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 9 * 256 }));
    }

    [Test]
    public void SaysThatItCannotBeDifferentiatedTwice()
    {
        var x = new Variable(new double[] { 2 });
        Variable y = new Cube().Call(x);
        y.Backward(enableDoubleBackprop: true);
        Variable gx = x.GradVar!;
        Assert.That(
            () => gx.Backward(),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("cannot twice-differentiate").And.Message.Contains("Cube"));
    }

    [Test]
    public void SeveralOutputsOfWhichSomeHaveNoGradient()
    {
        var a = new Variable(new float[] { 3 });
        var b = new Variable(new float[] { 2 });
        Variable[] y = new SplitSum().Apply(a, b);
        y[0].Backward();
        Assert.That(a.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 1 }));
        Assert.That(b.Grad, Is.Null);
        a.ClearGrad();
        (y[0] * y[1]).Backward();
        Assert.That(a.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 6 }));
        Assert.That(b.Grad!.ToArray<float>(), Is.EqualTo(new float[] { -4 }));
    }

    [Test]
    public void AnOutputOfWhichTheUserSetTheGradientTakesPart()
    {
        var a = new Variable(new float[] { 3 });
        var b = new Variable(new float[] { 2 });
        Variable[] y = new SplitSum().Apply(a, b);
        y[1].Grad = new float[] { 10 };
        y[0].Backward();
        Assert.That(a.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 11 }));
        Assert.That(y[1].Grad, Is.Null);
    }

    [Test]
    public void AWrongGradientNamesTheFunction()
    {
        var x = new Variable(new float[] { 1 });
        Assert.That(() => new WrongShape().Call(x).Backward(), Throws.InvalidOperationException.With.Message.Contains("WrongShape"));
        Assert.That(() => new WrongCount().Call(x).Backward(), Throws.InvalidOperationException.With.Message.Contains("WrongCount"));
        Assert.That(x.Grad, Is.Null);
    }

    [Test]
    public void ChecksTypesUnlessToldNotTo()
    {
        var x = new Variable(new float[] { 1 });
        Assert.That(() => new Refuses().Call(x), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("'x'"));
        using (Config.Using(typeCheck: false))
        {
            Assert.That(() => new Refuses().Call(x), Throws.Nothing);
        }
        Assert.That(() => new Refuses().Call((Variable)null!), Throws.ArgumentNullException.With.Message.Contains("Refuses"));
    }
}
