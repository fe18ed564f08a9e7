using NUnit.Framework;

namespace NativeChain.Tests;

public class ArgMaxTests
{
    [Test]
    public void FindsTheFirstOfEquals()
    {
        var x = new Variable(new float[,] { { 1, 5, 5 }, { 0, -2, -2 } });
        Assert.That(F.ArgMax(x).Array.Item<int>(), Is.EqualTo(1));
        Assert.That(F.ArgMin(x).Array.Item<int>(), Is.EqualTo(4));
        Assert.That(F.ArgMax(x, 1).Array.ToArray<int>(), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(F.ArgMin(x, 0).Array.ToArray<int>(), Is.EqualTo(new[] { 1, 1, 1 }));
        Assert.That(F.ArgMin(x, -1).Array.ToArray<int>(), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(F.ArgMax(x).RequiresGrad, Is.False);
        Assert.That(() => F.ArgMax(NDArray.Zeros((0, 3))), Throws.ArgumentException);
    }
}
