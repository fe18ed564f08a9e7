using NUnit.Framework;

namespace NativeChain.Tests.Functions;

using L = NativeChain.Links;

[TestFixture]
public class SampledLossTests
{
    private static readonly int[,] s_words = { { 9, 1, 3 }, { 9, 0, 0 }, { 9, 2, 1 } };

    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static double Score(NDArray x, NDArray w, int example, int word) =>
        Enumerable.Range(0, x.Shape[1]).Sum(k => x.At(example, k) * w.At(word, k));

    private static NDArray Reduced(NDArray loss, string reduce) => reduce switch
    {
        "no" => loss,
        "sum" => loss.Sum(),
        _ => loss.Mean(),
    };

    [Test]
    public void NegativeSampling([Values("sum", "no")] string reduce)
    {
        int[] labels = [2, -1, 0];
        NDArray t = labels;
        NDArray Sampler(Shape shape)
        {
            Assert.That(shape, Is.EqualTo(new Shape(3, 3)));
            return s_words;
        }
        NDArray Loss(NDArray x, NDArray w) => Elements.Build(3, i => labels[i[0]] < 0 ? 0
            : Math.Log(1 + Math.Exp(-Score(x, w, i[0], labels[i[0]])))
                + Enumerable.Range(1, 2).Sum(k => Math.Log(1 + Math.Exp(Score(x, w, i[0], s_words[i[0], k])))));
        NDArray x = FunctionTest.Uniform((3, 2));
        NDArray w = FunctionTest.Uniform((4, 2), seed: 2);
        new FunctionTest(v => F.NegativeSampling(v[0], t, v[1], Sampler, 2, reduce)) { Expected = v => [Reduced(Loss(v[0], v[1]), reduce)], Ulps = 16 }.Run(x, w);
        (_, NDArray? samples) = F.NegativeSampling(x, t, w, Sampler, 2, returnSamples: true, reduce);
        Assert.That(samples!.ToArray<int>(), Is.EqualTo(new[] { 2, 1, 3, -1, 0, 0, 0, 2, 1 }));
        Assert.That(F.NegativeSampling(x, t, w, Sampler, 2, returnSamples: false, reduce).Samples, Is.Null);
        Assert.That(() => F.NegativeSampling(x, t, w, Sampler, 2, "mean"), Throws.ArgumentException);
        Assert.That(() => F.NegativeSampling(x, t, w, _ => s_words, 3, reduce), Throws.ArgumentException.With.Message.Contains("sampler"));
        Assert.That(() => F.NegativeSampling(x, t[..2], w, Sampler, 2, reduce), Refuses("NegativeSampling"));
        Assert.That(() => F.NegativeSampling(x, t, w.T, Sampler, 2, reduce), Refuses("NegativeSampling"));
    }

    [Test]
    public void BlackOut([Values("mean", "no")] string reduce)
    {
        int[] labels = [0, 3, 2];
        NDArray t = labels;
        NDArray samples = new[,] { { 1, 2 }, { 0, 0 }, { 3, 1 } };
        NDArray Loss(NDArray x, NDArray w) => Elements.Build(3, i =>
        {
            int[] words = [labels[i[0]], (int)samples[i[0], 0].Item<long>(), (int)samples[i[0], 1].Item<long>()];
            double[] p = [.. words.Select(word => Math.Exp(Score(x, w, i[0], word)))];
            double total = p.Sum();
            return -Math.Log(p[0] / total) - Math.Log(1 - (p[1] / total)) - Math.Log(1 - (p[2] / total));
        });
        NDArray x = FunctionTest.Uniform((3, 2));
        NDArray w = FunctionTest.Uniform((4, 2), seed: 2);
        new FunctionTest(v => F.BlackOut(v[0], t, v[1], samples, reduce)) { Expected = v => [Reduced(Loss(v[0], v[1]), reduce)], Ulps = 32 }.Run(x, w);
        Assert.That(() => F.BlackOut(x, t, w, samples, "sum"), Throws.ArgumentException);
        Assert.That(() => F.BlackOut(x, t, w, samples[..2]), Refuses("BlackOut"));
        Assert.That(() => F.BlackOut(x, t, w, samples[0]), Refuses("BlackOut"));
    }

