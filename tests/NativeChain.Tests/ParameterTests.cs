using NativeChain.Initializers;
using NUnit.Framework;

namespace NativeChain.Tests;

[TestFixture]
public class ParameterTests
{
    [Test]
    public void WaitsForItsShape()
    {
        var p = new Parameter(new Constant(2.0), name: "W");
        Assert.That(p.IsInitialized, Is.False);
        Assert.That(p.DType, Is.EqualTo(DType.Float32));
        Assert.That(() => p.Array, Throws.InvalidOperationException.With.Message.Contains("W"));
        p.Initialize((2, 3));
        Assert.That(p.IsInitialized, Is.True);
        Assert.That(p.Array.ToArray<float>(), Is.All.EqualTo(2f));
        Assert.That(p.Grad, Is.Null);
        Assert.That(p.Node.Shape, Is.EqualTo(new Shape(2, 3)));
    }

    [Test]
    public void ZeroGradBeforeInitializationHoldsAfterIt()
    {
        var p = new Parameter(1.0);
        p.ZeroGrad();
        p.Initialize(2);
        Assert.That(p.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 0, 0 }));
        var q = new Parameter(1.0);
        q.ZeroGrad();
        q.ClearGrad();
        q.Initialize(2);
        Assert.That(q.Grad, Is.Null);
    }

    [Test]
    public void TakesADTypeFromTheConfiguration()
    {
        using (Config.Using(dtype: DType.Float64))
        {
            Assert.That(new Parameter(1.0, 2).Array.DType, Is.EqualTo(DType.Float64));
        }
    }

    [Test]
    public void HoldsAnArray()
    {
        NDArray array = new float[] { 1, 2 };
        var p = new Parameter(array);
        Assert.That(p.Array, Is.SameAs(array));
        Assert.That(() => new Parameter((NDArray)null!), Throws.ArgumentNullException);
    }

    [Test]
    public void CopyDataInitializesTheOtherSide()
    {
        var a = new Parameter(1.0);
        var b = new Parameter(2.0, 3);
        a.CopyData(b);
        Assert.That(a.Array.ToArray<float>(), Is.EqualTo(new float[] { 2, 2, 2 }));
        var c = new Parameter(5.0);
        a.CopyData(c);
        Assert.That(c.IsInitialized, Is.True);
        Assert.That(a.Array.ToArray<float>(), Is.EqualTo(new float[] { 5, 5, 5 }));
    }
}
