using NUnit.Framework;

namespace NativeChain.Tests.Iterators;

[TestFixture]
public class SerialIteratorTests
{
    private static readonly TupleDataset Five = new(NDArray.Arange(5), NDArray.Arange(10).Reshape((5, 2)));

    [Test]
    public void WithoutRepeatItEndsWithASmallerMinibatch()
    {
        SerialIterator iterator = new(Five, 2, repeat: false, shuffle: false);
        List<long[]> batches = [];
        foreach (var (x, t) in iterator)
        {
            batches.Add(x.ToArray<long>());
            Assert.That(t.Shape, Is.EqualTo(new Shape(batches[^1].Length, 2)));
        }
        Assert.That(batches, Is.EqualTo(new[] { new long[] { 0, 1 }, [2, 3], [4] }));
        Assert.That((iterator.Epoch, iterator.IsNewEpoch, iterator.Next()), Is.EqualTo((1, true, (Batch?)null)));
        iterator.Reset();
        Assert.That(iterator.Next()![0].ToArray<long>(), Is.EqualTo(new long[] { 0, 1 }));
    }

    [Test]
    public void WithRepeatMinibatchesRunOverIntoTheNextEpoch()
    {
        SerialIterator iterator = new(Five, 3, shuffle: false);
        Assert.That(iterator.PreviousEpochDetail, Is.Null);
        Assert.That(iterator.Next()![0].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That((iterator.Epoch, iterator.IsNewEpoch, iterator.EpochDetail), Is.EqualTo((0, false, 0.6)));
        Assert.That(iterator.Next()![0].ToArray<long>(), Is.EqualTo(new long[] { 3, 4, 0 }));
        Assert.That((iterator.Epoch, iterator.IsNewEpoch, iterator.EpochDetail), Is.EqualTo((1, true, 1.2)));
        Assert.That(iterator.PreviousEpochDetail, Is.EqualTo(0.6));
    }

    [Test]
    public void AMinibatchMayBeLongerThanTheDataSet()
    {
        SerialIterator iterator = new(Five, 12, shuffle: false);
        Assert.That(iterator.Next()![0].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1 }));
        Assert.That((iterator.Epoch, iterator.CurrentPosition), Is.EqualTo((2, 2)));
    }

    [Test]
    public void EachEpochIsAPermutationOfItsOwn()
    {
        SerialIterator iterator = new(new TupleDataset(NDArray.Arange(100)), 100, seed: 1);
        long[] first = iterator.Next()![0].ToArray<long>(), second = iterator.Next()![0].ToArray<long>();
        Assert.That(first, Is.EquivalentTo(Enumerable.Range(0, 100)));
        Assert.That(second, Is.EquivalentTo(Enumerable.Range(0, 100)));
        Assert.That(first, Is.Not.EqualTo(second));
        Assert.That(new SerialIterator(new TupleDataset(NDArray.Arange(100)), 100, seed: 1).Next()![0].ToArray<long>(), Is.EqualTo(first));
    }

    [Test]
    public void ALoadedIteratorGoesOnWithTheSameExamples()
    {
        string file = Path.GetTempFileName();
        try
        {
            SerialIterator from = new(Five, 2, seed: 7), to = new(Five, 2, seed: 8);
            from.Next();
            NativeChain.Serializers.SaveNpz(file, from);
            NativeChain.Serializers.LoadNpz(file, to);
            for (int i = 0; i < 12; i++)
            {
                Assert.That(to.Next()![0].ToArray<long>(), Is.EqualTo(from.Next()![0].ToArray<long>()), $"minibatch {i}");
                Assert.That((to.Epoch, to.EpochDetail, to.PreviousEpochDetail), Is.EqualTo((from.Epoch, from.EpochDetail, from.PreviousEpochDetail)));
            }
            using NpzFile npz = NpzFile.Open(file);
            Assert.That(npz.Keys, Is.SupersetOf(new[] { "current_position", "epoch", "is_new_epoch", "order", "previous_epoch_detail" }));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void DataSetsOfTheUsersOwnAreStacked()
    {
        SerialIterator iterator = new(new Squares(), 3, shuffle: false);
        Batch batch = iterator.Next()!;
        Assert.That((batch.Count, batch.Size), Is.EqualTo((2, 3)));
        Assert.That(batch[1].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 4 }));
        Assert.That(() => { (NDArray _, NDArray _, NDArray _) = batch; }, Throws.InvalidOperationException);
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new SerialIterator(Five, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new SerialIterator(null!, 1), Throws.ArgumentNullException);
        Assert.That(() => new SerialIterator(new TupleDataset(NDArray.Zeros(0)), 1), Throws.ArgumentException);
        Assert.That(new SerialIterator(new TupleDataset(NDArray.Zeros(0)), 1, repeat: false).Next(), Is.Null);
        Assert.That(() => new TupleDataset(), Throws.ArgumentException);
        Assert.That(() => new TupleDataset(NDArray.Zeros(2), NDArray.Zeros(3)), Throws.ArgumentException.With.Message.Contains("(2,), (3,)"));
        Assert.That(() => Five[5], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private sealed class Squares : IDataset
    {
        public int Count => 10;

        public NDArray[] this[int index] => [(long)index, (long)index * index];
    }
}
