using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class ShapeTests
{
    [Test]
    public void Conversions()
    {
        Shape list = [2, 3, 4];
        Assert.Multiple(() =>
        {
            Assert.That(list, Is.EqualTo((Shape)(2, 3, 4)));
            Assert.That(list.ToString(), Is.EqualTo("(2, 3, 4)"));
            Assert.That(((Shape)3).ToString(), Is.EqualTo("(3,)"));
            Assert.That(Shape.Scalar.ToString(), Is.EqualTo("()"));
            Assert.That((list.NDim, list.Size, list[1], list[-1]), Is.EqualTo((3, 24L, 3, 4)));
            Assert.That(list.ToArray(), Is.EqualTo(new[] { 2, 3, 4 }));
            Assert.That(list.Sum(), Is.EqualTo(9));
            Assert.That((Shape)(2, 3) == new Shape(2, 3) && (Shape)(2, 3) != (Shape)(3, 2));
            Assert.That(((Shape)(2, 3)).GetHashCode(), Is.EqualTo(new Shape(2, 3).GetHashCode()));
            Assert.That(Shape.Scalar.Size, Is.EqualTo(1));
            Assert.That(() => list[3], Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => list[-4], Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void Devices()
    {
        Assert.Multiple(() =>
        {
            Assert.That(default(Device), Is.EqualTo(Device.Cpu));
            Assert.That(Device.Parse("cpu"), Is.EqualTo(Device.Cpu));
            Assert.That(Device.Parse("cuda"), Is.EqualTo(Device.Cuda(0)));
            Assert.That(Device.Parse("cuda:3").ToString(), Is.EqualTo("cuda:3"));
            Assert.That(() => Device.Parse("gpu"), Throws.ArgumentException);
            Assert.That(() => Device.Parse("cuda:-1"), Throws.ArgumentException);
            Assert.That(() => Device.Parse(null!), Throws.ArgumentNullException);
            Assert.That(() => Device.Cuda(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void DTypeNames([Values] DType dtype)
    {
        Assert.Multiple(() =>
        {
            Assert.That(DTypes.Parse(dtype.Name()), Is.EqualTo(dtype));
            Assert.That(NDArray.Empty(1, dtype).NBytes, Is.EqualTo(dtype.ItemSize()));
            Assert.That(() => DTypes.Parse("float8"), Throws.ArgumentException);
            Assert.That(() => ((DType)8).Name(), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }
}
