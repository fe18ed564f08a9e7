using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class SequentialTests
{
    [Test]
    public void ChildrenAreNumberedAsChainerNumbersThem()
    {
        (L.Linear a, L.Linear b, L.Linear c) = (new(3, 6), new(6, 5), new(5, 2));
        Sequential model = new() { a, F.Relu, b, F.Relu, c };
        Assert.That(model.Children(), Is.EqualTo(new Link[] { a, c, b }));
        Assert.That((a.Name, c.Name, b.Name), Is.EqualTo(("0", "1", "2")));
    }

    [Test]
    public void AnInsertedLinkComesAfterTheFirstLinkBeforeItOrFirst()
    {
        (L.Linear a, L.Linear b, L.Linear c, L.Linear d) = (new(1, 1), new(1, 1), new(1, 1), new(1, 1));
        Sequential model = new(a, b);
        model.Insert(0, c);
        Assert.That(model.Children(), Is.EqualTo(new Link[] { c, a, b }));
        model.Insert(-1, d);
        Assert.That(model.Select(layer => layer.Link), Is.EqualTo(new Link[] { c, a, d, b }));
        Assert.That(model.Children(), Is.EqualTo(new Link[] { c, d, a, b }));
        Assert.That(() => model.Insert(9, a), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ALinkAfterLeadingFunctionsIsPlacedByTheirNumber()
    {
        (L.Linear a, L.Linear b) = (new(1, 1), new(1, 1));
        Sequential model = new() { F.Relu, F.Relu, a, b };
        Assert.That(model.Children(), Is.EqualTo(new Link[] { a, b }));
    }

    [Test]
    public void LayersRunInTheirOwnOrder()
    {
        Sequential model = new() { new L.Linear(1, 1, initialW: 2.0), F.Relu, new L.Linear(1, 1, initialW: -3.0, initialBias: 1.0) };
        NDArray x = new float[,] { { 4 }, { -4 } };
        Assert.That(model.Call(x).Array.ToArray<float>(), Is.EqualTo(new float[] { -23, 1 }));
    }

    [Test]
    public void LayersCanBeReplacedAndRemoved()
    {
        L.Linear a = new(1, 1), b = new(1, 1), c = new(1, 1);
        Sequential model = new(a, b);
        model[1] = c;
        Assert.That(model.Children(), Is.EqualTo(new Link[] { a, c }));
        model.RemoveAt(0);
        Assert.That(model.Children(), Is.EqualTo(new Link[] { c }));
        Assert.That(c.Name, Is.EqualTo("0").Or.Not.Null);
        Assert.That(() => model[5], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void AnEmptySequenceIsRefused()
    {
        Sequential model = [];
        Assert.That(() => model.Call(NDArray.Ones((1, 1))), Throws.InvalidOperationException);
    }

    [Test]
    public void FlattenPutsInnerLayersInPlace()
    {
        Sequential inner = new() { new L.Linear(2, 2), F.Relu };
        Sequential model = new(inner, new L.Linear(2, 1));
        Assert.That(model.Flatten(), Has.Count.EqualTo(3));
    }

    [Test]
    public void ACopyHasLayersAndChildrenOfItsOwn()
    {
        Sequential model = new() { new L.Linear(1, 1, initialW: 2.0), F.Relu };
        Sequential copy = (Sequential)model.Copy(CopyMode.Copy);
        ((L.Linear)model[0].Link!).W.Array.Fill(5);
        Assert.That(copy.Call(NDArray.Ones((1, 1))).Array.ToArray<float>(), Is.EqualTo(new[] { 2f }));
        Assert.That(copy.Children().Single(), Is.SameAs(copy[0].Link));
    }
}
