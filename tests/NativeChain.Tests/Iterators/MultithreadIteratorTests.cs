using System.Collections.Concurrent;
using NUnit.Framework;

namespace NativeChain.Tests.Iterators;

[TestFixture]
[NonParallelizable]
public class MultithreadIteratorTests
{
    [Test]
    public void MinibatchesAreThoseOfASerialIterator([Values(1, 2, 5)] int nThreads, [Values(1, 3)] int nPrefetch, [Values] bool shuffle, [Values] bool repeat)
    {
        // 4 of 11 examples run over into the next epoch; 25 run over more than one.
        foreach (int batchSize in new[] { 1, 4, 25 })
        {
            NDArray.Random.Seed(3);
            SerialIterator serial = new(new Squares(11), batchSize, repeat, shuffle);
            List<(long[]?, int, bool, double, double?)> expected = Read(serial, 9);
            NDArray.Random.Seed(3);
            using MultithreadIterator iterator = new(new Squares(11), batchSize, repeat, shuffle, nThreads, nPrefetch: nPrefetch);
            Assert.That(Read(iterator, 9), Is.EqualTo(expected));
            iterator.Reset();
            Assert.That((iterator.Epoch, iterator.CurrentPosition, iterator.PreviousEpochDetail), Is.EqualTo((0, 0, (double?)null)));
        }
    }

    [Test]
    public void EqualSeedsGiveEqualOrders()
    {
        using MultithreadIterator iterator = new(new Squares(11), 4, nThreads: 3, seed: 5);
        Assert.That(Read(iterator, 9), Is.EqualTo(Read(new SerialIterator(new Squares(11), 4, seed: 5), 9)));
    }

