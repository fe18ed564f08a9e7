using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace NativeChain.Tests.Memory;

[NonParallelizable]
public class MemoryPoolTests
{
    [TestCase(0, 64)]
    [TestCase(64, 64)]
    [TestCase(65, 128)]
    [TestCase(256, 256)]
    [TestCase(257, 320)]
    [TestCase(513, 640)]
    [TestCase(1 << 20, 1 << 20)]
    [TestCase((1 << 20) + 1, 5 << 18)]
    public void SizeClassHoldsTheRequest(long nbytes, long capacity) =>
        Assert.That(SizeClass.Bytes(SizeClass.Of(nbytes)), Is.EqualTo(capacity));

    [Test]
    public void SizeClassesAscend()
    {
        for (int i = 1; i < SizeClass.Count; i++)
        {
            Assert.That(SizeClass.Bytes(i), Is.GreaterThan(SizeClass.Bytes(i - 1)));
            Assert.That(SizeClass.Of(SizeClass.Bytes(i)), Is.EqualTo(i));
            Assert.That(SizeClass.Of(SizeClass.Bytes(i - 1) + 1), Is.EqualTo(i));
        }
    }

    [Test]
    [NoLeaks]
    public void WhatCannotBeReachedIsTakenBack()
    {
        long before = Live();
        Allocate();
        NativeMemory.Collect();
        Assert.That(Live(), Is.EqualTo(before));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Allocate()
        {
            NDArray x = NDArray.Ones((100, 100));
            NDArray view = x.T[1..];
            Assert.That(view.Sum().Item<float>(), Is.EqualTo(9900));
        }
    }

    [Test]
    [NoLeaks]
    public void AViewKeepsTheMemory()
    {
        NDArray view = View();
        NativeMemory.Collect();
        NDArray other = NDArray.Full((100, 100), 5);
        Assert.That(view.ToArray<float>(), Is.All.EqualTo(3f));
        GC.KeepAlive(other);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static NDArray View() => NDArray.Full((100, 100), 3)[5];
    }

    [Test]
    [NoLeaks]
    public void DisposeGivesBackOnce()
    {
        NDArray x = NDArray.Ones(1000);
        long live = Live();
        x.Dispose();
        x.Dispose();
        long after = Live();
        NDArray a = NDArray.Ones(1000);
        x.Dispose();
        NDArray b = NDArray.Full(1000, 2);
        Assert.Multiple(() =>
        {
            Assert.That(live - after, Is.EqualTo(4096));
            Assert.That(a.SharesMemoryWith(b), Is.False);
            Assert.That(a.ToArray<float>(), Is.All.EqualTo(1f));
        });
    }

    [Test]
    [NoLeaks]
    public void UseAfterDisposeThrows()
    {
        NDArray x = NDArray.Ones((2, 2));
        NDArray y = NDArray.Ones((2, 2));
        x.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(x.IsDisposed);
            Assert.That(() => x.Device, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => x.T, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => x[0], Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => x.Sum(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => x.ToArray<float>(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => x.Fill(0), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => x.CopyTo(y), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => y.CopyTo(x), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => x.Reshape(4), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => NDArray.MatMul(x, y), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => NDArray.Concatenate([y, x]), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => y[0] = x, Throws.Exception);
            Assert.That(y.ToArray<float>(), Is.All.EqualTo(1f));
        });
    }

    [Test]
    [NoLeaks]
    public void DisposingOfAnArrayLeavesItsViews()
    {
        NDArray x = NDArray.Ones(1000);
        NDArray view = x[1..];
        x.Dispose();
        NDArray other = NDArray.Full(1000, 9);
        Assert.That(view.ToArray<float>(), Is.All.EqualTo(1f));
        long live = Live();
        view.Dispose();
        Assert.That(Live(), Is.LessThan(live));
        GC.KeepAlive(other);
    }

    [Test]
    [NoLeaks]
    public void TwoThreadsDisposeOfOneArray()
    {
        for (int i = 0; i < 2000; i++)
        {
            NDArray x = NDArray.Ones(100);
            NDArray view = x[..];
            Parallel.Invoke(x.Dispose, x.Dispose, view.Dispose, view.Dispose);
            NDArray a = NDArray.Full(100, 1);
            NDArray b = NDArray.Full(100, 2);
            Assert.That(a.SharesMemoryWith(b), Is.False);
            Assert.That((float)a.Sum() + (float)b.Sum(), Is.EqualTo(300));
        }
    }

    [Test]
    [NoLeaks]
    public void PlainLoopsAreBounded()
    {
        long budget = NativeMemory.Budget;
        NativeMemory.Collect();
        long before = Live();
        NativeMemory.ResetPeak();
        for (int i = 0; i < 3000; i++)
        {
            _ = NDArray.Ones((100, 1000)) * 2.0; // 800 KB a turn, 2.4 GB in all
        }

        Assert.That(NativeMemory.GetStats().Peak - before, Is.LessThan(budget + (4 << 20)));
    }

