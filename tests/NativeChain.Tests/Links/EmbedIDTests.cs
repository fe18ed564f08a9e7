using NUnit.Framework;

namespace NativeChain.Tests.Links;

using L = NativeChain.Links;

[TestFixture]
public class EmbedIDTests
{
    [Test]
    public void HoldsTheEmbeddings()
    {
        var embed = new L.EmbedID(50, 40);
        Assert.That(embed.NamedParams().Select(p => p.Path), Is.EqualTo(new[] { "/W" }));
        double deviation = Math.Sqrt((double)(embed.W.Array * embed.W.Array).Mean());
        Assert.That(deviation, Is.EqualTo(1).Within(0.1), "normal with standard deviation 1");
        NDArray x = new[] { 3, 3, 49 };
        Assert.That(embed.Call(x).Array.ToArray<float>(), Is.EqualTo(embed.W.Array[new[] { 3, 3, 49 }].ToArray<float>()));
        Assert.That(() => new L.EmbedID(-1, 2), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void IgnoresALabel()
    {
        L.EmbedID embed = L.EmbedID.FromParams(NDArray.Ones((2, 3)), ignoreLabel: -1);
        Variable y = embed.Call((NDArray)new[] { -1, 1 });
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 0, 1, 1, 1 }));
        F.Sum(y).Backward();
        Assert.That(embed.W.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 0, 1, 1, 1 }));
        Assert.That(() => L.EmbedID.FromParams(NDArray.Ones(2)), Throws.ArgumentException);
        Assert.That(() => new L.EmbedID(2, 3, NDArray.Ones((3, 2))), Throws.ArgumentException);
    }
}
