using NUnit.Framework;

namespace NativeChain.Tests.Functions;

using L = NativeChain.Links;

[TestFixture]
public class SequenceLossTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static IEnumerable<int[]> Sequences(int length, int labels) => Enumerable.Range(0, (int)Math.Pow(labels, length))
        .Select(k => Enumerable.Range(0, length).Select(i => k / (int)Math.Pow(labels, i) % labels).ToArray());

    private static readonly int[][] s_labels = [[0, 2, 1], [1, 1], [2]];

    private static Variable[] Labels(int[] examples) =>
        [.. Enumerable.Range(0, 3).Where(t => examples.Any(e => s_labels[e].Length > t))
            .Select(t => (Variable)(NDArray)examples.Where(e => s_labels[e].Length > t).Select(e => s_labels[e][t]).ToArray())];

    // steps[0] is the cost, the others are the scores of the steps.
    private static double Score(NDArray[] steps, int example, int[] labels) =>
        labels.Select((y, t) => steps[t + 1].At(example, y) + (t > 0 ? steps[0].At(labels[t - 1], y) : 0)).Sum();

    [Test]
    public void CRF1d([Values("mean", "no")] string reduce)
    {
        NDArray[] inputs = [FunctionTest.Uniform((3, 3)), FunctionTest.Uniform((3, 3), seed: 2), FunctionTest.Uniform((2, 3), seed: 3), FunctionTest.Uniform((1, 3), seed: 4)];
        Variable[] ys = Labels([0, 1, 2]);
        NDArray Loss(NDArray[] x)
        {
            NDArray loss = Elements.Build(3, i =>
                Math.Log(Sequences(s_labels[i[0]].Length, 3).Sum(y => Math.Exp(Score(x, i[0], y)))) - Score(x, i[0], s_labels[i[0]]));
            return reduce == "no" ? loss : loss.Mean();
        }
        new FunctionTest(v => F.CRF1d(v[0], v[1..], ys, reduce)) { Expected = x => [Loss(x)], Ulps = 64 }.Run(inputs);
    }

    [Test]
    public void ArgmaxCRF1dFindsTheBestSequences()
    {
        NDArray[] inputs = [FunctionTest.Uniform((3, 3)), FunctionTest.Uniform((3, 3), seed: 2), FunctionTest.Uniform((2, 3), seed: 3), FunctionTest.Uniform((1, 3), seed: 4)];
        (Variable score, NDArray[] path) = F.ArgmaxCRF1d(inputs[0], [.. inputs[1..].Select(x => (Variable)x)]);
        for (int e = 0; e < 3; e++)
        {
            int[] best = Sequences(3 - e, 3).MaxBy(y => Score(inputs, e, y))!;
            Assert.That(Enumerable.Range(0, 3 - e).Select(t => path[t][e].Item<int>()), Is.EqualTo(best));
            Assert.That(score.Array[e].Item<double>(), Is.EqualTo(Score(inputs, e, best)).Within(1e-12));
        }
        Assert.That(path.Select(p => p.DType), Is.All.EqualTo(DType.Int32));
    }

    [Test]
    public void TheLinkTakesSequencesInAnyOrder()
    {
        var crf = new L.CRF1d(3, FunctionTest.Uniform((3, 3)));
        int[] order = [2, 0, 1];
        NDArray[] scores = [.. order.Select(e => FunctionTest.Uniform((s_labels[e].Length, 3), seed: e + 5).AsType(DType.Float32))];
        Variable[] xs = [.. scores.Select(x => (Variable)x)];
        Variable[] ys = [.. order.Select(e => (Variable)(NDArray)s_labels[e])];
        Variable loss = crf.Call(xs, ys, "no", transpose: true);
        NDArray[] Steps(NDArray x) => [crf.Cost.Array.AsType(DType.Float64), .. Enumerable.Range(0, x.Shape[0]).Select(t => x[t..(t + 1)].AsType(DType.Float64))];
        (Variable score, NDArray[] path) = crf.Argmax(xs, transpose: true);
        for (int i = 0; i < 3; i++)
        {
            NDArray[] steps = Steps(scores[i]);
            int length = s_labels[order[i]].Length;
            double expected = Math.Log(Sequences(length, 3).Sum(y => Math.Exp(Score(steps, 0, y)))) - Score(steps, 0, s_labels[order[i]]);
            Assert.That(loss.Array[order[i]].Item<double>(), Is.EqualTo(expected).Within(1e-5), "losses by falling length");
            int[] best = Sequences(length, 3).MaxBy(y => Score(steps, 0, y))!;
            Assert.That(path[i].ToArray<int>(), Is.EqualTo(best), "paths as the sequences were given");
            Assert.That(score.Array[order[i]].Item<double>(), Is.EqualTo(Score(steps, 0, best)).Within(1e-5));
        }
        Assert.That(() => crf.Call(xs, ys[..2], "no", transpose: true), Throws.ArgumentException);
        Assert.That(new L.CRF1d(2).NamedParams().Single().Path, Is.EqualTo("/cost"));
    }

    [Test]
    public void CRF1dRefusesWhatDoesNotFit()
    {
        NDArray cost = FunctionTest.Uniform((3, 3)), x = FunctionTest.Uniform((2, 3)), more = FunctionTest.Uniform((3, 3));
        NDArray y = new[] { 0, 1 };
        Assert.That(() => F.CRF1d(cost, [x], [y], "sum"), Throws.ArgumentException);
        Assert.That(() => F.CRF1d(cost, [], []), Throws.ArgumentException);
        Assert.That(() => F.CRF1d(cost, [x, x], [y]), Throws.ArgumentException);
        Assert.That(() => F.CRF1d(cost, [x, more], [y, y]), Refuses("CRF1d"));
        Assert.That(() => F.CRF1d(cost[..2], [x], [y]), Refuses("CRF1d"));
        Assert.That(() => F.CRF1d(cost, [x[.., ..2]], [y]), Refuses("CRF1d"));
        Assert.That(() => F.CRF1d(cost, [x], [x]), Refuses("CRF1d"));
        Assert.That(() => F.CRF1d(cost, [x], [(NDArray)new[] { 0, 3 }]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static double Probability(Func<int, int, double> p, int steps, int classes, int[] labels, int blank) =>
        Sequences(steps, classes).Where(path =>
        {
            List<int> read = [];
            for (int t = 0; t < path.Length; t++)
            {
                if (path[t] != blank && (t == 0 || path[t] != path[t - 1]))
                {
                    read.Add(path[t]);
                }
            }

            return read.SequenceEqual(labels);
        }).Sum(path => path.Select((c, t) => p(t, c)).Aggregate((a, b) => a * b));

    [Test]
    public void ConnectionistTemporalClassification([Values("mean", "no")] string reduce, [Values(0, 2)] int blank)
    {
        int[] inputLength = [4, 3, 4], labelLength = [2, 1, 2];
        int one = blank == 0 ? 1 : 0, other = blank == 0 ? 2 : 1;
        int[,] labels = { { one, other }, { other, -7 }, { one, one } };
        NDArray[] inputs = [.. Enumerable.Range(0, 4).Select(t => FunctionTest.Uniform((3, 3), seed: t + 1))];
        NDArray Loss(NDArray[] x)
        {
            NDArray loss = Elements.Build(3, i =>
            {
                double P(int t, int c) => Math.Exp(x[t].At(i[0], c)) / Enumerable.Range(0, 3).Sum(k => Math.Exp(x[t].At(i[0], k)));
                return -Math.Log(Probability(P, inputLength[i[0]], 3, [.. Enumerable.Range(0, labelLength[i[0]]).Select(k => labels[i[0], k])], blank));
            });
            return reduce == "no" ? loss : loss.Mean();
        }
        new FunctionTest(v => F.ConnectionistTemporalClassification(v, (NDArray)labels, blank, (NDArray)inputLength, (NDArray)labelLength, reduce))
        {
            Expected = x => [Loss(x)], Ulps = 64,
        }.Run(inputs);
    }

    [Test]
    public void LabelsThatDoNotFitHaveAGreatLossAndFiniteGradients()
    {
        Variable[] x = [.. Enumerable.Range(0, 2).Select(t => new Variable(FunctionTest.Uniform((1, 3), seed: t + 1).AsType(DType.Float32)))];
        Variable loss = F.ConnectionistTemporalClassification(x, (NDArray)new[,] { { 1, 1 } }, 0);
        Assert.That((double)loss.Array, Is.GreaterThan(1e9));
        loss.Backward();
        Assert.That(x.SelectMany(v => v.Grad!.ToArray<float>()), Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void ConnectionistTemporalClassificationRefusesWhatDoesNotFit()
    {
        Variable[] x = [NDArray.Zeros((2, 3)), NDArray.Zeros((2, 3))];
        NDArray t = new[,] { { 1 }, { 2 } };
        const string Name = "ConnectionistTemporalClassification";
        Assert.That(() => F.ConnectionistTemporalClassification(x, t, 0, reduce: "sum"), Throws.ArgumentException);
        Assert.That(() => F.ConnectionistTemporalClassification([], t, 0), Throws.ArgumentException);
        Assert.That(() => F.ConnectionistTemporalClassification(x, t, 3), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.ConnectionistTemporalClassification(x, (NDArray)new[,] { { 3 }, { 1 } }, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.ConnectionistTemporalClassification(x, t, 0, (NDArray)new[] { 2, 3 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.ConnectionistTemporalClassification(x, t, 0, null, (NDArray)new[] { 1, -1 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.ConnectionistTemporalClassification(x, t.AsType(DType.Int64), 0), Refuses(Name));
        Assert.That(() => F.ConnectionistTemporalClassification(x, t[..1], 0), Refuses(Name));
        Assert.That(() => F.ConnectionistTemporalClassification(x, t, 0, (NDArray)new[] { 1 }), Refuses(Name));
        Assert.That(() => F.ConnectionistTemporalClassification([x[0][0]], t, 0), Refuses(Name));
    }
}
