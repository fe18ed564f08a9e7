using NUnit.Framework;

namespace NativeChain.Tests.Iterators;

[TestFixture]
public class OrderSamplerTests
{
    private static readonly TupleDataset Five = new(NDArray.Arange(5));

    private static IEnumerable<Func<OrderSampler, IIterator>> Iterators =>
    [
        sampler => new SerialIterator(Five, 2, orderSampler: sampler),
        sampler => new MultithreadIterator(Five, 2, nThreads: 2, orderSampler: sampler),
    ];

    [TestCaseSource(nameof(Iterators))]
    public void AnEpochIsAsLongAsItsOrder(Func<OrderSampler, IIterator> create)
    {
        Rotate sampler = new();
        IIterator iterator = create(sampler);
        List<long[]> batches = [];
        for (int i = 0; i < 4; i++)
        {
            batches.Add(iterator.Next()![0].ToArray<long>());
        }
        Assert.That(batches, Is.EqualTo(new long[][] { [4, 0], [0, 0], [4, 0], [0, 0] }));
        Assert.That(sampler.Calls[..3], Is.EqualTo(new[] { (5, 0), (3, 2), (3, 1) }));
        Assert.That((iterator.Epoch, iterator.EpochDetail), Is.EqualTo((2, 2 + (2 / 3.0))));
        iterator.Finish();
    }

    [Test]
    public void ShufflingIsASampler()
    {
        long[] order = new ShuffleOrderSampler(new RandomGenerator(4)).Sample(new long[20], 0);
        Assert.That(order, Is.EquivalentTo(Enumerable.Range(0, 20)));
        SerialIterator seeded = new(Five, 5, seed: 4), sampled = new(Five, 5, orderSampler: new ShuffleOrderSampler(new RandomGenerator(4)));
        for (int i = 0; i < 3; i++)
        {
            Assert.That(sampled.Next()![0].ToArray<long>(), Is.EqualTo(seeded.Next()![0].ToArray<long>()));
        }
    }

    [Test]
    public void BadOrdersAreRefused()
    {
        Assert.That(() => new SerialIterator(Five, 1, shuffle: true, orderSampler: new Rotate()), Throws.ArgumentException);
        Assert.That(() => new SerialIterator(Five, 1, seed: 1, orderSampler: new Rotate()), Throws.ArgumentException);
        Assert.That(
            () => new SerialIterator(Five, 1, orderSampler: new Given([[1, 5]])), Throws.InvalidOperationException.With.Message.Contains("holds 5"));
        Assert.That(() => new SerialIterator(Five, 1, orderSampler: new Given([[]])), Throws.InvalidOperationException.With.Message.Contains("empty"));
        SerialIterator iterator = new(Five, 1, orderSampler: new Given([[1], [1, 2]]));
        Assert.That(() => iterator.Next(), Throws.InvalidOperationException.With.Message.Contains("2 examples after one of 1"));
    }

    /// <summary>4, 0, 0, and so on.</summary>
    private sealed class Rotate : OrderSampler
    {
        public List<(int Length, int Position)> Calls { get; } = [];

        public override long[] Sample(ReadOnlySpan<long> currentOrder, int currentPosition)
        {
            Calls.Add((currentOrder.Length, currentPosition));
            return currentOrder.Length == 5 ? [4, 0, 0] : [currentOrder[2], currentOrder[0], currentOrder[1]];
        }
    }

    private sealed class Given(long[][] orders) : OrderSampler
    {
        private int _next;

        public override long[] Sample(ReadOnlySpan<long> currentOrder, int currentPosition) => orders[_next++];
    }
}
