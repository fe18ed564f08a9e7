using NativeChain.Initializers;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class LinkTests
{
    [Test]
    public void ParametersComeFirstAndChildrenAreSortedOrdinally()
    {
        string[] expected = ["/b", "/scale", "/B/W", "/B/b", "/a/W", "/a/b", "/l2/W", "/l2/b"];
        Assert.That(new Mixed().NamedParams().Select(entry => entry.Path), Is.EqualTo(expected));
        Assert.That(new Mixed().NamedLinks().Select(entry => entry.Path), Is.EqualTo(new[] { "/", "/B", "/a", "/l2" }));
    }

    [Test]
    public void NamesDropUnderscoresAndLowerTheFirstLetterUnlessItIsTheOnlyOne()
    {
        Mixed link = new();
        Assert.That(link.Children().Select(child => child.Name), Is.EqualTo(new[] { "B", "a", "l2" }));
        Assert.That(link["l2"], Is.SameAs(link.L2));
        Assert.That(() => link["hidden"], Throws.TypeOf<KeyNotFoundException>());
    }

    [Test]
    public void CapturedParametersOfPrimaryConstructorsAreChildren()
    {
        Assert.That(
            new Captured(new L.Linear(2, 3)).NamedParams().Select(entry => entry.Path), Is.EqualTo(new[] { "/hidden/W", "/hidden/b" }));
    }

    [Test]
    public void TwoMembersOfOneNameAreAnError() =>
        Assert.That(() => new Ambiguous().Params().ToArray(), Throws.InvalidOperationException.With.Message.Contains("\"l1\""));

    [Test]
    public void PrivateMembersOfBaseClassesCount()
    {
        string[] expected = ["/extra/W", "/extra/b", "/l1/W", "/l1/b"];
        Assert.That(new Derived().NamedParams().Select(entry => entry.Path), Is.EqualTo(expected));
    }

    [Test]
    public void DynamicChildrenAreSortedInWithTheOthers()
    {
        Mixed link = new();
        link.AddLink("c", new L.Linear(1, 1, nobias: true));
        link.AddParam("gamma", new Shape(2), 1.0);
        string[] expected = ["/b", "/gamma", "/scale", "/B/W", "/B/b", "/a/W", "/a/b", "/c/W", "/l2/W", "/l2/b"];
        Assert.That(link.NamedParams().Select(entry => entry.Path), Is.EqualTo(expected));
        Assert.That(() => link.AddLink("a", new L.Linear(1)), Throws.ArgumentException.With.Message.Contains("a"));
        Assert.That(() => link.AddParam("gamma"), Throws.ArgumentException);
        Assert.That(() => link.AddLink("x/y", new L.Linear(1)), Throws.ArgumentException);
    }

    [Test]
    public void UninitializedParametersCanBeLeftOut()
    {
        L.Linear link = new(null, 3);
        Assert.That(link.Params().Count(), Is.EqualTo(2));
        Assert.That(link.Params(includeUninitialized: false).Single().Name, Is.EqualTo("b"));
        Assert.That(link.CountParams(), Is.EqualTo(3));
        link.Call(NDArray.Ones((2, 4)));
        Assert.That(link.CountParams(), Is.EqualTo(15));
    }

    [Test]
    public void PersistentsHaveNamesAndValues()
    {
        Counted link = new();
        link.AddPersistent("rate", 0.5);
        link.RegisterPersistent("_registered");
        Assert.That(link.NamedPersistents().Select(entry => entry.Path), Is.EqualTo(new[] { "/N", "/avg_mean", "/rate", "/registered" }));
        link.SetPersistent("N", 7L);
        Assert.That(link.N, Is.EqualTo(7));
        Assert.That(() => link.AddPersistent("avg_mean", 1.0), Throws.ArgumentException);
        Assert.That(() => link.AddPersistent("list", new List<int>()), Throws.ArgumentException.With.Message.Contains("list"));
        Assert.That(() => link.RegisterPersistent("nothing"), Throws.ArgumentException.With.Message.Contains("nothing"));
        Assert.That(() => link.GetPersistent("nothing"), Throws.TypeOf<KeyNotFoundException>());
    }

    [Test]
    public void CopyModesShareWhatTheySay()
    {
        Mixed link = new();
        Mixed shared = (Mixed)link.Copy(CopyMode.Share);
        Mixed copied = (Mixed)link.Copy(CopyMode.Copy);
        Mixed fresh = (Mixed)link.Copy(CopyMode.Init);
        Assert.That(shared.L2.W, Is.Not.SameAs(link.L2.W));
        Assert.That(shared.L2.W.Array, Is.SameAs(link.L2.W.Array));
        Assert.That(copied.L2.W.Array, Is.Not.SameAs(link.L2.W.Array));
        Assert.That(copied.L2.W.Array.ToArray<float>(), Is.EqualTo(link.L2.W.Array.ToArray<float>()));
        Assert.That(fresh.L2.W.Array.ToArray<float>(), Is.Not.EqualTo(link.L2.W.Array.ToArray<float>()));
        link.L2.W.Grad = NDArray.OnesLike(link.L2.W.Array);
        Assert.That(link.Copy(CopyMode.Share).Params().All(param => param.Grad is null));
        Assert.That(() => link.Copy((CopyMode)9), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ALinkThatIsReachedTwiceIsCopiedOnce()
    {
        L.Linear tied = new(2, 2);
        Tied copy = (Tied)new Tied(tied).Copy(CopyMode.Copy);
        Assert.That(copy["first"], Is.SameAs(copy["second"]));
        Assert.That(copy["first"], Is.Not.SameAs(tied));
    }

    [Test]
    public void RepeatMakesCopiesThatAreInitializedAnew()
    {
        L.Linear link = new(3, 3);
        Sequential repeated = link.Repeat(3);
        Assert.That(repeated, Has.Count.EqualTo(3));
        float[][] weights = [.. repeated.Select(layer => ((L.Linear)layer.Link!).W.Array.ToArray<float>())];
        Assert.That(weights[0], Is.Not.EqualTo(weights[1]));
        Assert.That(link.Repeat(2, CopyMode.Share).All(layer => ReferenceEquals(((L.Linear)layer.Link!).W.Array, link.W.Array)));
        Assert.That(link.Repeat(0), Is.Empty);
    }

    [Test]
    public void CopyParamsCopiesByPathAndRefusesOtherStructures()
    {
        Mixed from = new(), to = new();
        to.CopyParams(from);
        Assert.That(to.L2.W.Array.ToArray<float>(), Is.EqualTo(from.L2.W.Array.ToArray<float>()));
        Assert.That(to.L2.W.Array, Is.Not.SameAs(from.L2.W.Array));
        Assert.That(() => to.CopyParams(new L.Linear(2, 2)), Throws.ArgumentException.With.Message.Contains("/b"));
        L.Linear small = new(2, 2, initialW: 0.0);
        Assert.That(() => small.CopyParams(new L.Linear(3, 2)), Throws.ArgumentException.With.Message.Contains("/W"));
        Assert.That(small.W.Array.ToArray<float>(), Is.All.EqualTo(0f));
    }

    [Test]
    public void GradientsAreClearedZeroedAndAdded()
    {
        L.Linear a = new(2, 1), b = new(2, 1);
        a.ZeroGrads();
        Assert.That(a.W.Grad!.ToArray<float>(), Is.All.EqualTo(0f));
        foreach (Parameter param in a.Params().Concat(b.Params()))
        {
            param.Grad = NDArray.OnesLike(param.Array);
        }
        a.AddGrads(b);
        Assert.That(a.W.Grad!.ToArray<float>(), Is.All.EqualTo(2f));
        a.ClearGrads();
        Assert.That(a.Params().Select(param => param.Grad), Is.All.Null);
    }

    [Test]
    public void HooksRunAroundEachCallInOrder()
    {
        List<string> calls = [];
        Mixed link = new();
        _ = link.Children().Count();
        link.L2.AddHook(new Recorder("own", calls));
        NDArray x = NDArray.Ones((1, 2));
        using (new Recorder("all", calls).Activate())
        {
            link.L2.Call(x);
        }
        Assert.That(calls, Is.EqualTo(new[]
        {
            "own added l2", "all added", "all before l2", "own before l2", "all after l2", "own after l2", "all deleted",
        }));
        calls.Clear();
        Assert.That(() => link.L2.AddHook(new Recorder("own", calls)), Throws.ArgumentException);
        link.L2.DeleteHook("own");
        link.L2.Call(x);
        Assert.That(calls, Is.EqualTo(new[] { "own deleted l2" }));
        Assert.That(() => link.L2.DeleteHook("own"), Throws.ArgumentException);
    }

    [Test]
    public void UpdatesCanBeSwitchedOffAndOn()
    {
        Mixed link = new();
        Assert.That(link.UpdateEnabled, Is.False);
        new NativeChain.Optimizers.SGD().Setup(link);
        Assert.That(link.UpdateEnabled);
        link.DisableUpdate();
        Assert.That(link.UpdateEnabled, Is.False);
        link.L2.EnableUpdate();
        Assert.That(link.UpdateEnabled);
    }

    [Test]
    public void ALinkAboveItselfIsAnErrorThatNamesItsPath()
    {
        Node parent = new(), child = new();
        (parent.Next, child.Next) = (child, parent);
        Action<Node>[] walks =
        [
            link => link.Params().ToArray(),
            link => _ = link.ToString(),
            link => link.Serialize(new DictionarySerializer()),
            link => link.CopyParams(new Node()),
        ];
        foreach (Action<Node> walk in walks)
        {
            Assert.That(() => walk(parent), Throws.InvalidOperationException.With.Message.Contains("/next/next"));
        }
        Assert.That(((Node)parent.Copy(CopyMode.Copy)).Next!.Next, Is.Not.SameAs(parent));
    }

    [Test]
    public void OneModelIsCalledFromManyThreads()
    {
        L.Linear link = new(null, 3, initialW: 1.0);
        NDArray x = NDArray.Ones((4, 5));
        Parallel.For(0, 64, _ =>
        {
            using (Config.Using(train: false, enableBackprop: false))
            {
                Assert.That(link.Call(x).Array.ToArray<float>(), Is.All.EqualTo(5f));
            }
        });
    }

    [Test]
    public void ALinkShowsItsStructure() => Assert.That(
        new Captured(new L.Linear(2, 3)).ToString(),
        Is.EqualTo("Captured(\n  (hidden): Linear(inSize=2, outSize=3, nobias=False),\n)"));

    private sealed class Mixed : Chain
    {
        private readonly L.Linear _a = new(1, 2);
        private readonly Parameter _b = new(0.0, new Shape(1));

        [NotChild]
        private readonly L.Linear _hidden = new(1, 1);

        public Parameter Scale { get; } = new(1.0, new Shape(3));

        public L.Linear B { get; } = new(1, 1);

        public L.Linear L2 { get; } = new(2, 2);

        public L.Linear? Missing { get; }

        public override Variable Forward(Variable x) => _hidden.Call(_a.Call(x)) + _b;
    }

    private sealed class Captured(L.Linear hidden) : Chain
    {
        public override Variable Forward(Variable x) => hidden.Call(x);
    }

    private sealed class Ambiguous : Chain
    {
        private readonly L.Linear _l1 = new(1, 1);

        public L.Linear L1 => _l1;

        [Child("l1")]
        public L.Linear Other { get; } = new(1, 1);
    }

    private class Base : Chain
    {
        private readonly L.Linear _l1 = new(1, 1);

        public override Variable Forward(Variable x) => _l1.Call(x);
    }

    private sealed class Derived : Base
    {
        [Child("extra")]
        public L.Linear Added { get; } = new(1, 1);
    }

    private sealed class Tied(L.Linear link) : Chain
    {
        public L.Linear First { get; } = link;

        public L.Linear Second { get; } = link;
    }

    private sealed class Node : Chain
    {
        public Node? Next { get; set; }
    }

    private sealed class Counted : Link
    {
#pragma warning disable CS0414 // read by reflection
        private readonly NDArray _registered = 3.0;
#pragma warning restore CS0414

        [Persistent("avg_mean")]
        public NDArray Mean { get; } = NDArray.Zeros(3);

        [Persistent]
        public long N { get; private set; }
    }

    private sealed class Recorder(string name, List<string> calls) : LinkHook
    {
        public override string Name => name;

        public override void Added(Link? link) => calls.Add($"{name} added {link?.Name}".TrimEnd());

        public override void Deleted(Link? link) => calls.Add($"{name} deleted {link?.Name}".TrimEnd());

        public override void ForwardPreprocess(LinkHookArgs args) => calls.Add($"{name} before {args.Link.Name}");

        public override void ForwardPostprocess(LinkHookArgs args)
        {
            Assert.That(args.Output, Is.InstanceOf<Variable>());
            calls.Add($"{name} after {args.Link.Name}");
        }
    }
}
