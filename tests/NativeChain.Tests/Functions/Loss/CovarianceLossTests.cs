using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class CovarianceLossTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static double Covariance(NDArray a, int i, NDArray b, int j)
    {
        int n = a.Shape[0];
        double meanA = Enumerable.Range(0, n).Average(k => a.At(k, i));
        double meanB = Enumerable.Range(0, n).Average(k => b.At(k, j));
        return Enumerable.Range(0, n).Average(k => (a.At(k, i) - meanA) * (b.At(k, j) - meanB));
    }

    [Test]
    public void CrossCovarianceAndDeCov([Values("half_squared_sum", "no")] string reduce)
    {
        NDArray Reduced(NDArray c) => reduce == "no" ? c : (c * c).Sum() / 2.0;
        NDArray y = FunctionTest.Uniform((5, 2));
        NDArray z = FunctionTest.Uniform((5, 3), seed: 2);
        new FunctionTest(x => F.CrossCovariance(x[0], x[1], reduce))
        {
            Expected = x => [Reduced(Elements.Build((2, 3), i => Covariance(x[0], i[0], x[1], i[1])))], Ulps = 64,
        }.Run(y, z);
        new FunctionTest(x => F.DeCov(x[0], reduce))
        {
            Expected = x => [Reduced(Elements.Build((3, 3), i => i[0] == i[1] ? 0 : Covariance(x[0], i[0], x[0], i[1])))], Ulps = 64,
        }.Run(z);
        Assert.That(() => F.CrossCovariance(y, z, "mean"), Throws.ArgumentException);
        Assert.That(() => F.DeCov(y, "mean"), Throws.ArgumentException);
        Assert.That(() => F.CrossCovariance(y, z[..4], reduce), Refuses("CrossCovariance"));
        Assert.That(() => F.CrossCovariance(y, z.AsType(DType.Float32), reduce), Refuses("CrossCovariance"));
        Assert.That(() => F.DeCov(y[0], reduce), Refuses("DeCov"));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void DiscriminativeMarginBasedClusteringLoss(int norm)
    {
        const double DeltaV = 0.3, DeltaD = 0.9;
        NDArray labels = new[,,] { { { 0, 1, 2 }, { 2, 2, 1 } } };
        NDArray embeddings = FunctionTest.Uniform((1, 2, 2, 3));
        double Norm(IEnumerable<double> x) => norm == 1 ? x.Sum(Math.Abs) : Math.Sqrt(x.Sum(v => v * v));
        NDArray[] Losses(NDArray e)
        {
            double[][] Pixels(int c) => [.. Enumerable.Range(0, 6).Where(k => labels[0, k / 3, k % 3].Item<int>() == c)
                .Select(k => new[] { e.At(0, 0, k / 3, k % 3), e.At(0, 1, k / 3, k % 3) })];
            double[][] means = [.. new[] { 1, 2 }.Select(c => new[] { Pixels(c).Average(p => p[0]), Pixels(c).Average(p => p[1]) })];
            double variance = Enumerable.Range(0, 2).Average(c =>
                Pixels(c + 1).Average(p => Math.Pow(Math.Max(0, Norm(p.Zip(means[c], (a, b) => a - b)) - DeltaV), 2)));
            double distance = Math.Pow(Math.Max(0, (2 * DeltaD) - Norm(means[0].Zip(means[1], (a, b) => a - b))), 2);
            return [.. new[] { 2 * variance, 3 * distance, 0.5 * means.Average(Norm) }.Select(v => Elements.Build(Shape.Scalar, _ => v))];
        }
        new FunctionTest(x =>
        {
            (Variable variance, Variable distance, Variable regularization) =
                F.DiscriminativeMarginBasedClusteringLoss(x[0], labels, DeltaV, DeltaD, 2, norm, 2, 3, 0.5);
            return [variance, distance, regularization];
        }) { Expected = x => Losses(x[0]), Ulps = 64, DTypes = [DType.Float64, DType.Float32] }.Run(embeddings);

        // All embeddings equal: no distance has a direction.
        var same = new Variable(NDArray.Ones((1, 2, 2, 3)));
        (Variable v, Variable d, Variable r) = F.DiscriminativeMarginBasedClusteringLoss(same, labels, DeltaV, DeltaD, 2, norm);
        (v + d + r).Backward();
        Assert.That(same.Grad!.ToArray<float>(), Is.All.Matches<float>(float.IsFinite));

        Assert.That(() => F.DiscriminativeMarginBasedClusteringLoss(embeddings, labels, 1, 1, 2, 3), Throws.ArgumentException);
        Assert.That(() => F.DiscriminativeMarginBasedClusteringLoss(embeddings, labels, 1, 1, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.DiscriminativeMarginBasedClusteringLoss(embeddings, labels, 1, 1, 3), Refuses("Discriminative"));
        Assert.That(() => F.DiscriminativeMarginBasedClusteringLoss(embeddings, labels[0], 1, 1, 2), Refuses("Discriminative"));
    }
}
