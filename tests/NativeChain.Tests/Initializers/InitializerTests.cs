using NativeChain.Initializers;
using NUnit.Framework;

namespace NativeChain.Tests.Initializers;

[TestFixture]
public class InitializerTests
{
    private static IEnumerable<TestCaseData> Normals()
    {
        yield return new TestCaseData(new Normal(0.3), 0.3).SetArgDisplayNames("Normal");
        yield return new TestCaseData(new LeCunNormal(2.0), 2.0 * Math.Sqrt(1.0 / 400)).SetArgDisplayNames("LeCunNormal");
        yield return new TestCaseData(new GlorotNormal(), Math.Sqrt(2.0 / 600)).SetArgDisplayNames("GlorotNormal");
        yield return new TestCaseData(new HeNormal(), Math.Sqrt(2.0 / 400)).SetArgDisplayNames("HeNormal");
        yield return new TestCaseData(new HeNormal(fanOption: FanOption.FanOut), Math.Sqrt(2.0 / 200)).SetArgDisplayNames("HeNormal, FanOut");
        yield return new TestCaseData(new Uniform(0.6), 0.6 / Math.Sqrt(3)).SetArgDisplayNames("Uniform");
        yield return new TestCaseData(new LeCunUniform(2.0), 2.0 * Math.Sqrt(1.0 / 400)).SetArgDisplayNames("LeCunUniform");
        yield return new TestCaseData(new GlorotUniform(), Math.Sqrt(2.0 / 600)).SetArgDisplayNames("GlorotUniform");
        yield return new TestCaseData(new HeUniform(0.5), 0.5 * Math.Sqrt(2.0 / 400)).SetArgDisplayNames("HeUniform");
        yield return new TestCaseData(new TruncatedNormal(0.5), 0.5 * 0.8796).SetArgDisplayNames("TruncatedNormal");
    }

    [TestCaseSource(nameof(Normals))]
    public void MeanAndDeviationAreThoseOfTheFans(Initializer initializer, double deviation)
    {
        // (out, in, kernel): fans of 200 and 400.
        double[] values = initializer.Generate((50, 100, 4), DType.Float64).ToArray<double>();
        double mean = values.Average();
        Assert.That(mean, Is.EqualTo(0).Within(5 * deviation / Math.Sqrt(values.Length)));
        Assert.That(Math.Sqrt(values.Average(v => v * v)), Is.EqualTo(deviation).Within(0.03 * deviation));
    }

    [Test]
    public void TruncatedNormalStaysWithinItsBound()
    {
        double[] values = new TruncatedNormal(0.5, bound: 1.5).Generate(10000, DType.Float64).ToArray<double>();
        Assert.That(values.Max(Math.Abs), Is.LessThanOrEqualTo(0.75).And.GreaterThan(0.7));
    }

    [Test]
    public void GeneratorsMakeTheSameNumbersAgain()
    {
        NDArray a = new Normal(rng: new RandomGenerator(3)).Generate((4, 5));
        NDArray b = new Normal(rng: new RandomGenerator(3)).Generate((4, 5));
        Assert.That(a.ToArray<float>(), Is.EqualTo(b.ToArray<float>()));
    }

    [Test]
    public void ConstantsTakeNumbersAndArrays()
    {
        Initializer number = 2.5, array = (NDArray)new[] { 1.0, 2.0 };
        Assert.That(number.Generate(3).ToArray<float>(), Is.All.EqualTo(2.5f));
        Assert.That(array.Generate(2).ToArray<float>(), Is.EqualTo(new[] { 1f, 2f }));
        Assert.That(() => array.Generate(3), Throws.ArgumentException.With.Message.Contains("(2,)"));
        Assert.That(new NaN().Generate(2).ToArray<float>(), Is.All.NaN);
    }

    [Test]
    public void UnsuitableArraysAreRefused()
    {
        Assert.That(() => new LeCunNormal().Generate(3), Throws.ArgumentException.With.Message.Contains("(3,)"));
        Assert.That(() => new NativeChain.Initializers.Identity().Generate((2, 3)), Throws.ArgumentException.With.Message.Contains("(2, 3)"));
        Assert.That(() => new Zero(DType.Float64).Fill(NDArray.Zeros(2)), Throws.ArgumentException.With.Message.Contains("float64"));
    }

