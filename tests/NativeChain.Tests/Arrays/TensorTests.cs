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

    [Test]
    public void ATensorSharesItsMemory()
    {
        Tensor<float> tensor = Tensor.Create([1f, 2, 3, 4, 5, 6], [2, 3]);
        NDArray x = NDArray.FromTensor(tensor, copy: false);
        NDArray column = x[.., 2];
        column.Fill(9);
        tensor[0, 0] = 7;
        x.Dispose();
        NativeMemory.Collect();
        NDArray part = NDArray.FromTensor(tensor.Slice(1..2, 1..3), copy: false);
        Assert.Multiple(() =>
        {
            Assert.That(tensor[1, 2], Is.EqualTo(9));
            Assert.That(column.ToArray<float>(), Is.EqualTo(new[] { 9f, 9 }));
            Assert.That(part.ToArray<float>(), Is.EqualTo(new[] { 5f, 9 }));
            Assert.That(NDArray.FromTensor(tensor).ToArray<float>(), Is.EqualTo(new[] { 7f, 2, 9, 4, 5, 9 }));
            Assert.That(NDArray.FromTensor(Tensor.Create<double>([], [0, 3]), copy: false).Shape, Is.EqualTo((Shape)(0, 3)));
            Assert.That(() => NDArray.FromTensor(Tensor.Create([1u], [1]), copy: false), Throws.ArgumentException);
        });
    }

    [Test]
    public void AnArrayIsSeenAsATensorSpan()
    {
        NDArray x = NDArray.Arange(12.0).Reshape((3, 4));
        double sum = 0;
        x[1.., new Slice(step: 2)].WithTensorSpan<double>(span =>
        {
            sum = Tensor.Sum<double>(span);
            span[0, 1] = -1;
        });
        x.T.WithTensorSpan<double>(span => span[3, 2] = 50);
        nint rank = -1;
        ((NDArray)2.5).WithTensorSpan<double>(span => rank = span.Rank);
        NDArray.Zeros((0, 2), DType.Float64).WithTensorSpan<double>(span => Assert.That(span.IsEmpty));
        NDArray.Ones(1).BroadcastTo((2, 3)).WithTensorSpan<float>(span => Assert.That(span[1, 2], Is.EqualTo(1)));
        Assert.Multiple(() =>
        {
            Assert.That(sum, Is.EqualTo(4 + 6 + 8 + 10));
            Assert.That(x[1, 2].Item<double>(), Is.EqualTo(-1));
            Assert.That(x[2, 3].Item<double>(), Is.EqualTo(50));
            Assert.That((int)rank, Is.EqualTo(1));
            Assert.That(() => x.WithTensorSpan<float>(_ => { }), Throws.ArgumentException);
            Assert.That(() => x[new Slice(step: -1)].WithTensorSpan<double>(_ => { }), Throws.ArgumentException.With.Message.Contains("backwards"));
        });
    }
}
