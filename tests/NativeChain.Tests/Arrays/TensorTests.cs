using System.Numerics.Tensors;
using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class TensorTests
{
    [Test]
    public void CopiesBothWays()
    {
        NDArray x = NDArray.Arange(6).Reshape((2, 3));
        Tensor<long> tensor = x.T.ToTensor<long>();
        NDArray back = NDArray.FromTensor<long>(tensor.AsReadOnlyTensorSpan());
        Assert.Multiple(() =>
        {
            Assert.That(tensor.Lengths.ToArray(), Is.EqualTo(new nint[] { 3, 2 }));
            Assert.That(tensor[2, 1], Is.EqualTo(5));
            Assert.That(back.ToString(), Is.EqualTo(x.T.ToString()));
        });
    }

    [Test]
    public void StridedTensorsAndScalars()
    {
        Tensor<float> tensor = Tensor.Create([1f, 2, 3, 4, 5, 6], [2, 3]);
        NDArray y = NDArray.FromTensor<float>(tensor.AsReadOnlyTensorSpan()[0..2, 1..3]);
        Assert.Multiple(() =>
        {
            Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 2f, 3, 5, 6 }));
            Assert.That(((NDArray)2.5).Reshape(1).ToTensor<double>()[0], Is.EqualTo(2.5));
            Assert.That(() => y.ToTensor<double>(), Throws.ArgumentException);
        });
    }
}
