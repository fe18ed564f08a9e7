using NUnit.Framework;

namespace NativeChain.Tests.Arrays;

public class RandomTests
{
    [Test]
    public void EqualSeedsGiveEqualSequences([Values(DType.Float16, DType.BFloat16, DType.Float32, DType.Float64)] DType dtype)
    {
        var a = new RandomGenerator(3);
        var b = new RandomGenerator(3);
        NDArray first = a.Uniform(0, 1, 5, dtype);
        NDArray second = a.Uniform(0, 1, 5, dtype);
        b.Counter = a.Counter;
        Assert.Multiple(() =>
        {
            Assert.That(first.ToString(), Is.Not.EqualTo(second.ToString()));
            Assert.That(a.Uniform(-1, 2, 5, dtype).ToString(), Is.EqualTo(b.Uniform(-1, 2, 5, dtype).ToString()));
            Assert.That(a.Normal(0, 1, (3, 3), dtype).ToString(), Is.EqualTo(b.Normal(0, 1, (3, 3), dtype).ToString()));
            Assert.That(a.Counter, Is.EqualTo(b.Counter));
        });
    }

    [Test]
    public void CounterIsTheWholeState()
    {
        var a = new RandomGenerator(5);
        a.Uniform(shape: 7, dtype: DType.Float64);
        a.Permutation(3);
        var b = new RandomGenerator(a.Seed) { Counter = a.Counter };
        Assert.That(a.Normal(shape: 9).ToArray<float>(), Is.EqualTo(b.Normal(shape: 9).ToArray<float>()));
    }

    [Test]
    public void DrawsFollowTheirDistributions()
    {
        var random = new RandomGenerator(1);
        NDArray u = random.Uniform(-1, 3, 100_000);
        NDArray n = random.Normal(2, 3, 100_000, DType.Float64);
        NDArray t = random.TruncatedNormal(1, 2, 100_000, low: -1, high: 1.5);
        NDArray p = random.Bernoulli(0.3, 100_000);
        Assert.Multiple(() =>
        {
            Assert.That((float)u.Min() >= -1 && (float)u.Max() < 3);
            Assert.That((float)u.Mean(), Is.EqualTo(1).Within(0.02));
            Assert.That((double)n.Mean(), Is.EqualTo(2).Within(0.05));
            Assert.That((double)((n - 2.0) * (n - 2.0)).Mean(), Is.EqualTo(9).Within(0.2));
            Assert.That((float)t.Min() >= -1 && (float)t.Max() <= 4);
            Assert.That((double)p.Mean(), Is.EqualTo(0.3).Within(0.01));
            Assert.That(p.DType, Is.EqualTo(DType.Bool));
        });
    }

    [Test]
    public void PermutationHasEachOnce([Values(0, 1, 2, 1000)] int n, [Values(DType.Int32, DType.Int64)] DType dtype)
    {
        NDArray p = new RandomGenerator(2).Permutation(n, dtype);
        Assert.That(p.AsType(DType.Int64).ToArray<long>(), Is.EquivalentTo(Enumerable.Range(0, n)));
    }

    [Test]
    public void ThreadsShareOneGenerator()
    {
        var random = new RandomGenerator(7);
        var draws = new float[64][];
        Parallel.For(0, draws.Length, i => draws[i] = random.Uniform(shape: 16).ToArray<float>());
        var alone = new RandomGenerator(7).Uniform(shape: 16 * draws.Length).ToArray<float>();
        Assert.That(draws.SelectMany(d => d), Is.EquivalentTo(alone));
    }

    [Test]
    public void DefaultGenerator()
    {
        NDArray.Random.Seed(11);
        string first = NDArray.Random.Normal(shape: 4).ToString();
        NDArray.Random.Seed(11);
        Assert.That(NDArray.Random.Normal(shape: 4).ToString(), Is.EqualTo(first));
        using (Config.Using(seed: 42))
        {
            Assert.That(new RandomGenerator().Seed, Is.EqualTo(42));
        }
    }

    [Test]
    public void RefusesWhatIsWrong()
    {
        var random = new RandomGenerator(0);
        Assert.Multiple(() =>
        {
            Assert.That(() => random.Uniform(1, 0), Throws.ArgumentException);
            Assert.That(() => random.Uniform(dtype: DType.Int32), Throws.ArgumentException);
            Assert.That(() => random.Normal(stddev: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => random.Normal(stddev: double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => random.TruncatedNormal(low: 1, high: 1), Throws.ArgumentException);
            Assert.That(() => random.Bernoulli(1.5), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => random.Permutation(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => random.Permutation(3, DType.Float32), Throws.ArgumentException);
            Assert.That(() => random.FillNormal(null!), Throws.ArgumentNullException);
            Assert.That(() => random.FillNormal(NDArray.Zeros(3, DType.Int32)), Throws.ArgumentException);
            Assert.That(() => random.Counter = 3, Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(random.Counter, Is.Zero, "what is refused draws nothing");
        });
    }
}
