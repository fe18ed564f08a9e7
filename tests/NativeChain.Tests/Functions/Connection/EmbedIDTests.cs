using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class EmbedIDTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static NDArray W => FunctionTest.Uniform((4, 3));

    [TestCase(null)]
    [TestCase(-1L)]
    [TestCase(2L)]
    [TestCase(9L)]
    public void PicksRows(long? ignored)
    {
        long[,] ids = { { 0, ignored ?? 2, 3 }, { 3, 3, ignored ?? 1 } };
        foreach (DType dtype in new[] { DType.Int32, DType.Int64 })
        {
            NDArray x = NDArray.FromArray(ids).AsType(dtype);
            new FunctionTest(v => F.EmbedID(x, v[0], ignored))
            {
                Expected = v => [Elements.Build((2, 3, 3), i => ids[i[0], i[1]] == ignored ? 0 : v[0].At((int)ids[i[0], i[1]], i[2]))],
                Ulps = 2,
            }.Run(W);
        }
    }

    [Test]
    public void OfNothingIsNothing()
    {
        foreach (long? ignored in new long?[] { null, -1 })
        {
            new FunctionTest(v => F.EmbedID(NDArray.Zeros((0, 2), DType.Int32), v[0], ignored)) { Expected = _ => [NDArray.Zeros((0, 2, 3), DType.Float64)] }.Run(W);
        }
    }

    [Test]
    public void NegativeIdsCountFromTheEndButNotInDebugMode()
    {
        NDArray x = new[] { -1, 0, 5 };
        new FunctionTest(v => F.EmbedID(x, v[0], 5))
        {
            Expected = v => [Elements.Build((3, 3), i => i[0] == 2 ? 0 : v[0].At(i[0] == 0 ? 3 : 0, i[1]))], Ulps = 2,
        }.Run(W);
        using (Config.Using(debug: true))
        {
            Assert.That(() => F.EmbedID(x, W, 5), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("EmbedID"));
            Assert.That(F.EmbedID(x[1..], W, 5).Shape, Is.EqualTo(new Shape(2, 3)));
        }
    }

    [Test]
    public void InfiniteGradientsOfWhatIsIgnoredGoNowhere()
    {
        var w = new Variable(W);
        Variable y = F.EmbedID((NDArray)new[] { 1, -1 }, w, -1);
        y.Grad = new double[,] { { 1, 1, 1 }, { double.PositiveInfinity, double.NaN, 1 } };
        y.Backward();
        Assert.That(w.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void RefusesWhatDoesNotFit()
    {
        NDArray x = new[] { 0, 1 };
        Assert.That(() => F.EmbedID(new NDArray[] { new[] { 0, 4 } }[0], W), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.EmbedID(FunctionTest.Uniform(2), W), Refuses("EmbedID"));
        Assert.That(() => F.EmbedID((NDArray)1, W), Refuses("EmbedID"));
        Assert.That(() => F.EmbedID(x, W[0]), Refuses("EmbedID"));
        Assert.That(() => F.EmbedID(x, NDArray.Zeros((2, 2), DType.Int32)), Refuses("EmbedID"));
        Assert.That(() => F.EmbedID(x, null!), Throws.ArgumentNullException);
    }
}
