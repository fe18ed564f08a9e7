using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class PoolingTests
{
    private static readonly object[] s_windows =
    [
        new object[] { new Shape(2, 3, 7), 2, 2, 0, true },
        new object[] { new Shape(1, 2, 11), 3, 2, 1, false },
        new object[] { new Shape(2, 2, 5, 6), 2, 2, 0, true },
        new object[] { new Shape(2, 1, 7, 5), 3, 2, 1, true },
        new object[] { new Shape(1, 2, 5, 7), 3, 1, 2, false },
        new object[] { new Shape(1, 1, 1, 1), 1, 1, 0, true },
        new object[] { new Shape(1, 2, 3, 5, 4), 2, 2, 0, true },
    ];

    [TestCaseSource(nameof(s_windows))]
    public void MaxPooling(Shape shape, int ksize, int stride, int pad, bool coverAll) =>
        new FunctionTest(xs => F.MaxPoolingND(xs[0], ksize, stride, pad, coverAll))
        {
            Expected = xs => [Pool(xs[0], ksize, stride, pad, coverAll, window => window.Max())],
            Ulps = 16,
        }.Run(Distinct(shape));

    [TestCaseSource(nameof(s_windows))]
    public void AveragePooling(Shape shape, int ksize, int stride, int pad, bool _)
    {
        double size = Math.Pow(ksize, shape.NDim - 2);
        foreach (int? padValue in new int?[] { 0, null })
        {
            new FunctionTest(xs => F.AveragePoolingND(xs[0], ksize, stride, pad, padValue))
            {
                Expected = xs => [Pool(xs[0], ksize, stride, pad, false, window => window.Sum() / (padValue is null ? window.Count : size))],
                Ulps = 16,
            }.Run(FunctionTest.Uniform(shape));
        }
    }

    [TestCaseSource(nameof(s_windows))]
    public void Unpooling(Shape shape, int ksize, int stride, int pad, bool coverAll)
    {
        if (shape.Span.ToArray()[2..].Any(extent => Outsize.Deconvolution(extent, ksize, stride, pad, coverAll) < 1))
        {
            Assert.That(() => F.UnpoolingND(NDArray.Ones(shape), ksize, stride, pad, coverAll: coverAll), Throws.ArgumentException);
            return;
        }

        new FunctionTest(xs => F.UnpoolingND(xs[0], ksize, stride, pad, coverAll: coverAll)) { Ulps = 32 }
            .Run(FunctionTest.Uniform(shape));
    }

    [Test]
    public void UnpoolingSpreadsEachElementOverItsWindow()
    {
        Variable x = (NDArray)new float[,,,] { { { { 1, 2 }, { 3, 4 } } } };
        Assert.That(F.Unpooling2D(x, 2, coverAll: false).Array.ToArray<float>(), Is.EqualTo(new float[] { 1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4 }));
        Assert.That(F.Unpooling2D(x, 2).Shape, Is.EqualTo(new Shape(1, 1, 3, 3)), "the smallest image that the windows cover");
        Assert.That(F.Unpooling2D(x, 2, outsize: (3, 4)).Shape, Is.EqualTo(new Shape(1, 1, 3, 4)));
        Assert.That(F.Unpooling2D(x, 3, stride: 1, coverAll: false).Array[0, 0, 2].ToArray<float>(), Is.EqualTo(new float[] { 4, 10, 10, 6 }));
    }

    [Test]
    public void IndicesSayWhereInTheWindowTheMaximumIs()
    {
        NDArray x = new float[,,,] { { { { 1, 2, 3, 4, 5 }, { 9, 8, 7, 6, 7 }, { 5, 5, 5, 5, 5 } } } };
        (Variable y, NDArray? indices) = F.MaxPooling2D(x, 2, returnIndices: true);
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo(new float[] { 9, 7, 7, 5, 5, 5 }));
        Assert.That(indices!.DType, Is.EqualTo(DType.Int64));
        Assert.That(indices.ToArray<long>(), Is.EqualTo(new long[] { 2, 2, 2, 0, 0, 0 }));
        Variable up = F.Upsampling2D(y, indices, 2, outsize: (3, 5));
        Assert.That(up.Array.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 0, 0, 0, 9, 0, 7, 0, 7, 5, 0, 5, 0, 5 }));
        Assert.That(F.MaxPooling2D(x, 2, returnIndices: false).Indices, Is.Null);
    }

    [Test]
    public void Upsampling()
    {
        NDArray indices = F.MaxPooling2D(Distinct((2, 2, 5, 7)), 3, returnIndices: true, stride: 2, pad: 1).Indices!;
        new FunctionTest(xs => F.Upsampling2D(xs[0], indices, 3, stride: 2, pad: 1, outsize: (5, 7)))
        {
            DTypes = [DType.Float64, DType.Float32],
        }.Run(FunctionTest.Uniform(indices.Shape));
    }

    [Test]
    public void AWindowInThePaddingIsMinusInfinityAndNaNWins()
    {
        NDArray x = new float[,,] { { { 3, float.NaN } } };
        Assert.That(F.MaxPooling1D(x, 1, stride: 1, pad: 1).Array.ToArray<float>(), Is.EqualTo(new[] { float.NegativeInfinity, 3, float.NaN, float.NegativeInfinity }));
        Assert.That(F.MaxPooling1D(x, 2, stride: 1).Array.ToArray<float>(), Is.EqualTo(new[] { float.NaN }));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Ones((1, 2, 4, 4));
        Assert.That(() => F.MaxPooling1D(x, 2), Throws.ArgumentException.With.Message.Contains("MaxPooling1D").And.Message.Contains("(1, 2, 4, 4)"));
        Assert.That(() => F.MaxPooling2D(x, 0), Throws.ArgumentException.With.Message.Contains("ksize"));
        Assert.That(() => F.MaxPooling2D(x, (2, 2, 2)), Throws.ArgumentException.With.Message.Contains("ksize"));
        Assert.That(() => F.MaxPooling2D(x, 2, stride: 0), Throws.ArgumentException.With.Message.Contains("stride"));
        Assert.That(() => F.MaxPooling2D(x, 2, pad: -1), Throws.ArgumentException.With.Message.Contains("pad"));
        Assert.That(() => F.MaxPooling2D(x, 9, coverAll: false), Throws.ArgumentException.With.Message.Contains("no position"));
        Assert.That(() => F.MaxPooling2D(NDArray.Ones((1, 2, 4, 4), DType.Int32), 2), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.MaxPooling2D(NDArray.Ones((0, 2, 4, 4)), 2), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.MaxPoolingND(NDArray.Ones([1, 1, 2, 2, 2, 2]), 2), Throws.ArgumentException);
        Assert.That(() => F.MaxPooling2D(null!, 2), Throws.ArgumentNullException);
        Assert.That(() => F.AveragePooling2D(NDArray.Ones((1, 2, 4)), 2), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.AveragePoolingND(x, 2, padValue: 1), Throws.ArgumentException.With.Message.Contains("padValue"));
        Assert.That(() => F.Unpooling2D(x, 2, outsize: 3), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("outsize"));
        Assert.That(() => F.Upsampling2D(x, NDArray.Zeros((1, 2, 4, 3), DType.Int32), 2), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.Upsampling2D(x, NDArray.Full((1, 2, 4, 4), 4, DType.Int32), 2), Throws.InstanceOf<ArgumentException>());
    }

    // Elements that lie further apart than the steps of the differences.
    private static NDArray Distinct(Shape shape)
    {
        double[] values = [.. Enumerable.Range(0, (int)shape.Size).Select(i => i * 0.03125)];
        new Random(1).Shuffle(values);
        return NDArray.FromSpan<double>(values, shape);
    }

    // What a function makes of the elements of each window that are no padding.
    private static NDArray Pool(NDArray x, int ksize, int stride, int pad, bool coverAll, Func<List<double>, double> function)
    {
        int[] spatial = x.Shape.ToArray()[2..];
        int[] outs = [.. spatial.Select(extent => Outsize.Convolution(extent, ksize, stride, pad, coverAll))];
        double[] values = x.ToArray<double>();
        int image = spatial.Aggregate(1, (a, b) => a * b);
        int positions = outs.Aggregate(1, (a, b) => a * b);
        int planes = x.Shape[0] * x.Shape[1];
        var y = new double[planes * positions];
        for (int k = 0; k < y.Length; k++)
        {
            List<double> window = [];
            for (int i = 0; i < image; i++)
            {
                bool inside = true;
                for (int d = spatial.Length - 1, p = k % positions, q = i; d >= 0; p /= outs[d], q /= spatial[d], d--)
                {
                    int first = (p % outs[d] * stride) - pad;
                    inside &= q % spatial[d] >= first && q % spatial[d] < first + ksize;
                }

                if (inside)
                {
                    window.Add(values[(k / positions * image) + i]);
                }
            }

            y[k] = window.Count == 0 && ksize > 0 ? function([double.NegativeInfinity]) : function(window);
        }

        return NDArray.FromSpan<double>(y, [x.Shape[0], x.Shape[1], .. outs]);
    }
}
