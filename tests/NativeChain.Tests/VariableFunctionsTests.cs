using NUnit.Framework;

namespace NativeChain.Tests;

[TestFixture]
public class VariableFunctionsTests
{
    private static double[] Doubles(Variable x) => x.Array.ToArray<double>();

    [Test]
    public void FloorDivideRoundsDownAndLeavesTheGraph()
    {
        var x = new Variable(new double[] { 7, -7, 0.5 });
        NDArray y = new[] { 2.0, 2, 0.25 };
        Assert.That(Doubles(Variable.FloorDivide(x, new Variable(y))), Is.EqualTo(new double[] { 3, -4, 2 }));
        Assert.That(Doubles(Variable.FloorDivide(x, y)), Is.EqualTo(new double[] { 3, -4, 2 }));
        Assert.That(Doubles(Variable.FloorDivide(y, x)), Is.EqualTo(new double[] { 0, -1, 0 }));
        Assert.That(Doubles(Variable.FloorDivide(x, 2)), Is.EqualTo(new double[] { 3, -4, 0 }));
        Variable z = Variable.FloorDivide(2, x);
        Assert.That(Doubles(z), Is.EqualTo(new double[] { 0, -1, 4 }));
        Assert.That(z.Creator, Is.Null);
        Assert.That(z.RequiresGrad, Is.False);
        Assert.That(() => Variable.FloorDivide(x, new Variable(NDArray.Ones(3))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => Variable.FloorDivide(x, new Variable(NDArray.Ones(2, DType.Float64))), Throws.TypeOf<InvalidTypeException>());
    }

    [Test]
    public void MethodsAreTheFunctions()
    {
        NDArray a = FunctionTest.Uniform((2, 1, 3));
        var x = new Variable(a);
        Assert.That(Doubles(Variable.Abs(x)), Is.EqualTo(Doubles(F.Absolute(x))));
        Assert.That(Doubles(x.Sum()), Is.EqualTo(Doubles(F.Sum(x))));
        Assert.That(x.Sum(0, keepDims: true).Shape, Is.EqualTo(new Shape(1, 1, 3)));
        Assert.That(x.Squeeze().Shape, Is.EqualTo(new Shape(2, 3)));
        Assert.That(x.Flatten().Shape, Is.EqualTo(new Shape(6)));
        Assert.That(x.AsType(DType.Float32).DType, Is.EqualTo(DType.Float32));
        Assert.That(Variable.MatMul(x.Squeeze(), x.Squeeze().T).Shape, Is.EqualTo(new Shape(2, 2)));
        Assert.That(x[1, 0, 2].Item<double>(), Is.EqualTo(a.At(1, 0, 2)));
        Assert.That(() => x.Item<double>(), Throws.InvalidOperationException);
        Assert.That(() => new Variable().Item<double>(), Throws.InvalidOperationException);
    }

    [Test]
    public void ToTheSameDeviceIsNothing()
    {
        var x = new Variable(NDArray.Ones(2));
        Variable y = x * x;
        NDArray array = y.Array;
        y.ToDevice(Device.Cpu);
        Assert.That(y.Array, Is.SameAs(array));
        Assert.That(y.Creator, Is.Not.Null);
    }
}