    [Test]
    public void WalkerAliasDrawsByProbability()
    {
        double[] probs = [1, 0, 5, 2, 0, 2];
        var alias = new WalkerAlias(probs);
        NDArray draws = alias.Sample((200, 50), new RandomGenerator(7));
        Assert.That(draws.DType, Is.EqualTo(DType.Int32));
        Assert.That(draws.Shape, Is.EqualTo(new Shape(200, 50)));
        int[] counts = new int[6];
        foreach (int draw in draws.ToArray<int>())
        {
            counts[draw]++;
        }
        for (int i = 0; i < 6; i++)
        {
            // Four standard deviations.
            Assert.That(counts[i], Is.EqualTo(probs[i] * 1000).Within(4 * Math.Sqrt(probs[i] * 1000)), $"value {i}");
        }
        Assert.That(alias.Sample((200, 50), new RandomGenerator(7)).ToArray<int>(), Is.EqualTo(draws.ToArray<int>()), "the generator decides");
        Assert.That(new WalkerAlias([3]).Sample(4).ToArray<int>(), Is.EqualTo(new int[4]));
        Assert.That(() => new WalkerAlias([]), Throws.ArgumentException);
        Assert.That(() => new WalkerAlias([0, 0]), Throws.ArgumentException);
        Assert.That(() => new WalkerAlias([1, -1]), Throws.ArgumentException);
        Assert.That(() => new WalkerAlias([1, double.NaN]), Throws.ArgumentException);
    }

    [Test]
    public void LinksSampleByTheCountsOfWords()
    {
        NDArray x = FunctionTest.Uniform((3, 2)).AsType(DType.Float32);
        NDArray t = new[] { 0, 1, 2 };
        var negative = new L.NegativeSampling(2, [0, 5, 0], 4);
        Assert.That((double)negative.Call(x, t).Array, Is.EqualTo(15 * Math.Log(2)).Within(1e-5), "zero weights");
        (_, NDArray? samples) = negative.Call(x, t, returnSamples: true);
        Assert.That(samples![.., 1..].ToArray<int>(), Is.All.EqualTo(1));
        Assert.That(negative.Call([x, t]).Shape, Is.EqualTo(Shape.Scalar));
        Assert.That(() => negative.Call([x]), Throws.Exception);
        var blackOut = new L.BlackOut(2, [1, 2, 3], 2, 0.0) { SampleData = new[,] { { 1, 2 }, { 0, 0 }, { 2, 1 } } };
        Assert.That((double)blackOut.Call(x, t).Array, Is.EqualTo(Math.Log(3) - (2 * Math.Log(2.0 / 3))).Within(1e-5));
        blackOut.SampleData = null;
        Assert.That((double)blackOut.Call(x, t).Array, Is.EqualTo(Math.Log(3) - (2 * Math.Log(2.0 / 3))).Within(1e-5));
        Assert.That((double)new L.BlackOut(2, [1], 1).W.Array.Sum(), Is.NaN);
    }

    [Test]
    public void HierarchicalSoftmaxWalksDownTheTree()
    {
        BinaryTree tree = [[[3, 1], 2], [0, 5]];
        var softmax = new L.BinaryHierarchicalSoftmax(2, tree, FunctionTest.Uniform((4, 2)));
        NDArray x = FunctionTest.Uniform((2, 2), seed: 2).AsType(DType.Float32);
        double Go(int example, int node, int code) =>
            Math.Log(1 + Math.Exp(-code * Enumerable.Range(0, 2).Sum(k => softmax.W.Array[node, k].Item<double>() * x[example, k].Item<double>())));
        double expected = Go(0, 0, 1) + Go(0, 1, 1) + Go(0, 2, -1) + Go(1, 0, -1) + Go(1, 3, -1);
        Variable loss = softmax.Call(x, (NDArray)new[] { 1, 5 });
        Assert.That((double)loss.Array, Is.EqualTo(expected).Within(1e-5));
        softmax.Call(x[..1], (NDArray)new[] { 2 }).Backward();
        Assert.That(softmax.W.Grad![1].ToArray<float>(), Has.None.Zero, "word 2 is below node 1");
        Assert.That(softmax.W.Grad![2..].ToArray<float>(), Is.All.Zero, "and below no other");
        Assert.That((double)softmax.Call(x[..1], (NDArray)new[] { 4 }).Array, Is.Zero, "word 4 is not in the tree");
        Assert.That(() => softmax.Call(x, (NDArray)new[] { 1, 6 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new L.BinaryHierarchicalSoftmax(2, [0, 0]), Throws.ArgumentException);
        Assert.That(() => new L.BinaryHierarchicalSoftmax(2, 0), Throws.ArgumentException);
        Assert.That(() => BinaryTree.Create([0, 1, 2]), Throws.ArgumentException);
    }

    [Test]
    public void HuffmanTreesJoinWhatIsRarest()
    {
        BinaryTree tree = L.BinaryHierarchicalSoftmax.CreateHuffmanTree(new Dictionary<int, int> { [0] = 8, [1] = 5, [2] = 6, [3] = 4 });
        Assert.That(tree.ToString(), Is.EqualTo("((3, 1), (2, 0))"));
        Assert.That(BinaryTree.Huffman(new Dictionary<int, int> { [7] = 1 }).Value, Is.EqualTo(7));
        Assert.That(() => BinaryTree.Huffman(new Dictionary<int, int>()), Throws.ArgumentException);
    }
}
