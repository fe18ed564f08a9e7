using NativeChain.Links;
using NUnit.Framework;

namespace NativeChain.Tests.Links;

[TestFixture]
public class ConvolutionLinkTests
{
    private static NDArray X => FunctionTest.Uniform((2, 4, 6, 5)).AsType(DType.Float32);

    [Test]
    public void TwoNumbersAloneAreOutputChannelsAndFilters()
    {
        var conv = new Convolution2D(7, 3);
        Assert.That(conv.InChannels, Is.Null);
        Assert.That(conv.W.IsInitialized, Is.False);
        Assert.That(conv.Call(X).Shape, Is.EqualTo(new Shape(2, 7, 4, 3)));
        Assert.That(conv.W.Shape, Is.EqualTo(new Shape(7, 4, 3, 3)));
        Assert.That(conv.InChannels, Is.EqualTo(4));
        Assert.That(new Convolution2D(null, 7, (3, 2)).Call(X).Shape, Is.EqualTo(new Shape(2, 7, 4, 4)));
        Assert.That(new Convolution2D(4, 7, 3, 2, 1).Call(X).Shape, Is.EqualTo(new Shape(2, 7, 3, 3)));
        Assert.That(new Deconvolution2D(7, 3, stride: 2).Call(X).Shape, Is.EqualTo(new Shape(2, 7, 13, 11)));
        Assert.That(new DilatedConvolution2D(7, 2, dilate: 3).Call(X).Shape, Is.EqualTo(new Shape(2, 7, 3, 2)));
        Assert.That(new ConvolutionND(2, 7, 3).Call(X).Shape, Is.EqualTo(new Shape(2, 7, 4, 3)));
        Assert.That(new DeconvolutionND(2, 7, 3).Call(X).Shape, Is.EqualTo(new Shape(2, 7, 8, 7)));
    }

    [Test]
    public void EachComputesItsFunction()
    {
        NDArray line = X.Reshape((2, 4, 30));
        NDArray volume = X.Reshape((2, 4, 2, 3, 5));
        var conv = new Convolution2D(4, 6, (3, 2), stride: (2, 1), pad: 1, dilate: (1, 2), groups: 2);
        AssertSame(conv.Call(X), F.Convolution2D(X, conv.W, conv.B, (2, 1), 1, false, (1, 2), 2));
        var deconv = new Deconvolution2D(4, 6, 3, 2, 1, outsize: (12, 10), groups: 2);
        AssertSame(deconv.Call(X), F.Deconvolution2D(X, deconv.W, deconv.B, 2, 1, (12, 10), 1, 2));
        var conv1 = new Convolution1D(4, 3, 4, stride: 3, coverAll: true);
        AssertSame(conv1.Call(line), F.Convolution1D(line, conv1.W, conv1.B, 3, 0, true));
        var conv3 = new Convolution3D(4, 3, 2, pad: (1, 0, 1), nobias: true);
        Assert.That(conv3.B, Is.Null);
        AssertSame(conv3.Call(volume), F.Convolution3D(volume, conv3.W, null, 1, (1, 0, 1)));
        var deconv1 = new Deconvolution1D(4, 3, 4, stride: 3);
        AssertSame(deconv1.Call(line), F.Deconvolution1D(line, deconv1.W, deconv1.B, 3));
        var deconv3 = new Deconvolution3D(4, 3, 2);
        AssertSame(deconv3.Call(volume), F.Deconvolution3D(volume, deconv3.W, deconv3.B));
        var depthwise = new DepthwiseConvolution2D(null, 2, 3, pad: 1);
        AssertSame(depthwise.Call(X), F.DepthwiseConvolution2D(X, depthwise.W, depthwise.B, 1, 1));
        Assert.That(depthwise.B!.Shape, Is.EqualTo(new Shape(8)));
        var mlp = new MLPConvolution2D(4, [5, 3], 3, activation: F.Tanh);
        var first = (Convolution2D)mlp[0];
        var second = (Convolution2D)mlp[1];
        AssertSame(mlp.Call(X), second.Call(F.Tanh(first.Call(X))));
    }

