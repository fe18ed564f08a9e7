using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class GRUTests
{
    [Test]
    public void TheFirstStepUsesNoWeightsOfTheState()
    {
        var link = new L.GRU(3, 2);
        F.Sum(link.Call(FunctionTest.Uniform((4, 3)).AsType(DType.Float32))).Backward();
        string[] used = [.. link.NamedParams().Where(p => p.Param.Grad is not null).Select(p => p.Path)];
        Assert.That(used, Is.EqualTo(new[] { "/W/W", "/W/b", "/W_z/W", "/W_z/b" }));
        F.Sum(link.Call(FunctionTest.Uniform((4, 3)).AsType(DType.Float32))).Backward();
        Assert.That(link.Params().All(p => p.Grad is not null));
    }

    [Test]
    public void StateIsHandedFromCallToCall()
    {
        var stateful = new L.StatefulGRU(3, 2);
        var stateless = new L.StatelessGRU(3, 2);
        stateless.CopyParams(stateful);
        Variable h = FunctionTest.Uniform((4, 2)).AsType(DType.Float32);
        stateful.SetState(h);
        for (int t = 0; t < 3; t++)
        {
            NDArray x = FunctionTest.Uniform((4, 3), seed: t).AsType(DType.Float32);
            h = stateless.Call(h, x);
            FunctionTest.AssertClose([stateful.Call(x).Array, stateful.H!.Array], [h.Array, h.Array], DType.Float32, 4, "state");
        }

        stateful.ResetState();
        Assert.That(stateful.H, Is.Null);
    }

    [Test]
    public void TheGradientIsThatOfTheFormulas()
    {
        using (Config.Using(dtype: DType.Float64))
        {
            var link = new L.StatelessGRU(3, 2);
            GradientCheck.CheckBackward(
                xs => [link.Call(xs[0], xs[1])],
                [FunctionTest.Uniform((4, 2)), FunctionTest.Uniform((4, 3), seed: 2)],
                [FunctionTest.Uniform((4, 2), seed: 3)],
                [.. link.Params()]);
        }
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new L.GRU(3, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.GRU(3, 2).Call(NDArray.Zeros((2, 4))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => new L.GRU(3, 2).Call(NDArray.Zeros((2, 2)), NDArray.Zeros((2, 3))), Throws.ArgumentException.With.Message.Contains("StatelessGRU"));
        Assert.That(() => new L.GRU(3, 2).SetState(null!), Throws.ArgumentNullException);
    }
}
