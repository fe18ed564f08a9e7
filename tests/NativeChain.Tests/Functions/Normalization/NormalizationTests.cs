using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class NormalizationTests
{
    private static readonly object[] s_batches =
    [
        new object[] { new Shape(5, 3), new Shape(3), null! },
        new object[] { new Shape(3, 2, 5, 3), new Shape(2), null! },
        new object[] { new Shape(4, 2, 3), new Shape(2, 3), null! },
        new object[] { new Shape(2, 3, 4), new Shape(4), new[] { 0, 1 } },
        new object[] { new Shape(3, 4, 2), new Shape(3), new[] { -2, -1 } },
        new object[] { new Shape(13, 1), new Shape(1), null! },
        new object[] { new Shape(3, 0), new Shape(0), null! },
    ];

    [TestCaseSource(nameof(s_batches))]
    public void BatchNormalization(Shape shape, Shape channels, int[]? axis)
    {
        bool[] over = [.. Enumerable.Range(0, shape.NDim).Select(i =>
            axis is null ? i == 0 || i > channels.NDim : axis.Contains(i) || axis.Contains(i - shape.NDim))];
        new FunctionTest(xs => F.BatchNormalization(xs[0], xs[1], xs[2], eps: 1e-2, axis: axis))
        {
            Expected = xs => [Expected(xs[0], Kept(xs[1], over, shape), Kept(xs[2], over, shape), over, 1e-2)],
            DTypes = [DType.Float64, DType.Float32, DType.Float16],
            Ulps = 64,
        }.Run(FunctionTest.Uniform(shape), FunctionTest.Uniform(channels, 0.5, 2, 2), FunctionTest.Uniform(channels, seed: 3));
    }

    [Test]
    public void LayerNormalization([Values(1, 4, 17)] int size) =>
        new FunctionTest(xs => F.LayerNormalization(xs[0], xs[1], xs[2], eps: 1e-2))
        {
            Expected = xs => [Expected(xs[0], xs[1], xs[2], [false, true], 1e-2)],
            DTypes = [DType.Float64, DType.Float32, DType.BFloat16],
            Ulps = 64,
        }.Run(FunctionTest.Uniform((3, size)), FunctionTest.Uniform(size, 0.5, 2, 2), FunctionTest.Uniform(size, seed: 3));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(6)]
    public void GroupNormalization(int groups) =>
        new FunctionTest(xs => F.GroupNormalization(xs[0], groups, xs[1], xs[2], eps: 1e-2))
        {
            Expected = xs =>
            [
                Expected(
                    xs[0].Reshape((2, groups, 6 / groups, 15)),
                    xs[1].Reshape((1, groups, 6 / groups, 1)),
                    xs[2].Reshape((1, groups, 6 / groups, 1)),
                    [false, false, true, true],
                    1e-2).Reshape((2, 6, 5, 3)),
            ],
            DTypes = [DType.Float64, DType.Float32],
            Ulps = 64,
        }.Run(FunctionTest.Uniform((2, 6, 5, 3)), FunctionTest.Uniform(6, 0.5, 2, 2), FunctionTest.Uniform(6, seed: 3));

    [Test]
    public void FixedBatchNormalization() =>
        new FunctionTest(xs => F.FixedBatchNormalization(xs[0], xs[1], xs[2], xs[3], xs[4], eps: 1e-2))
        {
            Expected = xs =>
            {
                NDArray Channel(NDArray a) => a.Reshape((1, 3, 1));
                NDArray std = NDArray.FromSpan<double>([.. xs[4].ToArray<double>().Select(v => Math.Sqrt(v + 1e-2))], (1, 3, 1));
                return [((xs[0] - Channel(xs[3])) / std * Channel(xs[1])) + Channel(xs[2])];
            },
            Ulps = 32,
        }.Run(
            FunctionTest.Uniform((2, 3, 5)),
            FunctionTest.Uniform(3, 0.5, 2, 2),
            FunctionTest.Uniform(3, seed: 3),
            FunctionTest.Uniform(3, seed: 4),
            FunctionTest.Uniform(3, 0.5, 2, 5));

    [Test]
    public void Normalize([Values(0, 1, 5)] int size) =>
        new FunctionTest(xs => F.Normalize(xs[0], eps: 0.1))
        {
            Expected = xs => [xs[0] / (NDArray.FromSpan<double>(
                [.. Enumerable.Range(0, 3).Select(i => Math.Sqrt(xs[0][i].ToArray<double>().Sum(v => v * v)))], (3, 1)) + 0.1)],
            Ulps = 32,
        }.Run(FunctionTest.Uniform((3, size)));

    [Test]
    public void TheGradientOfAZeroRowIsThatOfTheQuotientByEps()
    {
        var x = new Variable(NDArray.FromSpan<double>([0, 0, 3, 4], (2, 2)));
        Variable y = F.Normalize(x, eps: 0.5);
        Assert.That(y.Array.ToArray<double>(), Is.EqualTo(new[] { 0, 0, 3 / 5.5, 4 / 5.5 }).Within(1e-14));
        y.Grad = NDArray.FromSpan<double>([1, 2, 0, 0], (2, 2));
        y.Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 2, 4, 0, 0 }));
    }

    [TestCase(5)]
    [TestCase(2)]
    [TestCase(1)]
    public void LocalResponseNormalization(int n) =>
        new FunctionTest(xs => F.LocalResponseNormalization(xs[0], n, k: 1.5, alpha: 0.3, beta: 0.6))
        {
            Expected = xs => [LocalResponse(xs[0], n)],
            Ulps = 32,
        }.Run(FunctionTest.Uniform((2, 7, 3)));

    [Test]
    public void RunningAveragesAreUpdatedInPlace()
    {
        Variable x = NDArray.FromSpan<float>([1, 10, 3, 30, 5, 50], (3, 2));
        Variable gamma = NDArray.Ones(2);
        Variable beta = NDArray.Zeros(2);
        NDArray mean = NDArray.FromSpan<float>([1, 1]);
        NDArray var = NDArray.FromSpan<float>([2, 2]);
        F.BatchNormalization(x, gamma, beta, runningMean: mean, runningVar: var, decay: 0.75);
        Assert.That(mean.ToArray<float>(), Is.EqualTo(new[] { 1.5f, 8.25f }));
        Assert.That(var.ToArray<float>(), Is.EqualTo(new[] { 2.5f, 101.5f }), "the unbiased variances are 4 and 400");
        F.BatchNormalization(x[..1], gamma, beta, runningMean: mean, runningVar: var, decay: 0.5);
        Assert.That(var.ToArray<float>(), Is.EqualTo(new[] { 1.25f, 50.75f }), "a batch of one has the variance 0");
    }

    [Test]
    public void HalfPrecisionWithWiderParameters()
    {
        NDArray x = FunctionTest.Uniform((7, 3));
        NDArray gamma = FunctionTest.Uniform(3, 0.5, 2, 2);
        NDArray beta = FunctionTest.Uniform(3, seed: 3);
        var half = new Variable(x.AsType(DType.Float16));
        var scale = new Variable(gamma.AsType(DType.Float32));
        var shift = new Variable(beta.AsType(DType.Float32));
        Variable y = F.BatchNormalization(half, scale, shift);
        Assert.That(y.DType, Is.EqualTo(DType.Float16));
        FunctionTest.AssertClose([y.Array], [Expected(x, gamma, beta, [true, false], 2e-5)], DType.Float16, 8, "output");
        y.Grad = NDArray.Ones((7, 3), DType.Float16);
        y.Backward();
        Assert.That((half.Grad!.DType, scale.Grad!.DType, shift.Grad!.DType), Is.EqualTo((DType.Float16, DType.Float32, DType.Float32)));
        Assert.That(shift.Grad!.ToArray<float>(), Has.All.EqualTo(7));
        NDArray mean = NDArray.Zeros(3);
        Assert.That(F.FixedBatchNormalization(half, scale, shift, mean, NDArray.Ones(3)).DType, Is.EqualTo(DType.Float16));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Ones((4, 3, 2));
        Variable three = NDArray.Ones(3);
        Variable two = NDArray.Ones(2);
        NDArray running = NDArray.Ones(3);
        Assert.That(() => F.BatchNormalization(x, two, two), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("gamma"));
        Assert.That(() => F.BatchNormalization(x, three, two), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("beta"));
        Assert.That(() => F.BatchNormalization(x, three, three, axis: 0), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.BatchNormalization(x, three, three, axis: [2, 0]), Throws.ArgumentException.With.Message.Contains("ascending"));
        Assert.That(() => F.BatchNormalization(x, three, three, axis: [0, 5]), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.BatchNormalization(x, three, three, runningMean: running), Throws.ArgumentException.With.Message.Contains("runningVar"));
        Assert.That(
            () => F.BatchNormalization(x, three, three, runningMean: running, runningVar: NDArray.Ones(2)),
            Throws.ArgumentException.With.Message.Contains("runningVar"));
        Assert.That(running.ToArray<float>(), Has.All.EqualTo(1), "a refused call leaves the averages alone");
        Assert.That(() => F.FixedBatchNormalization(x, three, three, two, three), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("mean"));
        Assert.That(() => F.LayerNormalization(x, two, two), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.LayerNormalization(NDArray.Ones((2, 3)), two, two), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.GroupNormalization(x, 2, three, three), Throws.ArgumentException.With.Message.Contains("groups"));
        Assert.That(() => F.GroupNormalization(x, 0, three, three), Throws.ArgumentException);
        Assert.That(() => F.LocalResponseNormalization(three), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.Normalize(three), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.Normalize(NDArray.Ones((2, 2), DType.Int32)), Throws.TypeOf<InvalidTypeException>());
    }

    private static NDArray Kept(NDArray factor, bool[] over, Shape shape) =>
        factor.Reshape([.. over.Select((reduced, i) => reduced ? 1 : shape[i])]);

    private static NDArray Expected(NDArray x, NDArray gamma, NDArray beta, bool[] over, double eps)
    {
        Axes axes = over.Select((reduced, i) => reduced ? i : -1).Where(i => i >= 0).ToArray();
        if (x.Size == 0)
        {
            return x;
        }

        NDArray centred = x - (x.Sum(axes, keepDims: true) * (1.0 / over.Select((reduced, i) => reduced ? x.Shape[i] : 1).Aggregate((a, b) => a * b)));
        NDArray variance = (centred * centred).Mean(axes, keepDims: true);
        NDArray std = NDArray.FromSpan<double>([.. variance.ToArray<double>().Select(v => Math.Sqrt(v + eps))], variance.Shape);
        return (centred / std * gamma) + beta;
    }

    private static NDArray LocalResponse(NDArray x, int n)
    {
        double[] values = x.ToArray<double>();
        var y = new double[values.Length];
        int channels = x.Shape[1], rest = x.Shape[2];
        for (int i = 0; i < y.Length; i++)
        {
            int channel = i / rest % channels;
            double sum = 0;
            for (int c = Math.Max(0, channel - (n / 2)); c <= Math.Min(channels - 1, channel + (n / 2)); c++)
            {
                double v = values[i + ((c - channel) * rest)];
                sum += v * v;
            }

            y[i] = values[i] / Math.Pow(1.5 + (0.3 * sum), 0.6);
        }

        return NDArray.FromSpan<double>(y, x.Shape);
    }
}
