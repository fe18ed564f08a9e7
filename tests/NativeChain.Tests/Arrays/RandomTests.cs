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
    public void PermutationAndShuffleKeepRowsWhole()
    {
        NDArray x = NDArray.Arange(60).Reshape((20, 3));
        NDArray p = new RandomGenerator(2).Permutation(x);
        NDArray shuffled = x.Copy();
        new RandomGenerator(2).Shuffle(shuffled);
        NDArray columns = new RandomGenerator(2).Permutation(x, axis: 1);
        Assert.Multiple(() =>
        {
            Assert.That(NDArray.ArrayEqual(p, x), Is.False);
            Assert.That(NDArray.ArrayEqual(shuffled, p));
            Assert.That(p[.., 0].ToArray<long>(), Is.EquivalentTo(x[.., 0].ToArray<long>()));
            Assert.That(NDArray.ArrayEqual(p[.., 1] - p[.., 0], NDArray.Ones(20, DType.Int64)));
            Assert.That(columns[0].ToArray<long>(), Is.EquivalentTo(new long[] { 0, 1, 2 }));
            Assert.That(() => NDArray.Random.Shuffle(1), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void IntegersAreUniform([Values(DType.UInt8, DType.Int32, DType.Int64)] DType dtype)
    {
        NDArray x = new RandomGenerator(3).Integers(2, 7, 50_000, dtype);
        NDArray counts = NDArray.BinCount(x, minLength: 7);
        Assert.Multiple(() =>
        {
            Assert.That(x.DType, Is.EqualTo(dtype));
            Assert.That(counts[..2].ToArray<long>(), Is.All.Zero);
            Assert.That(counts[2..].ToArray<long>(), Is.All.EqualTo(10_000).Within(500));
            Assert.That(new RandomGenerator(1).Integers(-1L << 52, 1L << 52, 100).DType, Is.EqualTo(DType.Int64));
            Assert.That(new RandomGenerator(1).Integers(5, 6).Item<int>(), Is.EqualTo(5));
            Assert.That(() => NDArray.Random.Integers(0, 257, dtype: DType.UInt8), Throws.ArgumentException);
            Assert.That(() => NDArray.Random.Integers(1, 1), Throws.ArgumentException);
            Assert.That(() => NDArray.Random.Integers(long.MinValue, long.MaxValue), Throws.ArgumentException);
            Assert.That(() => NDArray.Random.Integers(0, 2, dtype: DType.Bool), Throws.ArgumentException);
        });
    }

    [Test]
    public void ChoiceFollowsItsProbabilities()
    {
        var random = new RandomGenerator(4);
        NDArray p = new[] { 0.1, 0, 0.6, 0.3 };
        NDArray often = NDArray.BinCount(random.Choice(4, 100_000, p: p), minLength: 4) / 100_000.0;
        var firsts = new int[4];
        var lasts = new int[4];
        for (int i = 0; i < 2000; i++)
        {
            NDArray three = random.Choice(4, 3, replace: false, p: p);
            firsts[three[0].Item<int>()]++;
            lasts[three[2].Item<int>()]++;
        }

        Assert.Multiple(() =>
        {
            Assert.That(often.ToArray<double>(), Is.EqualTo(p.ToArray<double>()).Within(0.01));
            Assert.That(firsts[2] / 2000.0, Is.EqualTo(0.6).Within(0.04));
            Assert.That(firsts[1] + lasts[1], Is.Zero);

            // The last of the three is 0 with 0.6/1 0.3/0.4 + 0.3/1 0.6/0.7.
            Assert.That(lasts[0] / 2000.0, Is.EqualTo(0.707).Within(0.04));
            Assert.That(random.Choice(10, (2, 5), replace: false).ToArray<long>(), Is.EquivalentTo(Enumerable.Range(0, 10)));
            Assert.That(random.Choice(3).Shape, Is.EqualTo(Shape.Scalar));
            Assert.That(random.Choice(NDArray.Arange(8).Reshape((4, 2)), 5).Shape, Is.EqualTo((Shape)(5, 2)));
            Assert.That(random.Choice(new[] { 7.0 }).Item<double>(), Is.EqualTo(7));
            Assert.That(() => random.Choice(3, 4, replace: false), Throws.ArgumentException);
            Assert.That(() => random.Choice(4, 4, replace: false, p: p), Throws.ArgumentException);
            Assert.That(() => random.Choice(0, 1), Throws.ArgumentException);
            Assert.That(random.Choice(0, 0).Size, Is.Zero);
            Assert.That(() => random.Choice(2, 1, p: new[] { 0.5, 0.6 }), Throws.ArgumentException.With.Message.Contains("1.1"));
            Assert.That(() => random.Choice(2, 1, p: new[] { 1.5, -0.5 }), Throws.ArgumentException);
            Assert.That(() => random.Choice(3, 1, p: new[] { 0.5, 0.5 }), Throws.ArgumentException);
            Assert.That(() => random.Choice(2, 1, p: new[] { double.NaN, 1 }), Throws.ArgumentException);
        });
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
