using NativeChain.Initializers;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class LSTMTests
{
    [Test]
    public void TheForgetGateBeginsOpen()
    {
        var link = new L.LSTM(3, 2);
        Assert.That(link.Upward.B!.Array.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 1, 0, 0, 0, 1, 0 }));
        link = new L.LSTM(3, 2, lateralInit: 0.5, upwardInit: 0.25, biasInit: 2, forgetBiasInit: 3);
        Assert.That(link.Upward.B!.Array.ToArray<float>(), Is.EqualTo(new float[] { 2, 2, 3, 2, 2, 2, 3, 2 }));
        Assert.That(link.Upward.W.Array.ToArray<float>(), Is.All.EqualTo(0.25f));
        Assert.That(link.Lateral.W.Array.ToArray<float>(), Is.All.EqualTo(0.5f));
        Assert.That(link.NamedParams().Select(p => p.Path), Is.EqualTo(new[] { "/lateral/W", "/upward/W", "/upward/b" }));
    }

    [Test]
    public void AnOmittedSizeWaitsForTheFirstCall()
    {
        var link = new L.LSTM(2, lateralInit: 0.5);
        Assert.That(link.Upward.InSize, Is.Null);
        Assert.That(link.Lateral.W.Array.ToArray<float>(), Is.All.Zero);
        Assert.That(link.Call(NDArray.Ones((4, 3))).Shape, Is.EqualTo(new Shape(4, 2)));
        Assert.That(link.Upward.W.Shape, Is.EqualTo(new Shape(8, 3)));
        Assert.That(link.Upward.W.Array.ToArray<float>(), Has.Some.Not.Zero);
        Assert.That(link.Lateral.W.Array.ToArray<float>(), Is.All.EqualTo(0.5f));
        Assert.That(link.Upward.B!.Array.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 1, 0, 0, 0, 1, 0 }));
    }

    [Test]
    public void StateIsHandedFromCallToCall()
    {
        var stateful = new L.LSTM(3, 2);
        var stateless = new L.StatelessLSTM(3, 2);
        stateless.CopyParams(stateful);
        (Variable? c, Variable? h) = ((Variable?)null, (Variable?)null);
        for (int t = 0; t < 3; t++)
        {
            NDArray x = FunctionTest.Uniform((4, 3), seed: t).AsType(DType.Float32);
            Variable y = stateful.Call(x);
            (c, h) = stateless.Call(c, h, x);
            FunctionTest.AssertClose([y.Array, stateful.H!.Array, stateful.C!.Array], [h.Array, h.Array, c.Array], DType.Float32, 4, "state");
        }

        stateful.ResetState();
        Assert.That(stateful.C, Is.Null);
        Assert.That(stateful.H, Is.Null);
        stateful.SetState(c!, h!);
        Assert.That(stateful.C, Is.SameAs(c));
    }

    [Test]
    public void ASmallerBatchLeavesTheRestOfTheState()
    {
        var link = new L.LSTM(3, 2);
        link.Call(FunctionTest.Uniform((4, 3)).AsType(DType.Float32));
        float[] c = link.C!.Array.ToArray<float>();
        float[] h = link.H!.Array.ToArray<float>();
        Variable y = link.Call(FunctionTest.Uniform((1, 3), seed: 2).AsType(DType.Float32));
        Assert.That(y.Shape, Is.EqualTo(new Shape(1, 2)));
        Assert.That(link.C!.Array.ToArray<float>()[2..], Is.EqualTo(c[2..]));
        Assert.That(link.H!.Array.ToArray<float>(), Is.EqualTo((float[])[.. y.Array.ToArray<float>(), .. h[2..]]));
        h = link.H!.Array.ToArray<float>();
        Assert.That(link.Call(NDArray.Zeros((0, 3))).Shape, Is.EqualTo(new Shape(0, 2)));
        Assert.That(link.H!.Array.ToArray<float>(), Is.EqualTo(h));
        Assert.That(() => link.Call(NDArray.Zeros((5, 3))), Throws.ArgumentException.With.Message.Contains("batch"));
    }

    [Test]
    public void TruncatedBackpropagationStopsWhereTheGraphIsCut()
    {
        var link = new L.LSTM(3, 2);
        var first = new Variable(FunctionTest.Uniform((4, 3)).AsType(DType.Float32));
        var second = new Variable(FunctionTest.Uniform((4, 3), seed: 2).AsType(DType.Float32));
        F.Sum(link.Call(first)).UnchainBackward();
        Assert.That(link.C!.Creator, Is.Null, "the state stands at the cut");
        Variable loss = F.Sum(link.Call(second));
        loss.Backward();
        Assert.That(first.Grad, Is.Null);
        Assert.That(second.Grad, Is.Not.Null);
    }

    [Test]
    public void WeightsAreSavedAndStateIsNot()
    {
        var saved = new L.LSTM(3, 2);
        NDArray x = FunctionTest.Uniform((4, 3)).AsType(DType.Float32);
        Variable y = saved.Call(x);
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            NativeChain.Serializers.SaveNpz(file, saved);
            var loaded = new L.LSTM(2);
            NativeChain.Serializers.LoadNpz(file, loaded);
            Assert.That(loaded.H, Is.Null);
            Assert.That(loaded.Call(x).Array.ToArray<float>(), Is.EqualTo(y.Array.ToArray<float>()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new L.LSTM(null), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.LSTM(3, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.LSTM(3, 2).Call(NDArray.Zeros((2, 4))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => new L.LSTM(3, 2).SetState(null!, NDArray.Zeros((2, 2))), Throws.ArgumentNullException);
        Assert.That(() => new L.StatelessLSTM(3, 2).Call(null, NDArray.Zeros((2, 3)), NDArray.Zeros((2, 3))), Throws.TypeOf<InvalidTypeException>());
    }
}
