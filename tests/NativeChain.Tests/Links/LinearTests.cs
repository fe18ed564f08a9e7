using NativeChain.Initializers;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class LinearTests
{
    [Test]
    public void AnOmittedSecondSizeShiftsTheFirst()
    {
        L.Linear link = new(5);
        Assert.That((link.InSize, link.OutSize), Is.EqualTo(((int?)null, 5)));
        link.Call(NDArray.Ones((2, 3)));
        Assert.That(link.W.Shape, Is.EqualTo(new Shape(5, 3)));
    }

    [Test]
    public void GradientsAreTheProductsOfInputsAndGradients()
    {
        L.Linear link = new(3, 2);
        Variable y = link.Call((NDArray)new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        y.Grad = NDArray.Ones((2, 2));
        y.Backward();
        Assert.That(link.W.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 5, 7, 9, 5, 7, 9 }));
        Assert.That(link.B!.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 2, 2 }));
    }

    [Test]
    public void SeveralAxesCanBeKept()
    {
        L.Linear link = new(null, 5);
        Assert.That(link.Call(NDArray.Ones((2, 4, 3)), nBatchAxes: 2).Shape, Is.EqualTo(new Shape(2, 4, 5)));
        Assert.That(link.InSize, Is.EqualTo(3));
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new L.Linear(null), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.Linear(0, 2), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.Linear(2, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.Linear(3, 2, initialW: NDArray.Zeros((2, 2))), Throws.ArgumentException);
        Assert.That(() => new L.Linear(3, 2).Call(NDArray.Ones((2, 4))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => new L.Linear(3, 2).Call((Variable)null!), Throws.ArgumentNullException);
    }

    [Test]
    public void InitializersFillWeightsAndBias()
    {
        L.Linear link = new(2, 2, initialW: new NativeChain.Initializers.Identity(1.5), initialBias: new One());
        Assert.That(link.W.Array.ToArray<float>(), Is.EqualTo(new[] { 1.5f, 0, 0, 1.5f }));
        Assert.That(link.B!.Array.ToArray<float>(), Is.EqualTo(new[] { 1f, 1f }));
        Assert.That(new L.Linear(2, 2, nobias: true).B, Is.Null);
    }
}
