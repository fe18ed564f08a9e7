using NativeChain.Initializers;
using NUnit.Framework;

namespace NativeChain.Tests.Links;

using L = NativeChain.Links;

[TestFixture]
public class BilinearTests
{
    [Test]
    public void HasItsParameters()
    {
        var bilinear = new L.Bilinear(3, 4, 2);
        Assert.That(bilinear.NamedParams().Select(p => $"{p.Path} {p.Param.Shape}"), Is.EqualTo(new[] { "/V1 (3, 2)", "/V2 (4, 2)", "/W (3, 4, 2)", "/b (2,)" }));
        NDArray e1 = NDArray.Ones((5, 3)), e2 = NDArray.Ones((5, 4));
        Variable y = bilinear.Call(e1, e2);
        Assert.That(y.Shape, Is.EqualTo(new Shape(5, 2)));
        Variable viaArray = bilinear.Call([e1, e2]);
        Assert.That(viaArray.Array.ToArray<float>(), Is.EqualTo(y.Array.ToArray<float>()));
        Assert.That(new L.Bilinear(3, 4, 2, nobias: true).NamedParams().Count(), Is.EqualTo(1));
        var given = new L.Bilinear(1, 1, 1, false, 1.0, 2.0, 3.0, new Constant(4));
        Assert.That((double)given.Call(NDArray.Ones((1, 1)), NDArray.Ones((1, 1))).Array, Is.EqualTo(10));
        Assert.That(() => new L.Bilinear(2, 2, 2, initialBias: 0.5), Throws.ArgumentException.With.Message.Contains("initialBias"));
        Assert.That(() => bilinear.Call([e1]), Throws.ArgumentException);
    }
}