    [Test]
    [NoLeaks]
    public void PlainTrainingIsBounded()
    {
        var model = new Sequential(new NativeChain.Links.Linear(100, 100), new NativeChain.Links.Linear(100, 100));
        Optimizer optimizer = new NativeChain.Optimizers.Adam().Setup(model);
        Variable x = NDArray.Ones((100, 100));
        optimizer.Update(() => F.MeanSquaredError(model.Call(x), x));
        NativeMemory.Collect();
        NativeMemory.Trim();
        long live = Live();
        for (int i = 0; i < 1000; i++)
        {
            optimizer.Update(() => F.MeanSquaredError(model.Call(x), x));
        }

        // What is cached besides is blocks of other sizes, which the last sweep gave back.
        MemoryStats stats = NativeMemory.GetStats();
        Assert.That(stats.Live + stats.Cached, Is.LessThan((2 * live) + NativeMemory.Budget + (4 << 20)));
    }

    [Test]
    [NoLeaks]
    public void BudgetFollowsWhatIsLive()
    {
        long budget = NativeMemory.Budget;
        NativeMemory.Budget = 1 << 20;
        try
        {
            NDArray kept = NDArray.Ones((1000, 1000));
            NativeMemory.ResetPeak();
            for (int i = 0; i < 100; i++)
            {
                _ = kept[..10] + 1.0;
            }

            Assert.Multiple(() =>
            {
                Assert.That(MemoryPool.Cpu.Budget, Is.InRange(kept.NBytes * 5 / 4, 2 * kept.NBytes), "4 MB live leave room for a quarter of it");
                Assert.That(NativeMemory.GetStats().Peak, Is.LessThan(24 << 20));
                Assert.That(() => NativeMemory.Budget = -1, Throws.TypeOf<ArgumentOutOfRangeException>());
            });
            GC.KeepAlive(kept);
        }
        finally
        {
            NativeMemory.Budget = budget;
        }
    }

    [Test]
    [NoLeaks]
    public void ChangingShapesDoNotPileUp()
    {
        NativeMemory.Collect();
        NativeMemory.Trim();
        for (int i = 0; i < 4000; i++)
        {
            _ = NDArray.Zeros(1000 * (1 + (i * 37 % 500)));
        }

        MemoryStats stats = NativeMemory.GetStats();
        Assert.That(stats.Live + stats.Cached, Is.LessThan(NativeMemory.Budget + (8 << 20)));
    }

    [Test]
    [NoLeaks]
    public void AThreadThatCollectsAndSweepsDisturbsNothing()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                NativeMemory.Collect();
            }
        });
        collector.Start();
        try
        {
            Parallel.For(0, 4, thread =>
            {
                NDArray sum = NDArray.Zeros((8, 8), DType.Int64);
                for (int i = 1; i <= 3000; i++)
                {
                    NDArray x = NDArray.Full((8, 8), i, DType.Int64);
                    sum = sum + x.T * 2 - x[new Slice(step: -1)];
                    if (i % 3 == 0)
                    {
                        x.Dispose();
                    }
                }

                Assert.That(sum.ToArray<long>(), Is.All.EqualTo(3000L * 3001 / 2));
            });
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    [Test]
    public void ThreadsThatEndLeaveTheirContextToOthers()
    {
        NativeMemory.Collect();
        long cached = NativeMemory.GetStats().Cached;
        for (int i = 0; i < 200; i++)
        {
            var thread = new Thread(() =>
            {
                for (int k = 0; k < 100; k++)
                {
                    NDArray.Ones(1000).Dispose();
                }
            });
            thread.Start();
            thread.Join();
        }

        Assert.That(NativeMemory.GetStats().Cached - cached, Is.LessThan(1 << 20));
    }

    [Test]
    [NoLeaks]
    public void AFinalizerCanStillReadItsArray()
    {
        var read = new List<float>();
        Drop(read);
        for (int i = 0; i < 3 && read.Count == 0; i++)
        {
            NativeMemory.Collect();
        }

        Assert.That(read, Is.EqualTo(new[] { 4000f }));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(List<float> read) => _ = new Reader(NDArray.Full(1000, 4), read);
    }

#if DEBUG
    [Test]
    public void FreedBlocksArePoisoned()
    {
        NDArray x = NDArray.Ones(1000);
        x.Dispose();
        Assert.That(NDArray.Empty(1000).ToArray<float>(), Is.All.NaN);
    }
#endif

    private static long Live() => NativeMemory.GetStats().Live;

    private sealed class Reader(NDArray array, List<float> read)
    {
        ~Reader()
        {
            GC.Collect();
            MemoryPool.Cpu.Sweep();
            NDArray other = NDArray.Full(1000, 1);
            read.Add((float)array.Sum());
            GC.KeepAlive(other);
        }
    }
}
