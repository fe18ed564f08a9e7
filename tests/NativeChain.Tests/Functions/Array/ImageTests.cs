using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class ImageTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static NDArray Images => FunctionTest.Uniform((2, 2, 3, 4));

    // Between the pixels around a position inside an image.
    private static double Between(NDArray x, int n, int c, double v, double u)
    {
        double Pixel(int i, int j) => i >= 0 && j >= 0 && i < x.Shape[2] && j < x.Shape[3] ? x.At(n, c, i, j) : 0;
        (int i, int j) = ((int)Math.Floor(v), (int)Math.Floor(u));
        (double a, double b) = (v - i, u - j);
        return ((1 - a) * (1 - b) * Pixel(i, j)) + ((1 - a) * b * Pixel(i, j + 1)) + (a * (1 - b) * Pixel(i + 1, j)) + (a * b * Pixel(i + 1, j + 1));
    }

    [TestCase(5, 6, "bilinear", true)]
    [TestCase(2, 3, "bilinear", false)]
    [TestCase(7, 5, "bilinear", false)]
    [TestCase(1, 4, "bilinear", true)]
    [TestCase(5, 2, "nearest", true)]
    public void ResizeImages(int height, int width, string mode, bool alignCorners)
    {
        double At(int i, int size, int extent) => mode == "nearest" ? Math.Floor((double)i * extent / size)
            : alignCorners ? (size == 1 ? 0 : (double)i * (extent - 1) / (size - 1))
            : Math.Clamp(((i + 0.5) * extent / size) - 0.5, 0, extent - 1);
        new FunctionTest(x => F.ResizeAxis(F.ResizeAxis(x[0], 2, height, mode, alignCorners), 3, width, mode, alignCorners))
        {
            Expected = x => [Elements.Build((2, 2, height, width), i => Between(x[0], i[0], i[1], At(i[2], height, 3), At(i[3], width, 4)))], Ulps = 16,
        }.Run(Images);
        Variable y = F.ResizeImages(Images.AsType(DType.Float32), (height, width), mode, alignCorners);
        Assert.That(y.Shape, Is.EqualTo(new Shape(2, 2, height, width)));
    }

    [Test]
    public void ResizeImagesRefusesWhatDoesNotFit()
    {
        NDArray x = Images.AsType(DType.Float32);
        Assert.That(() => F.ResizeImages(Images, (2, 2)), Refuses("ResizeImages"));
        Assert.That(() => F.ResizeImages(x[0], (2, 2)), Refuses("ResizeImages"));
        Assert.That(() => F.ResizeImages(x, (2, 2), "cubic"), Throws.ArgumentException);
        Assert.That(() => F.ResizeImages(x, (0, 2)), Throws.ArgumentException);
        Assert.That(() => F.ResizeImages(x[.., .., ..0], (2, 2)), Throws.ArgumentException);
    }

    [Test]
    public void SpatialTransformerGrid()
    {
        double Coordinate(int i, int size) => size == 1 ? -1 : (2.0 * i / (size - 1)) - 1;
        foreach ((int height, int width) in new[] { (3, 4), (1, 2) })
        {
            new FunctionTest(x => F.SpatialTransformerGrid(x[0], (height, width)))
            {
                Expected = x => [Elements.Build((2, 2, height, width), i =>
                    (x[0].At(i[0], i[1], 0) * Coordinate(i[3], width)) + (x[0].At(i[0], i[1], 1) * Coordinate(i[2], height)) + x[0].At(i[0], i[1], 2))],
                Ulps = 16,
            }.Run(FunctionTest.Uniform((2, 2, 3)));
        }
        Assert.That(() => F.SpatialTransformerGrid(NDArray.Zeros((2, 3, 2)), (2, 2)), Refuses("SpatialTransformerGrid"));
        Assert.That(() => F.SpatialTransformerGrid(NDArray.Zeros((2, 2, 3), DType.Int32), (2, 2)), Refuses("SpatialTransformerGrid"));
        Assert.That(() => F.SpatialTransformerGrid(NDArray.Zeros((2, 2, 3)), (-1, 2)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void SpatialTransformerSampler()
    {
        // Inside the image, across its border, and far outside.
        foreach (double reach in new[] { 0.9, 1.4, 4 })
        {
            new FunctionTest(x => F.SpatialTransformerSampler(x[0], x[1]))
            {
                Expected = x => [Elements.Build((2, 2, 2, 3), i =>
                {
                    double u = (x[1].At(i[0], 0, i[2], i[3]) + 1) * 3 / 2;
                    double v = (x[1].At(i[0], 1, i[2], i[3]) + 1) * 2 / 2;
                    return Between(x[0], i[0], i[1], Math.Clamp(v, -1, 3), Math.Clamp(u, -1, 4));
                })],
                DTypes = [DType.Float64, DType.Float32],
                Ulps = 32,
                Eps = 1e-6,
                DoubleBackward = reach < 1,
            }.Run(Images, FunctionTest.Uniform((2, 2, 2, 3), -reach, reach, seed: 4));
        }
        NDArray x = Images;
        Assert.That(() => F.SpatialTransformerSampler(x, NDArray.Zeros((2, 3, 2, 2), DType.Float64)), Refuses("SpatialTransformerSampler"));
        Assert.That(() => F.SpatialTransformerSampler(x, NDArray.Zeros((1, 2, 2, 2), DType.Float64)), Refuses("SpatialTransformerSampler"));
        Assert.That(() => F.SpatialTransformerSampler(x, NDArray.Zeros((2, 2, 2, 2))), Refuses("SpatialTransformerSampler"));
    }
}