    [Test]
    public void InceptionsPutTheirPathsSideBySide()
    {
        var inception = new Inception(4, 2, 3, 5, 1, 2, 3);
        Variable y = inception.Call(X);
        Assert.That(y.Shape, Is.EqualTo(new Shape(2, 12, 6, 5)));
        AssertSame(y.Array[.., ..2], F.Relu(inception.Conv1.Call(X)));
        AssertSame(y.Array[.., 2..7], F.Relu(inception.Conv3.Call(F.Relu(inception.Proj3.Call(X)))));
        AssertSame(y.Array[.., 9..], F.Relu(inception.ProjP.Call(F.MaxPooling2D(X, 3, 1, 1))));
        Assert.That(
            inception.NamedParams().Select(param => param.Path).Take(4), Is.EqualTo(new[] { "/conv1/W", "/conv1/b", "/conv3/W", "/conv3/b" }));

        var normalized = new InceptionBN(null, 0, 3, 5, 2, 4, InceptionPooling.Max, stride: 2);
        Variable z = normalized.Call(X);
        Assert.That(z.Shape, Is.EqualTo(new Shape(2, 13, 3, 3)));
        AssertSame(z.Array[.., 9..], F.MaxPooling2D(X, 3, 2, 1, coverAll: false));
        Assert.That(normalized.Conv1, Is.Null);
        Assert.That(new InceptionBN(4, 2, 3, 5, 2, 4, InceptionPooling.Avg, 6).Call(X).Shape, Is.EqualTo(new Shape(2, 17, 6, 5)));
        Assert.That(() => new InceptionBN(4, 2, 3, 5, 2, 4, InceptionPooling.Avg, 6, stride: 2), Throws.ArgumentException);
        Assert.That(() => new InceptionBN(4, 2, 3, 5, 2, 4, InceptionPooling.Avg), Throws.ArgumentException);
    }

    [Test]
    public void GivenParametersAreTaken()
    {
        NDArray W = FunctionTest.Uniform((6, 2, 3, 3), seed: 2).AsType(DType.Float32);
        NDArray b = FunctionTest.Uniform(6, seed: 3).AsType(DType.Float32);
        AssertSame(Convolution2D.FromParams(W, b, pad: 1, groups: 2).Call(X), F.Convolution2D(X, W, b, pad: 1, groups: 2));
        AssertSame(
            ConvolutionND.FromParams(W, stride: 2, coverAll: true, groups: 2).Call(X),
            F.ConvolutionND(X, W, stride: 2, coverAll: true, groups: 2));
        Assert.That(Convolution2D.FromParams(W, b, nobias: true, groups: 2).B, Is.Null);
        Assert.That(() => Convolution2D.FromParams(W, b[..5]), Throws.ArgumentException);
        Assert.That(() => Convolution2D.FromParams(b), Throws.ArgumentException);
    }

    [Test]
    public void WrongSizesAreRefused()
    {
        Assert.That(() => new Convolution2D(4, 0, 3), Throws.InstanceOf<ArgumentException>().With.Message.Contains("outChannels"));
        Assert.That(() => new Convolution2D(0, 4, 3), Throws.InstanceOf<ArgumentException>().With.Message.Contains("inChannels"));
        Assert.That(() => new Convolution2D(null, 4, 0), Throws.InstanceOf<ArgumentException>().With.Message.Contains("ksize"));
        Assert.That(() => new Convolution2D(3, 4, 3, groups: 2), Throws.ArgumentException.With.Message.Contains("groups"));
        Assert.That(() => new Convolution2D(5, 3, groups: 2).Call(X), Throws.ArgumentException.With.Message.Contains("groups"));
        Assert.That(() => new ConvolutionND(4, 3, 3, 3), Throws.InstanceOf<ArgumentException>().With.Message.Contains("ndim"));
        Assert.That(() => new Convolution2D(5, 3).Call(X.Reshape((2, 4, 30))), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => new MLPConvolution2D(4, [], 3), Throws.ArgumentException);
    }

    private static void AssertSame(Variable actual, Variable expected) =>
        FunctionTest.AssertClose([actual.Array], [expected.Array], DType.Float32, 0, "output");
}
