using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class PairLossTests
{
    private static readonly Shape[] s_shapes = [(3, 5), (2, 1, 7), 1, Shape.Scalar];

    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static double Mean(NDArray x) => x.ToArray<double>().Average();

    private static NDArray Number(double value) => Elements.Build(Shape.Scalar, _ => value);

    private static NDArray Zip(NDArray a, NDArray b, Func<double, double, double> f) => Elements.Build(a.Shape, i => f(a.At(i), b.At(i)));

    [TestCaseSource(nameof(s_shapes))]
    public void ErrorsOfTwoArrays(Shape shape)
    {
        NDArray a = FunctionTest.Uniform(shape);
        NDArray b = FunctionTest.Uniform(shape, seed: 2);
        new FunctionTest(x => F.AbsoluteError(x[0], x[1])) { Expected = x => [Zip(x[0], x[1], (p, q) => Math.Abs(p - q))] }.Run(a, b);
        new FunctionTest(x => F.SquaredError(x[0], x[1])) { Expected = x => [Zip(x[0], x[1], (p, q) => (p - q) * (p - q))] }.Run(a, b);
        new FunctionTest(x => F.MeanAbsoluteError(x[0], x[1])) { Expected = x => [Number(Mean(Zip(x[0], x[1], (p, q) => Math.Abs(p - q))))] }.Run(a, b);
    }

    [Test]
    public void ErrorsOfNothingAreNaNAndOfEqualArraysHaveNoGradient()
    {
        var empty = new Variable(NDArray.Zeros((0, 2)));
        Assert.That(F.MeanAbsoluteError(empty, empty).Array.Item<float>(), Is.NaN);
        Assert.That(F.AbsoluteError(empty, empty).Shape, Is.EqualTo(new Shape(0, 2)));
        var x = new Variable(NDArray.Ones(2));
        F.MeanAbsoluteError(x, NDArray.Ones(2)).Backward();
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 0, 0 }));
        Assert.That(() => F.AbsoluteError(x, NDArray.Ones(3)), Refuses("AbsoluteError"));
        Assert.That(() => F.SquaredError(x, NDArray.Ones(2, DType.Float64)), Refuses("SquaredError"));
        Assert.That(() => F.MeanAbsoluteError(NDArray.Ones(2, DType.Int32), NDArray.Ones(2, DType.Int32)), Refuses("MeanAbsoluteError"));
    }

    [Test]
    public void MeansInFloat16DoNotOverflow()
    {
        NDArray a = NDArray.Full(3000, 100, DType.Float16);
        Assert.That((double)F.MeanAbsoluteError(a, NDArray.ZerosLike(a)).Array, Is.EqualTo(100));
    }

    [TestCase(1.0)]
    [TestCase(0.3)]
    public void HuberLoss(double delta)
    {
        double Loss(double d) => Math.Abs(d) <= delta ? d * d / 2 : delta * (Math.Abs(d) - (delta / 2));
        NDArray a = FunctionTest.Uniform((3, 5));
        NDArray b = FunctionTest.Uniform((3, 5), seed: 2);
        new FunctionTest(x => F.HuberLoss(x[0], x[1], delta, "no")) { Expected = x => [Zip(x[0], x[1], (p, q) => Loss(p - q))] }.Run(a, b);
        new FunctionTest(x => F.HuberLoss(x[0], x[1], delta)) { Expected = x => [Zip(x[0], x[1], (p, q) => Loss(p - q)).Sum(1)] }.Run(a, b);
        new FunctionTest(x => F.HuberLoss(x[0], x[1], delta)) { Expected = x => [Zip(x[0], x[1], (p, q) => Loss(p - q)).Sum(1)] }
            .Run(FunctionTest.Uniform((2, 3, 2)), FunctionTest.Uniform((2, 3, 2), seed: 2));
        new FunctionTest(x => F.HuberLoss(x[0], x[1], delta)) { Expected = x => [NDArray.Zeros(2, DType.Float64)] }
            .Run(NDArray.Zeros((2, 0), DType.Float64), NDArray.Zeros((2, 0), DType.Float64));
        Assert.That(() => F.HuberLoss(a, b, delta, "mean"), Throws.ArgumentException.With.Message.Contains("HuberLoss"));
        Assert.That(() => F.HuberLoss(a, b.T, delta), Refuses("HuberLoss"));
        Assert.That(() => F.HuberLoss(a[0], b[0], delta), Refuses("HuberLoss"));
    }

    [Test]
    public void HuberLossIsSmoothAtDelta()
    {
        var x = new Variable(new double[] { 1, -1 });
        F.Sum(F.HuberLoss(x, NDArray.Zeros(2, DType.Float64), 1, "no")).Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 1, -1 }));
    }

    [TestCase("L1")]
    [TestCase("L2")]
    public void Hinge(string norm)
    {
        int[] labels = [2, 0, 1];
        NDArray t = labels;
        NDArray Loss(NDArray x) => Elements.Build(x.Shape, i =>
        {
            double margin = Math.Max(0, 1 + (labels[i[0]] == i[1] ? -x.At(i) : x.At(i)));
            return norm == "L1" ? margin : margin * margin;
        });
        NDArray x = FunctionTest.Uniform((3, 4));
        new FunctionTest(v => F.Hinge(v[0], t, norm, "no")) { Expected = v => [Loss(v[0])] }.Run(x);
        new FunctionTest(v => F.Hinge(v[0], t.AsType(DType.Int64), norm)) { Expected = v => [Loss(v[0]).Sum() / 3.0] }.Run(x);
        Assert.That(() => F.Hinge(x, t, "L3"), Throws.ArgumentException.With.Message.Contains("L3"));
        Assert.That(() => F.Hinge(x, t, norm, "sum"), Throws.ArgumentException.With.Message.Contains("sum"));
        Assert.That(() => F.Hinge(x, (NDArray)new[] { 0, 4, 0 }, norm), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.Hinge(x, (NDArray)new[] { 0, 0 }, norm), Refuses("Hinge"));
        Assert.That(() => F.Hinge(x, FunctionTest.Uniform(3), norm), Refuses("Hinge"));
        Assert.That(() => F.Hinge(x[0], t, norm), Refuses("Hinge"));
    }

    [Test]
    public void Contrastive([Values("mean", "no")] string reduce)
    {
        int[] similar = [1, 0, 0, 1];
        NDArray y = similar;
        NDArray Loss(NDArray a, NDArray b)
        {
            NDArray loss = Elements.Build(4, i =>
            {
                double d = Math.Sqrt(Enumerable.Range(0, 3).Sum(k => Math.Pow(a.At(i[0], k) - b.At(i[0], k), 2)));
                return (similar[i[0]] == 1 ? d * d : Math.Pow(Math.Max(0, 1.5 - d), 2)) / 2;
            });
            return reduce == "no" ? loss : Number(Mean(loss));
        }
        NDArray a = FunctionTest.Uniform((4, 3), -0.5, 0.5);
        NDArray b = FunctionTest.Uniform((4, 3), -0.5, 0.5, seed: 2);
        new FunctionTest(x => F.Contrastive(x[0], x[1], y, 1.5, reduce)) { Expected = x => [Loss(x[0], x[1])], GradientTolerance = 1e-4 }.Run(a, b);
    }

    [Test]
    public void ContrastiveOfEqualPairsHasFiniteGradients()
    {
        foreach (DType dtype in new[] { DType.Float16, DType.Float32, DType.Float64 })
        {
            var x = new Variable(NDArray.Ones((2, 3), dtype));
            Variable loss = F.Contrastive(x, NDArray.Ones((2, 3), dtype), (NDArray)new[] { 0, 1 });
            Variable gx = Autograd.Grad([loss], [x], enableDoubleBackprop: true)[0]!;
            Assert.That(gx.Array.AsType(DType.Float64).ToArray<double>(), Is.All.Zero);
            F.Sum(gx * gx).Backward();
            Assert.That(x.Grad!.AsType(DType.Float64).ToArray<double>(), Is.All.Matches<double>(double.IsFinite));
        }
    }

    [Test]
    public void Triplet([Values("mean", "no")] string reduce)
    {
        NDArray Loss(NDArray[] x)
        {
            NDArray loss = Elements.Build(4, i => Math.Max(0, 0.7 + Enumerable.Range(0, 3).Sum(k =>
                Math.Pow(x[0].At(i[0], k) - x[1].At(i[0], k), 2) - Math.Pow(x[0].At(i[0], k) - x[2].At(i[0], k), 2))));
            return reduce == "no" ? loss : Number(Mean(loss));
        }
        new FunctionTest(x => F.Triplet(x[0], x[1], x[2], 0.7, reduce)) { Expected = x => [Loss(x)] }
            .Run(FunctionTest.Uniform((4, 3)), FunctionTest.Uniform((4, 3), seed: 2), FunctionTest.Uniform((4, 3), seed: 3));
    }

    [Test]
    public void MetricLossesRefuseWhatDoesNotFit()
    {
        NDArray x = FunctionTest.Uniform((2, 3));
        NDArray y = new[] { 0, 1 };
        NDArray none = NDArray.Zeros((0, 3), DType.Float64);
        Assert.That(() => F.Contrastive(x, x, y, 0), Throws.ArgumentException.With.Message.Contains("margin"));
        Assert.That(() => F.Contrastive(x, x, y, 1, "sum"), Throws.ArgumentException);
        Assert.That(() => F.Contrastive(x, x.T, y), Refuses("Contrastive"));
        Assert.That(() => F.Contrastive(x, x, new NDArray[] { y, y }[0][..1]), Refuses("Contrastive"));
        Assert.That(() => F.Contrastive(x, x, x[.., 0]), Refuses("Contrastive"));
        Assert.That(() => F.Contrastive(none, none, NDArray.Zeros(0, DType.Int32)), Refuses("Contrastive"));
        Assert.That(() => F.Triplet(x, x, x, double.NaN), Throws.ArgumentException);
        Assert.That(() => F.Triplet(x, x, x, 1, "sum"), Throws.ArgumentException);
        Assert.That(() => F.Triplet(x, x, x.T), Refuses("Triplet"));
        Assert.That(() => F.Triplet(none, none, none), Refuses("Triplet"));
    }

    [Test]
    public void LikelihoodsOfVariationalAutoencoders([Values("sum", "mean", "no")] string reduce)
    {
        NDArray Reduced(NDArray loss) => reduce == "no" ? loss : reduce == "sum" ? loss.Sum() : Number(Mean(loss));
        foreach (Shape shape in new Shape[] { (2, 3), 1, Shape.Scalar })
        {
            NDArray a = FunctionTest.Uniform(shape);
            NDArray b = FunctionTest.Uniform(shape, seed: 2);
            NDArray c = FunctionTest.Uniform(shape, seed: 3);
            new FunctionTest(x => F.GaussianKLDivergence(x[0], x[1], reduce))
            {
                Expected = x => [Reduced(Zip(x[0], x[1], (m, v) => ((m * m) + Math.Exp(v) - v - 1) / 2))], Ulps = 16,
            }.Run(a, b);
            new FunctionTest(x => F.BernoulliNLL(x[0], x[1], reduce))
            {
                Expected = x => [Reduced(Zip(x[0], x[1], (p, y) => Math.Log(1 + Math.Exp(y)) - (p * y)))],
            }.Run(a, b);
            new FunctionTest(x => F.GaussianNLL(x[0], x[1], x[2], reduce))
            {
                Expected = x => [Reduced(Elements.Build(shape, i =>
                    (x[2].At(i) + Math.Log(2 * Math.PI) + (Math.Pow(x[0].At(i) - x[1].At(i), 2) / Math.Exp(x[2].At(i)))) / 2))],
                Ulps = 16,
            }.Run(a, b, c);
        }

        NDArray x = FunctionTest.Uniform((2, 3));
        NDArray row = FunctionTest.Uniform(3, seed: 2);
        new FunctionTest(v => F.BernoulliNLL(v[0], v[1], reduce))
        {
            Expected = v => [Reduced(Elements.Build((2, 3), i => Math.Log(1 + Math.Exp(v[1].At(i[1]))) - (v[0].At(i) * v[1].At(i[1]))))],
        }.Run(x, row);
        NDArray empty = NDArray.Zeros((0, 2), DType.Float64);
        Variable loss = F.GaussianKLDivergence(empty, empty, reduce);
        Assert.That(loss.Array.ToArray<double>(), Is.EqualTo(reduce == "no" ? [] : new[] { reduce == "sum" ? 0 : double.NaN }));
        Assert.That(() => F.BernoulliNLL(x, FunctionTest.Uniform(2), reduce), Refuses("BernoulliNLL"));
        Assert.That(() => F.GaussianNLL(x, x, x.AsType(DType.Float32), reduce), Refuses("GaussianNLL"));
        Assert.That(() => F.GaussianKLDivergence(x, x, "max"), Throws.ArgumentException.With.Message.Contains("max"));
        Assert.That(() => F.GaussianKLDivergence(x, null!, reduce), Throws.ArgumentNullException);
    }
}