    [Test]
    public void AResumedIteratorGivesTheSameMinibatches([Values] bool ownSeed, [Values(0, 2, 3)] int before)
    {
        string file = Path.GetTempFileName();
        try
        {
            using MultithreadIterator from = new(new Squares(7), 3, nThreads: 2, seed: ownSeed ? 1 : null);
            using MultithreadIterator to = new(new Squares(7), 3, nThreads: 2, seed: ownSeed ? 2 : null);
            Read(from, before);
            Read(to, 1);
            ulong seed = NDArray.Random.Default.Seed;
            long counter = NDArray.Random.Default.Counter;
            NativeChain.Serializers.SaveNpz(file, from);
            List<(long[]?, int, bool, double, double?)> expected = Read(from, 8);
            NDArray.Random.Seed(seed);
            NDArray.Random.Default.Counter = counter;
            NativeChain.Serializers.LoadNpz(file, to);
            Assert.That(Read(to, 8), Is.EqualTo(expected));
            using NpzFile npz = NpzFile.Open(file);
            Assert.That(npz.Keys, Is.SupersetOf(new[] { "current_position", "epoch", "is_new_epoch", "_order", "previous_epoch_detail" }));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void ASerialIteratorsFileLoads()
    {
        string file = Path.GetTempFileName();
        try
        {
            SerialIterator from = new(new Squares(7), 3, seed: 1);
            Read(from, 3);
            NativeChain.Serializers.SaveNpz(file, from);
            using MultithreadIterator to = new(new Squares(7), 3, seed: 2);
            NativeChain.Serializers.LoadNpz(file, to);
            Assert.That(Read(to, 5), Is.EqualTo(Read(from, 5)));
            using MultithreadIterator ordered = new(new Squares(7), 3, shuffle: false);
            NativeChain.Serializers.SaveNpz(file, ordered);
            using NpzFile npz = NpzFile.Open(file);
            Assert.That(npz.Get("_order"), Is.Null);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void WhatADataSetThrowsComesWithItsMinibatch()
    {
        using MultithreadIterator iterator = new(new Failing(new Squares(12), 4, 7), 3, shuffle: false, nThreads: 4);
        Assert.That(iterator.Next()![0].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That(() => iterator.Next(), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("example 4"));
        Assert.That(iterator.EpochDetail, Is.EqualTo(0.5));
        Assert.That(() => iterator.Next(), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("example 7"));
        Assert.That(iterator.Next()![0].ToArray<long>(), Is.EqualTo(new long[] { 9, 10, 11 }));
    }

    [Test]
    [NoLeaks]
    public void NothingIsLeftBehind()
    {
        ConcurrentDictionary<Thread, bool> threads = new();
        Watched watched = new(new TransformDataset(new Squares(100), example => [NDArray.Full(1000, example[0].Item<long>())]), threads);
        MultithreadIterator abandoned = new(watched, 10, nThreads: 4);
        abandoned.Next();
        abandoned.Dispose();
        abandoned.Dispose();
        Assert.That(() => abandoned.Next(), Throws.TypeOf<ObjectDisposedException>());
        MultithreadIterator finished = new(watched, 10, shuffle: false, nThreads: 4);
        ((IIterator)finished).Finish();
        Assert.That(finished.Next()![0].ToArray<float>()[1000], Is.EqualTo(1f));
        ((IIterator)finished).Finish();
        Assert.That(finished.Next()![0].ToArray<float>()[1000], Is.EqualTo(11f));
        finished.Reset();
        Assert.That(finished.Next()![0].ToArray<float>()[1000], Is.EqualTo(1f));
        finished.Dispose();
        Assert.That(threads, Is.Not.Empty);
        Assert.That(threads.Keys.Where(thread => thread.IsAlive), Is.Empty);
        Assert.That(threads.Keys, Does.Not.Contain(Thread.CurrentThread));
    }

    [Test]
    public void ExamplesAreReadAtTheSameTime()
    {
        using Barrier barrier = new(4);
        using MultithreadIterator iterator = new(
            new TransformDataset(new Squares(8), example =>
            {
                // Goes on only when four threads have come here.
                Assert.That(barrier.SignalAndWait(TimeSpan.FromSeconds(30)));
                return example;
            }),
            4, repeat: false, shuffle: false, nThreads: 4);
        Assert.That(iterator.Select(batch => batch.Size), Is.EqualTo(new[] { 4, 4 }));
    }

    [Test]
    public void WorkersSeeTheConfigurationOfWhoAsks()
    {
        using MultithreadIterator iterator = new(new TransformDataset(new Squares(4), _ => [NDArray.Zeros(1)]), 2, nThreads: 2);
        using (Config.Using(dtype: DType.Float64))
        {
            Assert.That(iterator.Next()![0].DType, Is.EqualTo(DType.Float64));
        }
    }

    [Test]
    public void BadArgumentsAreRefused()
    {
        Assert.That(() => new MultithreadIterator(new Squares(4), 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MultithreadIterator(new Squares(4), 1, nThreads: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MultithreadIterator(new Squares(4), 1, nPrefetch: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MultithreadIterator(new Squares(0), 1), Throws.ArgumentException);
        using MultithreadIterator empty = new(new Squares(0), 1, repeat: false);
        Assert.That(empty.Next(), Is.Null);
    }

    private static List<(long[]?, int, bool, double, double?)> Read(IIterator iterator, int count)
    {
        List<(long[]?, int, bool, double, double?)> read = [];
        for (int i = 0; i < count; i++)
        {
            long[]? numbers = iterator.Next()?[0].ToArray<long>();
            read.Add((numbers, iterator.Epoch, iterator.IsNewEpoch, iterator.EpochDetail, iterator.PreviousEpochDetail));
        }
        return read;
    }

    private sealed class Squares(int count) : IDataset
    {
        public int Count => count;

        public NDArray[] this[int index] => [(long)index, (long)index * index];
    }

    private sealed class Failing(IDataset dataset, params int[] indices) : IDataset
    {
        public int Count => dataset.Count;

        public NDArray[] this[int index] =>
            indices.Contains(index) ? throw new InvalidDataException($"example {index}") : dataset[index];
    }

    private sealed class Watched(IDataset dataset, ConcurrentDictionary<Thread, bool> threads) : IDataset
    {
        public int Count => dataset.Count;

        public NDArray[] this[int index]
        {
            get
            {
                threads[Thread.CurrentThread] = true;
                return dataset[index];
            }
        }
    }
}
