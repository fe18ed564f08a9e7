using NUnit.Framework;
using NUnit.Framework.Constraints;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class ConvolutionTests
{
    private static readonly object?[][] s_convolutions =
    [
        [new[] { 2, 3, 7 }, new[] { 4, 3, 3 }, new[] { 1 }, new[] { 0 }, new[] { 1 }, 1, false],
        [new[] { 1, 4, 9 }, new[] { 2, 2, 2 }, new[] { 2 }, new[] { 1 }, new[] { 2 }, 2, true],
        [new[] { 1, 1, 1, 1 }, new[] { 1, 1, 1, 1 }, new[] { 1, 1 }, new[] { 0, 0 }, new[] { 1, 1 }, 1, false],
        [new[] { 2, 3, 5, 7 }, new[] { 2, 3, 3, 2 }, new[] { 1, 1 }, new[] { 1, 1 }, new[] { 1, 1 }, 1, false],
        [new[] { 1, 4, 7, 6 }, new[] { 6, 2, 3, 2 }, new[] { 2, 3 }, new[] { 2, 1 }, new[] { 2, 1 }, 2, true],
        [new[] { 0, 2, 3, 3 }, new[] { 2, 2, 2, 2 }, new[] { 1, 1 }, new[] { 0, 0 }, new[] { 1, 1 }, 1, false],
        [new[] { 2, 3, 4, 5 }, new[] { 6, 1, 2, 3 }, new[] { 1, 2 }, new[] { 0, 1 }, new[] { 1, 1 }, 3, false],
        [new[] { 1, 2, 3, 4, 3 }, new[] { 3, 2, 2, 2, 2 }, new[] { 1, 2, 1 }, new[] { 1, 0, 1 }, new[] { 1, 1, 2 }, 1, false],
    ];

    [TestCaseSource(nameof(s_convolutions))]
    public void Convolution(int[] x, int[] W, int[] stride, int[] pad, int[] dilate, int groups, bool coverAll)
    {
        NDArray[] inputs = [FunctionTest.Uniform(x), FunctionTest.Uniform(W, seed: 2), FunctionTest.Uniform(W[0], seed: 3)];
        new FunctionTest(xs => F.ConvolutionND(xs[0], xs[1], xs[2], stride, pad, coverAll, dilate, groups))
        {
            Expected = xs => [Expected(xs[0], xs[1], xs[2], stride, pad, coverAll, dilate, groups)],
            Ulps = 64,
        }.Run(inputs);
        new FunctionTest(xs => F.ConvolutionND(xs[0], xs[1], null, stride, pad, coverAll, dilate, groups))
        {
            Expected = xs => [Expected(xs[0], xs[1], null, stride, pad, coverAll, dilate, groups)],
            DTypes = [DType.Float32],
            Ulps = 64,
        }.Run(inputs[..2]);
    }

    // The deconvolution of y is the gradient of sum(y * convolution(x)) by x, which FunctionTest holds against differences above.
    [TestCaseSource(nameof(s_convolutions))]
    public void Deconvolution(int[] x, int[] W, int[] stride, int[] pad, int[] dilate, int groups, bool coverAll)
    {
        Shape y = F.ConvolutionND(NDArray.Zeros(x), (NDArray)NDArray.Zeros(W), null, stride, pad, coverAll, dilate, groups).Shape;
        NDArray[] inputs = [FunctionTest.Uniform(y), FunctionTest.Uniform(W, seed: 2), FunctionTest.Uniform(x[1], seed: 3)];
        new FunctionTest(xs => F.DeconvolutionND(xs[0], xs[1], xs[2], stride, pad, x[2..], dilate, groups))
        {
            Expected = xs =>
            {
                var image = new Variable(NDArray.Zeros(x, DType.Float64));
                Variable convolved = F.ConvolutionND(image, xs[1], null, stride, pad, coverAll, dilate, groups);
                convolved.Grad = xs[0];
                convolved.Backward();
                int[] bias = [.. Enumerable.Repeat(1, x.Length - 1)];
                bias[0] = x[1];
                return [image.Grad! + xs[2].Reshape(bias)];
            },
            Ulps = 64,
        }.Run(inputs);
    }

    [Test]
    public void OneAndThreeSpatialAxes()
    {
        NDArray line = FunctionTest.Uniform((2, 3, 9));
        NDArray W1 = FunctionTest.Uniform((4, 3, 2), seed: 2);
        AssertSame(F.Convolution1D(line, W1, stride: 2, pad: 1), F.ConvolutionND(line, W1, stride: 2, pad: 1));
        AssertSame(F.Deconvolution1D(line, W1.Transpose(1, 0, 2), stride: 2), F.DeconvolutionND(line, W1.Transpose(1, 0, 2), stride: 2));
        NDArray volume = FunctionTest.Uniform((1, 3, 4, 5, 3));
        NDArray W3 = FunctionTest.Uniform((2, 3, 2, 2, 3), seed: 2);
        AssertSame(F.Convolution3D(volume, W3, pad: (1, 0, 1)), F.ConvolutionND(volume, W3, pad: (1, 0, 1)));
        AssertSame(
            F.Deconvolution3D(volume, W3.Transpose(1, 0, 2, 3, 4), stride: (2, 1, 1)),
            F.DeconvolutionND(volume, W3.Transpose(1, 0, 2, 3, 4), stride: (2, 1, 1)));
    }

    [Test]
    public void TwoSpatialAxes()
    {
        NDArray x = FunctionTest.Uniform((2, 3, 6, 5));
        NDArray W = FunctionTest.Uniform((4, 3, 2, 3), seed: 2);
        AssertSame(F.Convolution2D(x, W, stride: (2, 1), pad: 1, dilate: 2), F.ConvolutionND(x, W, stride: (2, 1), pad: 1, dilate: 2));
        AssertSame(F.DilatedConvolution2D(x, W, pad: 1, dilate: (1, 2)), F.ConvolutionND(x, W, pad: 1, dilate: (1, 2)));
        AssertSame(F.Deconvolution2D(x, W.Transpose(1, 0, 2, 3), stride: 3), F.DeconvolutionND(x, W.Transpose(1, 0, 2, 3), stride: 3));
    }

    [TestCase(3, 2)]
    [TestCase(1, 1)]
    [TestCase(2, 3)]
    public void DepthwiseConvolution2D(int channels, int multiplier)
    {
        NDArray x = FunctionTest.Uniform((2, channels, 5, 4));
        NDArray W = FunctionTest.Uniform((multiplier, channels, 2, 3), seed: 2);
        NDArray b = FunctionTest.Uniform(channels * multiplier, seed: 3);
        new FunctionTest(xs => F.DepthwiseConvolution2D(xs[0], xs[1], xs[2], stride: (2, 1), pad: 1))
        {
            Expected = xs =>
            [
                NDArray.Concatenate(
                    [.. Enumerable.Range(0, channels * multiplier).Select(o => Expected(
                        xs[0][.., (o / multiplier)..((o / multiplier) + 1)],
                        xs[1][(o % multiplier)..((o % multiplier) + 1), (o / multiplier)..((o / multiplier) + 1)],
                        xs[2][o..(o + 1)], [2, 1], [1, 1], false, [1, 1], 1))],
                    axis: 1),
            ],
            Ulps = 64,
        }.Run(x, W, b);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Im2Col(bool coverAll)
    {
        new FunctionTest(xs => F.Im2Col(xs[0], (2, 3), stride: (2, 3), pad: (1, 0), coverAll, dilate: (2, 1)))
        {
            Expected = xs => [Patches(xs[0], (2, 3), (2, 3), (1, 0), coverAll, (2, 1))],
            Ulps = 0.5,
        }.Run(FunctionTest.Uniform((2, 3, 5, 7)));
        new FunctionTest(xs => F.Im2Col(xs[0], 2)) { Expected = xs => [Patches(xs[0], 2, 1, 0, false, 1)], Ulps = 0.5 }
            .Run(FunctionTest.Uniform((1, 1, 2, 3)));
    }

    [Test]
    public void MixedDTypesGiveTheDTypeOfTheInput()
    {
        var x = new Variable(NDArray.Ones((1, 1, 2, 2)));
        var W = new Variable(NDArray.Ones((1, 1, 2, 2), DType.Float64));
        Variable y = F.Convolution2D(x, W);
        Assert.That(y.DType, Is.EqualTo(DType.Float32));
        y.Backward();
        Assert.That(x.Grad!.DType, Is.EqualTo(DType.Float32));
        Assert.That(W.Grad!.DType, Is.EqualTo(DType.Float64));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Zeros((2, 4, 5, 5));
        Variable W = NDArray.Zeros((6, 4, 3, 3));
        Assert.That(() => F.Convolution2D(x, (NDArray)NDArray.Zeros((6, 3, 3, 3))), Refuses("Convolution2D", "W"));
        Assert.That(() => F.Convolution2D(x, (NDArray)NDArray.Zeros((6, 4, 3))), Refuses("Convolution2D", "W"));
        Assert.That(() => F.Convolution2D((NDArray)NDArray.Zeros((4, 5, 5)), W), Refuses("Convolution2D", "x"));
        Assert.That(() => F.Convolution2D((NDArray)NDArray.Zeros((2, 4, 5, 5), DType.Int32), W), Refuses("Convolution2D", "x"));
        Assert.That(() => F.Convolution2D(x, W, (NDArray)NDArray.Zeros(5)), Refuses("Convolution2D", "b"));
        Assert.That(() => F.Convolution2D(x, W, stride: 0), Refuses("stride"));
        Assert.That(() => F.Convolution2D(x, W, pad: (0, -1)), Refuses("pad"));
        Assert.That(() => F.Convolution2D(x, W, dilate: (1, 2, 3)), Refuses("dilate"));
        Assert.That(() => F.Convolution2D(x, W, dilate: 3), Refuses("extent"));
        Assert.That(() => F.Convolution2D(x, (NDArray)NDArray.Zeros((3, 2, 3, 3)), groups: 2), Refuses("groups"));
        Assert.That(() => F.Convolution2D(x, W, groups: 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("groups"));
        Assert.That(() => F.Convolution1D(x, W), Refuses("Convolution1D"));
        Assert.That(() => F.Deconvolution2D(x, W), Refuses("Deconvolution2D", "W"));
        Variable V = NDArray.Zeros((4, 2, 3, 3));
        Assert.That(() => F.Deconvolution2D(x, V, stride: 2, outsize: (11, 13)), Refuses("Deconvolution2D", "x"));
        Assert.That(() => F.Deconvolution2D(x, V, pad: 5), Refuses("extent"));
        Assert.That(() => F.DepthwiseConvolution2D(x, V), Refuses("DepthwiseConvolution2D", "W"));
        Assert.That(() => F.Im2Col((NDArray)NDArray.Zeros((2, 2)), 2), Refuses("Im2Col", "x"));
        Assert.That(() => F.Im2Col(x, 0), Refuses("ksize"));
        Assert.That(() => F.Convolution2D(null!, W), Throws.ArgumentNullException);
        Assert.That(() => F.Convolution2D(x, null!), Throws.ArgumentNullException);
    }

    private static Constraint Refuses(string function, string argument) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function).And.Message.Contains($"'{argument}'");

    private static Constraint Refuses(string text) => Throws.TypeOf<ArgumentException>().With.Message.Contains(text);

    private static void AssertSame(Variable actual, Variable expected) =>
        FunctionTest.AssertClose([actual.Array], [expected.Array], DType.Float64, 0, "output");

    // The sum over taps of products with slices of the padded image.
    private static NDArray Expected(
        NDArray x, NDArray W, NDArray? b, Spatial stride, Spatial pad, bool coverAll, Spatial dilate, int groups)
    {
        int axes = x.NDim - 2;
        int[] y = [x.Shape[0], W.Shape[0], .. Enumerable.Range(0, axes).Select(i => Outsize.Convolution(
            x.Shape[2 + i], W.Shape[2 + i], stride[i], pad[i], coverAll, dilate[i]))];
        double[] xs = x.ToArray<double>();
        double[] ws = W.ToArray<double>();
        double[]? bs = b?.ToArray<double>();
        int[] strides = StridesOf([.. x.Shape]);
        int[] steps = StridesOf([.. W.Shape]);
        int outputs = W.Shape[0] / groups;
        var result = new double[y.Aggregate(1, (n, extent) => n * extent)];
        for (int i = 0; i < result.Length; i++)
        {
            int[] at = IndexOf(i, y);
            double sum = bs?[at[1]] ?? 0;
            for (int j = 0; j < steps[0]; j++)
            {
                int[] tap = IndexOf(j, [.. W.Shape.Skip(1)]);
                int from = (at[0] * strides[0]) + (((at[1] / outputs * W.Shape[1]) + tap[0]) * strides[1]);
                bool inside = true;
                for (int d = 0; d < axes; d++)
                {
                    int position = (at[2 + d] * stride[d]) + (tap[1 + d] * dilate[d]) - pad[d];
                    inside &= position >= 0 && position < x.Shape[2 + d];
                    from += position * strides[2 + d];
                }
                sum += inside ? xs[from] * ws[(at[1] * steps[0]) + j] : 0;
            }
            result[i] = sum;
        }
        return NDArray.FromSpan<double>(result, y);
    }

    // Convolution with filters that pick one element each.
    private static NDArray Patches(NDArray x, Spatial ksize, Spatial stride, Spatial pad, bool coverAll, Spatial dilate)
    {
        int[] size = [.. Enumerable.Range(0, 2).Select(i => ksize[ksize.Count == 1 ? 0 : i])];
        int taps = x.Shape[1] * size[0] * size[1];
        NDArray picks = NDArray.Eye(taps, dtype: DType.Float64).Reshape((taps, x.Shape[1], size[0], size[1]));
        Spatial Both(Spatial value) => value.Count == 1 ? (value[0], value[0]) : value;
        return Expected(x, picks, null, Both(stride), Both(pad), coverAll, Both(dilate), 1);
    }

    private static int[] StridesOf(int[] shape) =>
        [.. shape.Select((_, i) => shape[(i + 1)..].Aggregate(1, (n, extent) => n * extent))];

    private static int[] IndexOf(int flat, int[] shape)
    {
        var index = new int[shape.Length];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            index[i] = flat % shape[i];
            flat /= shape[i];
        }
        return index;
    }
}
