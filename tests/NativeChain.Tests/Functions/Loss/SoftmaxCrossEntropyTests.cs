using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class SoftmaxCrossEntropyTests
{
    private static readonly bool[] s_both = [false, true];

    [Test]
    public void LabelsInAnyConfiguration(
        [ValueSource(nameof(s_both))] bool normalize,
        [ValueSource(nameof(s_both))] bool weighted,
        [ValueSource(nameof(s_both))] bool twice,
        [Values("mean", "no")] string reduce,
        [Values(-1, 1)] long ignored)
    {
        NDArray x = FunctionTest.Uniform((5, 3));
        NDArray t = new int[] { 0, 2, ignored == 1 ? 1 : -1, 1, 2 };
        NDArray? weight = weighted ? (NDArray)new double[] { 0.5, 2, 1.5 } : null;
        new FunctionTest(
            xs => F.SoftmaxCrossEntropy(
                xs[0], xs[1], normalize, cacheScore: !twice, weight, ignored, reduce, enableDoubleBackprop: twice))
        {
            Expected = xs => [Expected(xs[0], xs[1], normalize, weight, ignored, reduce)],
            DoubleBackward = twice,
            Ulps = 32,
        }.Run(x, t);
    }

    [Test]
    public void LabelsOfPixels([ValueSource(nameof(s_both))] bool twice, [Values("mean", "no")] string reduce)
    {
        NDArray x = FunctionTest.Uniform((2, 3, 4, 5));
        NDArray t = NDArray.FromSpan<long>([.. Enumerable.Range(0, 40).Select(i => (i % 4) - 1L)], (2, 4, 5));
        NDArray weight = new double[] { 0.5, 2, 1.5 };
        new FunctionTest(xs => F.SoftmaxCrossEntropy(xs[0], xs[1], classWeight: weight, reduce: reduce, enableDoubleBackprop: twice))
        {
            Expected = xs => [Expected(xs[0], xs[1], true, weight, -1, reduce)],
            DoubleBackward = twice,
            Ulps = 64,
        }.Run(x, t);
    }

    [Test]
    public void SoftTargets(
        [ValueSource(nameof(s_both))] bool twice, [Values("mean", "no")] string reduce, [Values("cross-entropy", "kl-divergence")] string loss)
    {
        NDArray x = FunctionTest.Uniform((4, 3));
        NDArray t = F.Softmax(FunctionTest.Uniform((4, 3), seed: 2)).Array;
        new FunctionTest(
            xs => F.SoftmaxCrossEntropy(
                xs[0], t.AsType(xs[0].DType), reduce: reduce, enableDoubleBackprop: twice, softTargetLoss: loss))
        {
            Expected = xs => [ExpectedSoft(xs[0], t, reduce, loss == "kl-divergence")],
            DoubleBackward = twice,
            Ulps = 64,
            DTypes = [DType.Float64, DType.Float32],
        }.Run(x);
    }

    [Test]
    public void AllIgnoredGivesZero()
    {
        var x = new Variable(new float[,] { { 1, 2 }, { 3, 4 } });
        Variable loss = F.SoftmaxCrossEntropy(x, (NDArray)new int[] { -1, -1 });
        loss.Backward();
        Assert.That(loss.Array.Item<float>(), Is.Zero);
        Assert.That(x.Grad!.ToArray<float>(), Is.All.Zero);
    }

    [Test]
    public void NoExamplesGiveZero()
    {
        var x = new Variable(NDArray.Zeros((0, 3)));
        Variable loss = F.SoftmaxCrossEntropy(x, (NDArray)NDArray.Zeros(0, DType.Int32));
        Assert.That(loss.Array.Item<float>(), Is.Zero);
        loss.Backward();
        Assert.That(x.Grad!.Shape, Is.EqualTo(new Shape(0, 3)));
    }

    [Test]
    public void ScoresStayWhole()
    {
        NDArray scores = new float[,] { { 1, 2 }, { 3, 5 } };
        var x = new Variable(scores);
        Variable loss = F.SoftmaxCrossEntropy(x, (NDArray)new int[] { 0, 1 });
        loss.Backward();
        float[] first = x.Grad!.ToArray<float>();
        loss.Backward();
        Assert.That(scores.ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3, 5 }));
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(first.Select(g => 2 * g)).Within(1e-7f));
    }

    [Test]
    public void TheFastGradientSaysThatItCannotBeDifferentiatedAgain()
    {
        var x = new Variable(new float[,] { { 1, 2 }, { 3, 5 } });
        F.SoftmaxCrossEntropy(x, (NDArray)new int[] { 0, 1 }).Backward(enableDoubleBackprop: true);
        Variable g = F.Sum(x.GradVar! * x.GradVar!);
        Assert.That(() => g.Backward(), Throws.TypeOf<NotSupportedException>().With.Message.Contains("enableDoubleBackprop"));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Zeros((2, 3));
        Variable t = (NDArray)new int[] { 0, 1 };
        Assert.That(() => F.SoftmaxCrossEntropy(x, t, reduce: "sum"), Throws.ArgumentException.With.Message.Contains("reduce"));
        Assert.That(() => F.SoftmaxCrossEntropy(x, t, softTargetLoss: "kl"), Throws.ArgumentException.With.Message.Contains("softTargetLoss"));
        Assert.That(
            () => F.SoftmaxCrossEntropy(x, t, classWeight: NDArray.Ones((1, 3))), Throws.ArgumentException.With.Message.Contains("classWeight"));
        Assert.That(
            () => F.SoftmaxCrossEntropy(x, t, classWeight: new int[] { 1, 1, 1 }), Throws.ArgumentException.With.Message.Contains("classWeight"));
        Assert.That(() => F.SoftmaxCrossEntropy(x, t, classWeight: NDArray.Ones(2)), Throws.TypeOf<InvalidTypeException>());
        foreach (bool twice in s_both)
        {
            Variable Loss(Variable scores, Variable labels) => F.SoftmaxCrossEntropy(scores, labels, enableDoubleBackprop: twice);
            Assert.That(() => Loss(x, (NDArray)new int[] { 0, 3 }), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss(x, (NDArray)new int[] { 0, -2 }), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss(x, (NDArray)new int[] { 0 }), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("'t'"));
            Assert.That(() => Loss(x, (NDArray)NDArray.Zeros((2, 3), DType.Int32)), Throws.TypeOf<InvalidTypeException>());
            Assert.That(() => Loss(x, (NDArray)NDArray.Zeros((2, 2))), Throws.TypeOf<InvalidTypeException>());
            Assert.That(() => Loss(x, (NDArray)NDArray.Zeros(2, DType.UInt8)), Throws.TypeOf<InvalidTypeException>());
            Assert.That(() => Loss((NDArray)NDArray.Zeros((2, 3), DType.Int32), t), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("'x'"));
            Assert.That(() => Loss((NDArray)NDArray.Zeros(2), t), Throws.TypeOf<InvalidTypeException>());
            Assert.That(() => Loss(null!, t), Throws.ArgumentNullException);
            Assert.That(() => Loss(x, null!), Throws.ArgumentNullException);
        }
    }

    private static NDArray Expected(NDArray x, NDArray t, bool normalize, NDArray? weight, long ignored, string reduce)
    {
        int inner = 1;
        for (int i = 2; i < x.NDim; i++)
        {
            inner *= x.Shape[i];
        }
        int classes = x.Shape[1];
        double[] values = x.ToArray<double>();
        long[] labels = t.AsType(DType.Int64).ToArray<long>();
        double[]? weights = weight?.ToArray<double>();
        var losses = new double[labels.Length];
        int valid = 0;
        for (int k = 0; k < labels.Length; k++)
        {
            if (labels[k] == ignored)
            {
                continue;
            }
            valid++;
            int start = (k / inner * inner * classes) + (k % inner);
            double sum = 0;
            for (int c = 0; c < classes; c++)
            {
                sum += Math.Exp(values[start + (c * inner)]);
            }
            losses[k] = (weights?[labels[k]] ?? 1) * (Math.Log(sum) - values[start + ((int)labels[k] * inner)]);
        }
        return reduce == "no"
            ? NDArray.FromSpan<double>(losses, t.Shape)
            : losses.Sum() / Math.Max(1, normalize ? valid : x.Shape[0]);
    }

    private static NDArray ExpectedSoft(NDArray x, NDArray t, string reduce, bool divergence)
    {
        double[] values = x.ToArray<double>();
        double[] targets = t.ToArray<double>();
        int classes = x.Shape[1];
        var losses = new double[x.Shape[0]];
        for (int k = 0; k < losses.Length; k++)
        {
            double sum = Enumerable.Range(0, classes).Sum(c => Math.Exp(values[(k * classes) + c]));
            for (int c = 0; c < classes; c++)
            {
                double target = targets[(k * classes) + c];
                double logP = values[(k * classes) + c] - Math.Log(sum);
                losses[k] += target * ((divergence ? Math.Log(target + 1e-7) : 0) - logP);
            }
        }
        return reduce == "no" ? NDArray.FromSpan<double>(losses) : losses.Average();
    }
}
