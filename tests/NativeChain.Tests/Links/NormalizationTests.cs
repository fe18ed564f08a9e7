using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class NormalizationTests : TemporaryFolder
{
    [Test]
    public void TestModeUsesTheRunningAverages()
    {
        L.BatchNormalization link = new(2, decay: 0.5);
        NDArray x = NDArray.FromSpan<float>([1, 10, 3, 30, 5, 50], (3, 2));
        link.Call(x);
        Assert.That(link.AvgMean!.ToArray<float>(), Is.EqualTo(new[] { 1.5f, 15 }));
        Assert.That(link.AvgVar!.ToArray<float>(), Is.EqualTo(new[] { 2.5f, 200.5f }));
        using (Config.Using(train: false))
        {
            float[] y = link.Call(x).Array.ToArray<float>();
            Assert.That(y[0], Is.EqualTo(-0.5 / Math.Sqrt(2.5 + 2e-5)).Within(1e-6));
            Assert.That(link.AvgMean.ToArray<float>(), Is.EqualTo(new[] { 1.5f, 15 }), "and leaves them alone");
        }
    }

    [Test]
    public void FinetuningAveragesAllBatchesEvenly()
    {
        L.BatchNormalization link = new(1);
        foreach (float value in new float[] { 1, 2, 6 })
        {
            link.Call(NDArray.FromSpan<float>([value - 1, value + 1], (2, 1)), finetune: true);
        }
        Assert.That(link.N, Is.EqualTo(3));
        Assert.That(link.AvgMean!.Item<float>(), Is.EqualTo(3).Within(1e-6));
        Assert.That(link.AvgVar!.Item<float>(), Is.EqualTo(2).Within(1e-6));
        link.StartFinetuning();
        Assert.That(link.N, Is.Zero);
        Assert.That(() => link.Call(NDArray.Ones((2, 2)), finetune: true), Throws.TypeOf<InvalidTypeException>());
        Assert.That(link.N, Is.Zero, "a refused call counts nothing");
    }

    [Test]
    public void TheSizeIsThatOfTheFirstInput()
    {
        L.BatchNormalization batch = new(axis: [0, 2, 3]);
        Assert.That((batch.AvgMean, batch.Gamma!.IsInitialized), Is.EqualTo(((NDArray?)null, false)));
        batch.Call(NDArray.Ones((2, 3, 4, 5)));
        Assert.That((batch.AvgMean!.Shape, batch.Gamma.Shape), Is.EqualTo((new Shape(3), new Shape(3))));
        L.LayerNormalization layer = new();
        layer.Call(NDArray.Ones((2, 5)));
        Assert.That(layer.Gamma.Shape, Is.EqualTo(new Shape(5)));
        L.GroupNormalization group = new(2);
        group.Call(NDArray.Ones((2, 4, 3)));
        Assert.That(group.Beta.Shape, Is.EqualTo(new Shape(4)));
    }

    [Test]
    public void ScaleAndShiftCanBeLeftOut()
    {
        L.BatchNormalization link = new(2, useGamma: false, useBeta: false, dtype: DType.Float64);
        Assert.That(link.Params(), Is.Empty);
        Variable y = link.Call(NDArray.FromSpan<double>([1, 10, 3, 30], (2, 2)));
        Assert.That(y.Array.ToArray<double>(), Is.EqualTo(new double[] { -1, -1, 1, 1 }).Within(1e-4));
        Assert.That(link.AvgMean!.DType, Is.EqualTo(DType.Float64));
        Assert.That(link.NamedPersistents().Select(entry => entry.Path), Is.EqualTo(new[] { "/N", "/avg_mean", "/avg_var" }));
    }

    [Test]
    public void ASnapshotOfALinkWithoutSizeGivesItsSize()
    {
        string file = At("batch.npz");
        L.BatchNormalization trained = new(3);
        trained.Call(FunctionTest.Uniform((5, 3)).AsType(DType.Float32));
        NativeChain.Serializers.SaveNpz(file, trained);
        L.BatchNormalization loaded = new(axis: 0);
        NativeChain.Serializers.LoadNpz(file, loaded);
        NDArray x = NDArray.Ones((2, 3));
        using (Config.Using(train: false))
        {
            Assert.That(loaded.Call(x).Array.ToArray<float>(), Is.EqualTo(trained.Call(x).Array.ToArray<float>()));
        }
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new L.BatchNormalization(), Throws.ArgumentException);
        Assert.That(() => new L.LayerNormalization(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.GroupNormalization(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.BatchNormalization(3).Call(NDArray.Ones((2, 2))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => new L.LayerNormalization().Call(NDArray.Ones((2, 2, 2))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => new L.GroupNormalization(3).Call(NDArray.Ones((2, 4))), Throws.ArgumentException);
    }
}