    [Test]
    public void UpsamplingFiltersFallOffFromTheirCentre()
    {
        NDArray w = new UpsamplingDeconvFilter().Generate((2, 2, 4, 4), DType.Float64);
        double[] fall = [0.25, 0.75, 0.75, 0.25];
        Assert.That(w[0, 0].ToArray<double>(), Is.EqualTo(fall.SelectMany(a => fall.Select(b => a * b))).Within(1e-15));
        Assert.That(w[1, 1].ToArray<double>(), Is.EqualTo(w[0, 0].ToArray<double>()));
        Assert.That(w[0, 1].ToArray<double>(), Is.All.Zero);
        double[] odd = new UpsamplingDeconvFilter().Generate((1, 1, 3), DType.Float64).ToArray<double>();
        Assert.That(odd, Is.EqualTo(new[] { 0.5, 1, 0.5 }).Within(1e-15));
    }

    [Test]
    public void DownsamplingFiltersSumToOne()
    {
        NDArray w = new DownsamplingConvFilter().Generate((3, 1, 2, 2, 2));
        Assert.That(w.Sum(new Axes([1, 2, 3, 4])).ToArray<float>(), Is.All.EqualTo(1).Within(1e-6));
        Assert.That(w[2].ToArray<float>(), Is.All.EqualTo(0.125).Within(1e-6));
    }

    [Test]
    public void SamplingFiltersRefuseWhatTheyCannotFill()
    {
        Assert.That(() => new UpsamplingDeconvFilter().Generate((2, 3, 4, 4)), Throws.ArgumentException.With.Message.Contains("(2, 3, 4, 4)"));
        Assert.That(() => new UpsamplingDeconvFilter().Generate((2, 2, 4, 3)), Throws.ArgumentException);
        Assert.That(() => new DownsamplingConvFilter().Generate((2, 2)), Throws.ArgumentException);
        Assert.That(() => new DownsamplingConvFilter("cubic"), Throws.ArgumentException.With.Message.Contains("cubic"));
    }

    private static readonly int[][] s_orthogonalShapes = [[3, 5], [5, 3], [4, 4], [2, 3, 2, 2], [6, 2, 2], [1, 1], [3]];

    [Test]
    public void OrthogonalRowsOrColumnsHaveTheNormOfTheScale([ValueSource(nameof(s_orthogonalShapes))] int[] shape)
    {
        foreach (DType dtype in new[] { DType.Float64, DType.Float32, DType.Float16 })
        {
            NDArray q = new Orthogonal(1.5).Generate(shape, dtype).AsType(DType.Float64).Reshape((shape[0], -1));
            NDArray products = q.Shape[0] <= q.Shape[1] ? NDArray.MatMul(q, q.T) : NDArray.MatMul(q.T, q);
            double[] expected = (2.25 * NDArray.Eye(products.Shape[0])).AsType(DType.Float64).ToArray<double>();
            Assert.That(products.ToArray<double>(), Is.EqualTo(expected).Within(dtype == DType.Float16 ? 1e-2 : 1e-5));
        }
    }

    [Test]
    public void OrthogonalMatricesAreUniform()
    {
        // Of a uniform rotation every element has mean 0 and variance 1 / n.
        RandomGenerator rng = new(5);
        double[] corners = [.. Enumerable.Range(0, 1000).Select(_ => new Orthogonal(1, rng: rng).Generate((2, 2), DType.Float64)[0, 0].Item<double>())];
        Assert.That(corners.Average(), Is.EqualTo(0).Within(0.1));
        Assert.That(corners.Average(c => c * c), Is.EqualTo(0.5).Within(0.05));
        double[] numbers = [.. Enumerable.Range(0, 30).Select(_ => new Orthogonal(2, rng: rng).Generate(Shape.Scalar, DType.Float64).Item<double>())];
        Assert.That(numbers.Distinct().Order(), Is.EqualTo(new[] { -2.0, 2.0 }));
    }

    [Test]
    public void OrthogonalRefusesWhatItsModeExcludes()
    {
        Assert.That(() => new Orthogonal(mode: OrthogonalMode.Projection).Generate((5, 3)), Throws.ArgumentException.With.Message.Contains("(5, 3)"));
        Assert.That(() => new Orthogonal(mode: OrthogonalMode.Embedding).Generate((3, 5)), Throws.ArgumentException);
        Assert.That(() => new Orthogonal(mode: OrthogonalMode.Basis).Generate((3, 5)), Throws.ArgumentException);
        Assert.That(() => new Orthogonal(mode: OrthogonalMode.Basis).Generate((3, 3)), Throws.Nothing);
        Assert.That(() => new Orthogonal().Generate((0, 3)), Throws.ArgumentException);
    }
}
