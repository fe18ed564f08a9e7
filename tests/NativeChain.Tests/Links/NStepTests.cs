using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class NStepTests
{
    private static readonly int[] s_lengths = [2, 4, 1, 4, 0];

    [Test]
    public void SequencesComeBackInTheirOrder()
    {
        var link = new L.NStepBiLSTM(2, 3, 2, 0.0);
        (Variable hy, Variable cy, Variable[] ys) = link.Call(null, null, Sequences());
        Assert.That(hy.Shape, Is.EqualTo(new Shape(4, 5, 2)));
        Assert.That(cy.Shape, Is.EqualTo(new Shape(4, 5, 2)));
        Assert.That(ys.Select(y => y.Shape), Is.EqualTo(s_lengths.Select(length => new Shape(length, 4))));

        // Each sequence alone gives the same.
        for (int i = 0; i < s_lengths.Length; i++)
        {
            if (s_lengths[i] > 0)
            {
                (Variable hOne, Variable cOne, Variable[] yOne) = link.Call(null, null, [Sequences()[i]]);
                FunctionTest.AssertClose([yOne[0].Array, hOne.Array, cOne.Array], [ys[i].Array, hy.Array[.., i..(i + 1)], cy.Array[.., i..(i + 1)]], DType.Float32, 8, $"sequence {i}");
            }
        }
    }

    [Test]
    public void InitialStatesBelongToTheirSequences()
    {
        var link = new L.NStepGRU(1, 3, 2, 0.0);
        NDArray hx = FunctionTest.Uniform((1, 5, 2), seed: 9).AsType(DType.Float32);
        (Variable hy, Variable[] ys) = link.Call(hx, Sequences());
        for (int i = 0; i < s_lengths.Length; i++)
        {
            if (s_lengths[i] > 0)
            {
                (Variable hOne, Variable[] yOne) = link.Call(hx[.., i..(i + 1)], [Sequences()[i]]);
                FunctionTest.AssertClose([yOne[0].Array, hOne.Array], [ys[i].Array, hy.Array[.., i..(i + 1)]], DType.Float32, 8, $"sequence {i}");
            }
        }

        Assert.That(hy.Array[.., 4..].ToArray<float>(), Is.EqualTo(hx[.., 4..].ToArray<float>()), "a sequence without steps keeps its state");
    }

    [Test]
    public void GradientsGoToEverySequenceAndWeight()
    {
        using (Config.Using(dtype: DType.Float64))
        {
            var link = new L.NStepRNNTanh(2, 3, 2, 0.0);
            NDArray[] xs = [.. Sequences().Select(x => x.Array.AsType(DType.Float64))];
            NDArray[] gys = [.. s_lengths.Select((length, i) => FunctionTest.Uniform((length, 2), seed: 20 + i))];
            GradientCheck.CheckBackward(
                inputs =>
                {
                    (Variable hy, Variable[] ys) = link.Call(inputs[0], inputs[1..]);
                    return [hy, .. ys];
                },
                [FunctionTest.Uniform((2, 5, 2), seed: 9), .. xs],
                [FunctionTest.Uniform((2, 5, 2), seed: 19), .. gys],
                [.. link.Params()]);
        }
    }

    // Parts of one array are read together; equal lengths go to their steps and back without an index.
    [TestCase(4, 4, 4)]
    [TestCase(3, 1, 4)]
    [TestCase(0, 2, 2)]
    public void PartsOfAnArrayAreAsGoodAsArrays(params int[] lengths)
    {
        var link = new L.NStepLSTM(1, 3, 2, 0.0);
        NDArray all = FunctionTest.Uniform((lengths.Sum(), 3), seed: 7).AsType(DType.Float32);
        NDArray gy = FunctionTest.Uniform((lengths.Sum(), 2), seed: 8).AsType(DType.Float32);
        var results = new List<float[]>();
        foreach (bool apart in new[] { false, true })
        {
            var whole = new Variable(all);
            Variable[] xs = F.SplitAxis(whole, [lengths[0], lengths[0] + lengths[1]], 0);
            xs = apart ? [.. xs.Select(x => new Variable(x.Array.Copy()))] : xs;
            link.ClearGrads();
            Variable y = F.Concat(apart ? [.. link.Call(null, null, xs).Ys.Select(part => F.Identity(part))] : link.Call(null, null, xs).Ys, 0);
            y.Grad = gy;
            y.Backward();
            NDArray gx = apart ? NDArray.Concatenate([.. xs.Select(x => x.Grad!)], 0) : whole.Grad!;
            results.Add([.. y.Array.ToArray<float>(), .. gx.ToArray<float>(), .. link.Params().SelectMany(w => w.Grad!.ToArray<float>())]);
        }

        Assert.That(results[0], Is.EqualTo(results[1]));
    }

    [Test]
    public void WeightsHaveTheirPlaces()
    {
        var link = new L.NStepBiRNNReLU(2, 3, 2, 0.5, initialW: 0.5, initialBias: 0.25);
        Assert.That((link.NLayers, link.OutSize, link.Direction, link.NWeights, link.UseBiDirection), Is.EqualTo((2, 2, 2, 2, true)));
        Assert.That(link.NamedParams().Take(4).Select(p => p.Path), Is.EqualTo(new[] { "/0/b0", "/0/b1", "/0/w0", "/0/w1" }));
        Assert.That(link.Ws.Select(w => w[0].Shape), Is.EqualTo(new Shape[] { new(2, 3), new(2, 3), new(2, 4), new(2, 4) }));
        Assert.That(link.Ws[3][1].Array.ToArray<float>(), Is.All.EqualTo(0.5f));
        Assert.That(link.Bs[3][1].Array.ToArray<float>(), Is.All.EqualTo(0.25f));
        var copy = (L.NStepBiRNNReLU)link.Copy(CopyMode.Copy);
        copy.Ws[0][0].Array.Fill(9);
        Assert.That(link.Ws[0][0].Array.ToArray<float>(), Is.All.EqualTo(0.5f), "a copy has weights of its own");
        Assert.That(link.ToString(), Does.StartWith("NStepBiRNNReLU(nLayers=2, inSize=3, outSize=2, dropout=0.5"));
    }

    [Test]
    public void WeightsAreSaved()
    {
        var saved = new L.NStepLSTM(2, 3, 2, 0.0);
        var loaded = new L.NStepLSTM(2, 3, 2, 0.0);
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            NativeChain.Serializers.SaveNpz(file, saved);
            NativeChain.Serializers.LoadNpz(file, loaded);
        }
        finally
        {
            File.Delete(file);
        }

        (Variable a, _, _) = saved.Call(null, null, Sequences());
        (Variable b, _, _) = loaded.Call(null, null, Sequences());
        Assert.That(b.Array.ToArray<float>(), Is.EqualTo(a.Array.ToArray<float>()));
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new L.NStepLSTM(0, 3, 2, 0.0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.NStepLSTM(1, 0, 2, 0.0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.NStepLSTM(1, 3, 0, 0.0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.NStepLSTM(1, 3, 2, 1.0), Throws.TypeOf<ArgumentOutOfRangeException>());
        var link = new L.NStepGRU(1, 3, 2, 0.0);
        Variable x = NDArray.Zeros((2, 3));
        Assert.That(() => link.Call(null, []), Throws.ArgumentException);
        Assert.That(() => link.Call(null, [NDArray.Zeros((0, 3))]), Throws.ArgumentException);
        Assert.That(() => link.Call(null, [null!]), Throws.ArgumentNullException);
        Assert.That(() => link.Call(null, [NDArray.Zeros((2, 4))]), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => link.Call(null, [x, NDArray.Zeros((2, 3), DType.Float64)]), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => link.Call(NDArray.Zeros((1, 2, 2)), [x]), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => link.Call(NDArray.Zeros((1, 1, 3)), [x]), Throws.TypeOf<InvalidTypeException>());
    }

    private static Variable[] Sequences() =>
        [.. s_lengths.Select((length, i) => new Variable(FunctionTest.Uniform((length, 3), seed: 30 + i).AsType(DType.Float32)))];
}
