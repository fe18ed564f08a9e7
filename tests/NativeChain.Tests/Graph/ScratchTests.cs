using NUnit.Framework;

namespace NativeChain.Tests.Graph;

/// <summary>
/// Memory that a backward pass returns early and sums that it writes in place are never visible: a pass that does neither, because its
/// gradients are recorded, comes to the same numbers. Debug builds poison what is returned.
/// </summary>
[TestFixture]
public class ScratchTests
{
    [Test]
    public void RandomGraphsHaveTheSameGradientsRecordedOrNot([Range(0, 39)] int seed)
    {
        Variable[] leaves = Leaves(seed);
        Variable loss = RandomGraph(leaves, seed);
        double[][] expected = Gradients(leaves, () => loss.Backward(enableDoubleBackprop: true));
        double[][] plain = Gradients(leaves, () => loss.Backward());
        double[][] retained = Gradients(leaves, () => loss.Backward(retainGrad: true));
        for (int i = 0; i < leaves.Length; i++)
        {
            Assert.That(plain[i], Is.EqualTo(expected[i]).Within(1e-9), $"leaf {i}");
            Assert.That(retained[i], Is.EqualTo(expected[i]).Within(1e-9), $"leaf {i}, retained");
        }
    }

    [Test]
    public void GradientsAddUpOverBackwardsOfSeveralGraphs([Range(0, 9)] int seed)
    {
        Variable[] leaves = Leaves(seed);
        Variable first = RandomGraph(leaves, seed);
        Variable second = RandomGraph(leaves, seed + 1000);
        double[][] a = Gradients(leaves, () => first.Backward());
        double[][] b = Gradients(leaves, () => second.Backward());
        double[][] both = Gradients(leaves, () =>
        {
            first.Backward();
            second.Backward();
            first.Backward();
        });
        for (int i = 0; i < leaves.Length; i++)
        {
            Assert.That(both[i], Is.EqualTo(a[i].Zip(b[i], (u, v) => (2 * u) + v)).Within(1e-8), $"leaf {i}");
        }
    }

    [Test]
    public void TrainingIsTheSameWhileAnotherThreadCollectsAndSweeps()
    {
        float[] quiet = Train();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                NativeMemory.Collect();
            }
        });
        collector.Start();
        float[] busy;
        try
        {
            busy = Train();
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
        Assert.That(busy, Is.EqualTo(quiet));
        Assert.That(quiet[^1], Is.LessThan(quiet[0] / 2));
    }

    private static float[] Train()
    {
        var l1 = new Parameter(FunctionTest.Uniform((16, 6), seed: 1).AsType(DType.Float32));
        var l2 = new Parameter(FunctionTest.Uniform((3, 16), seed: 2).AsType(DType.Float32));
        var b = new Parameter(NDArray.Zeros(16));
        NDArray x = FunctionTest.Uniform((12, 6), seed: 3).AsType(DType.Float32);
        NDArray t = NDArray.FromSpan<int>([.. Enumerable.Range(0, 12).Select(i => i % 3)]);
        var losses = new float[60];
        for (int i = 0; i < losses.Length; i++)
        {
            Variable loss = F.SoftmaxCrossEntropy(F.Linear(F.Relu(F.Linear(x, l1, b)), l2), t);
            foreach (Parameter p in new[] { l1, l2, b })
            {
                p.ClearGrad();
            }
            loss.Backward();
            foreach (Parameter p in new[] { l1, l2, b })
            {
                p.Array = p.Array - (0.2 * p.Grad!);
            }
            losses[i] = loss.Array.Item<float>();
        }
        return losses;
    }

    private static Variable[] Leaves(int seed) =>
        [.. Enumerable.Range(0, 3).Select(i => new Variable(FunctionTest.Uniform((4, 4), seed: (10 * seed) + i)))];

    private static double[][] Gradients(Variable[] leaves, Action backward)
    {
        foreach (Variable leaf in leaves)
        {
            leaf.ClearGrad();
        }
        backward();

        // Memory that was returned too early is written to here.
        for (int i = 0; i < 20; i++)
        {
            NDArray.Full((4, 4), 77, DType.Float64);
        }
        return [.. leaves.Select(leaf => leaf.Grad?.ToArray<double>() ?? new double[16])];
    }

    /// <summary>A graph of functions that share, view, broadcast and sum their gradients, drawn at random.</summary>
    private static Variable RandomGraph(Variable[] leaves, int seed)
    {
        var random = new Random(seed);
        List<Variable> pool = [.. leaves];
        for (int i = 0; i < 14; i++)
        {
            Variable a = pool[random.Next(pool.Count)];
            Variable b = pool[random.Next(pool.Count)];
            pool.Add(random.Next(14) switch
            {
                0 => a + b,
                1 => a - b,
                2 => F.Tanh(a) * b,
                3 => F.Linear(a, b) * 0.25,
                4 => F.MatMul(F.Tanh(a), b) * 0.25,
                5 => a.T,
                6 => F.Reshape(F.Concat(F.SplitAxis(F.Reshape(a, (2, 8)), 2, 1), 0), (4, 4)),
                7 => F.Relu(a),
                8 => a + F.BroadcastTo(F.Mean(b, 0, null, keepDims: true), (4, 4)),
                9 => a * F.Sum(F.Sigmoid(b), 1, keepDims: true) * 0.25,
                10 => F.Softmax(a) + a,
                11 => F.Concat([a[0..2], b[2..]], 0),
                12 => F.Identity(a)[0] + a,
                _ => F.Add([a, b, a, F.Sigmoid(a)]) * 0.5,
            });
        }
        Variable loss = F.Sum(pool[^1]);
        for (int i = 3; i < pool.Count - 1; i += 2)
        {
            loss = loss + F.Sum(pool[i] * 0.125);
        }
        return loss;
    }
}
