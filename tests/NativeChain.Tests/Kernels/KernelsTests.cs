using NUnit.Framework;

namespace NativeChain.Tests;

public class KernelsTests
{
    private static readonly Program AddScaled = new(
        [
            new Instruction(OpCode.Load, 0),
            new Instruction(OpCode.Load, 1),
            new Instruction(OpCode.Parameter, 0),
            new Instruction(OpCode.MultiplyAdd, 1, 2, 0),
            new Instruction(OpCode.Store, 3, 0),
        ],
        inputs: 2,
        parameters: 1,
        outputs: 1,
        DType.Float32);

    [Test]
    public void CopyCastsAndBroadcasts()
    {
        NDArray y = NDArray.Empty((2, 3), DType.Int64);
        Kernels.Copy(new[] { 1.5f, -2.5f, 3f }, y);
        Assert.That(y.ToArray<long>(), Is.EqualTo(new long[] { 1, -2, 3, 1, -2, 3 }));
    }

    [Test]
    public void FillReadsANumberOrAnArray()
    {
        NDArray y = NDArray.Empty(3);
        Kernels.Fill(2.5, y);
        Assert.That(y.ToArray<float>(), Is.All.EqualTo(2.5f));
        Kernels.Fill((NDArray)7.0, y);
        Assert.That(y.ToArray<float>(), Is.All.EqualTo(7f));
        Assert.That(() => (Scalar)NDArray.Ones(2), Throws.ArgumentException);
    }

    [Test]
    public void RunTakesParametersByValueAndFromTheDevice()
    {
        NDArray a = new[] { 1f, 2 };
        NDArray b = new[] { 10f, 20 };
        NDArray y = NDArray.Empty(2);
        Kernels.Run(AddScaled, [a, b], [0.5], [y]);
        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 6f, 12 }));
        Kernels.Run(AddScaled, [a, b], [(NDArray)2f], [a]);
        Assert.That(a.ToArray<float>(), Is.EqualTo(new[] { 21f, 42 }));
    }

    [Test]
    [NoLeaks]
    public void RunManyIsManyRuns()
    {
        const int Count = 100;
        NDArray[] inputs = Enumerable.Range(0, 2 * Count).Select(i => NDArray.Full(1 + (i / 2), i)).ToArray();
        Scalar[] parameters = Enumerable.Range(0, Count).Select(i => (Scalar)i).ToArray();
        NDArray[] outputs = Enumerable.Range(0, Count).Select(i => NDArray.Empty(1 + i)).ToArray();
        Kernels.RunMany(AddScaled, Count, inputs, parameters, outputs);
        for (int i = 0; i < Count; i++)
        {
            Assert.That(outputs[i].ToArray<float>(), Is.All.EqualTo((2f * i) + ((2 * i) + 1) * (float)i));
        }
    }

    [Test]
    public void ReduceRunsAProgramFirst()
    {
        NDArray a = NDArray.Arange(6, DType.Float32).Reshape((2, 3));
        NDArray y = NDArray.Empty((2, 1));
        Kernels.Reduce(Reduction.Sum, AddScaled, [a, NDArray.Ones(3)], [10.0], [y]);
        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 33f, 42 }));
    }

    [Test]
    public void MatMulRunsAProgramOnItsTail()
    {
        NDArray a = new[,] { { 1f, 2 }, { 3, 4 } };
        NDArray bias = new[] { 100f, 200 };
        NDArray y = NDArray.Empty((2, 2));
        Kernels.MatMul(a, a.T, y, AddScaled, [bias], [2.0]);
        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 205f, 411, 211, 425 }));
    }

    [Test]
    public void SoftmaxFamily()
    {
        NDArray x = new[,] { { 1.0, 2, 3 }, { 0, 0, 1000 } };
        NDArray t = new[] { 2, 0 };
        NDArray y = NDArray.EmptyLike(x);
        NDArray logP = NDArray.EmptyLike(x);
        NDArray loss = NDArray.Empty(2, DType.Float64);
        Kernels.Softmax(x, 1, y);
        Kernels.SoftmaxCrossEntropy(x, t, null, -1, logP, loss);
        NDArray logY = NDArray.EmptyLike(x);
        Kernels.LogSoftmax(x, 1, logY);
        NDArray gx = NDArray.EmptyLike(x);
        Kernels.SoftmaxCrossEntropyGrad(logP, t, null, -1, NDArray.Ones(2, DType.Float64), gx);
        Assert.Multiple(() =>
        {
            Assert.That(y.Sum(1).ToArray<double>(), Is.All.EqualTo(1.0).Within(1e-15));
            Assert.That(logP.ToArray<double>(), Is.EqualTo(logY.ToArray<double>()));
            Assert.That(loss.ToArray<double>(), Is.EqualTo(new[] { -logY[0, 2].Item<double>(), 1000 }).Within(1e-12));
            Assert.That(gx.Sum(1).ToArray<double>(), Is.All.EqualTo(0.0).Within(1e-15));
            Assert.That(() => Kernels.SoftmaxCrossEntropy(x, new[] { 3, 0 }, null, -1, logP, loss), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void GatherScatterAndNonZero()
    {
        NDArray x = NDArray.Arange(6).Reshape((3, 2));
        NDArray rows = new[] { 2, 0, -1 };
        NDArray y = NDArray.Empty((3, 2), DType.Int64);
        Kernels.Gather(x, [rows], [0], y);
        NDArray sum = NDArray.Zeros((3, 2), DType.Int64);
        Kernels.ScatterAdd(y, [rows], [0], sum);
        NDArray last = NDArray.Zeros((3, 2), DType.Int64);
        Kernels.Scatter((NDArray)7L, [rows], [0], last);
        NDArray where = NDArray.Empty((2, 4), DType.Int64);
        Kernels.NonZero(last, where);
        Assert.Multiple(() =>
        {
            Assert.That(y.ToArray<long>(), Is.EqualTo(new long[] { 4, 5, 0, 1, 4, 5 }));
            Assert.That(sum.ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 0, 0, 8, 10 }));
            Assert.That(last.ToArray<long>(), Is.EqualTo(new long[] { 7, 7, 0, 0, 7, 7 }));
            Assert.That(where.ToArray<long>(), Is.EqualTo(new long[] { 0, 0, 2, 2, 0, 1, 0, 1 }));
            Assert.That(() => Kernels.Gather(x, [new[] { 3 }], [0], y[..1]), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Kernels.Gather(x, [rows], [0, 1], y), Throws.ArgumentException);
        });
    }

    [Test]
    public void SortAndScan()
    {
        NDArray x = new[,] { { 3f, float.NaN, 1 }, { 2, 2, 0 } };
        NDArray y = NDArray.EmptyLike(x);
        NDArray places = NDArray.Empty((2, 3), DType.Int64);
        Kernels.Sort(x, 1, y, places);
        NDArray alone = NDArray.Empty((2, 3), DType.Int32);
        Kernels.Sort(x, 0, null, alone);
        NDArray sums = NDArray.Empty((2, 3), DType.Int64);
        Kernels.Scan(Reduction.Sum, places, 1, sums);
        NDArray least = NDArray.EmptyLike(x);
        Kernels.Scan(Reduction.Min, x, 1, least);
        Kernels.Sort(x, 1, x, null);
        Assert.Multiple(() =>
        {
            Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 1, 3, float.NaN, 0, 2, 2 }));
            Assert.That(places.ToArray<long>(), Is.EqualTo(new long[] { 2, 0, 1, 2, 0, 1 }));
            Assert.That(alone.ToArray<int>(), Is.EqualTo(new[] { 1, 1, 1, 0, 0, 0 }));
            Assert.That(sums.ToArray<long>(), Is.EqualTo(new long[] { 2, 2, 3, 2, 2, 3 }));
            Assert.That(least.ToArray<float>(), Is.EqualTo(new[] { 3, float.NaN, float.NaN, 2, 2, 0 }));
            Assert.That(x.ToArray<float>(), Is.EqualTo(y.ToArray<float>()));
            Assert.That(() => Kernels.Sort(x, 1, null, null), Throws.ArgumentException);
            Assert.That(() => Kernels.Scan(Reduction.Mean, x, 1, y), Throws.ArgumentException);
        });
    }

    [Test]
    [NoLeaks]
    public void EveryKernelNamesANullAndADisposedArray()
    {
        NDArray x = NDArray.Ones((2, 2));
        NDArray disposed = NDArray.Ones((2, 2));
        disposed.Dispose();
        (string Name, Action<NDArray> Call)[] calls =
        [
            ("x", a => Kernels.Copy(a, x)),
            ("y", a => Kernels.Copy(x, a)),
            ("y", a => Kernels.Fill(1, a)),
            ("inputs[1]", a => Kernels.Run(AddScaled, [x, a], [1.0], [x])),
            ("outputs[0]", a => Kernels.Run(AddScaled, [x, x], [1.0], [a])),
            ("inputs[0]", a => Kernels.RunMany(AddScaled, 1, [a, x], [1.0], [x])),
            ("inputs[0]", a => Kernels.Reduce(Reduction.Sum, null, [a], [], [x])),
            ("b", a => Kernels.MatMul(x, a, x)),
            ("extras[0]", a => Kernels.MatMul(x, x, x, AddScaled, [a], [1.0])),
            ("y", a => Kernels.Softmax(x, 0, a)),
            ("gy", a => Kernels.SoftmaxGrad(x, a, 0, x)),
            ("x", a => Kernels.LogSoftmax(a, 0, x)),
            ("gx", a => Kernels.LogSoftmaxGrad(x, x, 0, a)),
            ("t", a => Kernels.SoftmaxCrossEntropy(x, a, null, 0, x, x)),
            ("g", a => Kernels.SoftmaxCrossEntropyGrad(x, x, null, 0, a, x)),
            ("indices[0]", a => Kernels.Gather(x, [a], [0], x)),
            ("y", a => Kernels.Scatter(x, [x], [0], a)),
            ("x", a => Kernels.ScatterAdd(a, [x], [0], x)),
            ("x", a => Kernels.NonZero(a, x)),
            ("x", a => Kernels.Sort(a, 0, x, null)),
            ("y", a => Kernels.Scan(Reduction.Sum, x, 0, a)),
            ("b", a => Kernels.LinearScan(x[..1], a, 0, x)),
            ("y", a => Kernels.Det(x, a)),
            ("logAbs", a => Kernels.SlogDet(x, x, a)),
            ("x", a => Kernels.Inv(a, x)),
            ("b", a => Kernels.Solve(x, a, x)),
            ("y", a => Kernels.Cholesky(x, a)),
            ("r", a => Kernels.QR(x, x, a)),
            ("s", a => Kernels.SVD(x, null, a, null)),
            ("w", a => Kernels.Eigh(x, a, null)),
            ("y", a => Kernels.RandomUniform(0, 0, 0, 1, a)),
            ("y", a => Kernels.RandomPermutation(0, 0, a)),
        ];
        foreach ((string name, Action<NDArray> call) in calls)
        {
            Assert.That(() => call(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo(name));
            Assert.That(() => call(disposed), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains($": {name} was disposed"));
        }

        Assert.That(x.ToArray<float>(), Is.All.EqualTo(1f), "nothing was written");
    }

    [Test]
    public void WrongNumbersOfOperandsAreRefused()
    {
        NDArray x = NDArray.Ones(2);
        Assert.Multiple(() =>
        {
            Assert.That(() => Kernels.Run(AddScaled, [x], [1.0], [x]), Throws.ArgumentException);
            Assert.That(() => Kernels.Run(AddScaled, [x, x], [], [x]), Throws.ArgumentException);
            Assert.That(() => Kernels.Run(AddScaled, [x, x], [1.0], []), Throws.ArgumentException);
            Assert.That(() => Kernels.Run(null!, [x], [], [x]), Throws.ArgumentNullException);
            Assert.That(() => Kernels.RunMany(AddScaled, 2, [x, x], [1.0], [x]), Throws.ArgumentException);
            Assert.That(() => Kernels.RunMany(AddScaled, -1, [], [], []), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Kernels.Reduce(Reduction.Sum, null, [x, x], [], [x]), Throws.ArgumentException);
            Assert.That(() => Kernels.MatMul(x, x, x, null, [x]), Throws.ArgumentException);
        });
    }

    [Test]
    public void ShapesDTypesAndAxesAreChecked()
    {
        NDArray x = NDArray.Ones((2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(() => Kernels.Copy(x, NDArray.Empty(3)), Throws.ArgumentException);
            Assert.That(() => Kernels.Softmax(x, 2, NDArray.EmptyLike(x)), Throws.ArgumentException);
            Assert.That(() => Kernels.Softmax(x, 0, NDArray.EmptyLike(x, DType.Float64)), Throws.ArgumentException);
            Assert.That(() => Kernels.MatMul(x, x, NDArray.Empty((2, 2))), Throws.ArgumentException);
            Assert.That(() => Kernels.Copy(x[.., 1..], x[.., ..^1]), Throws.ArgumentException, "an overlap");
            Assert.That(() => Kernels.Reduce(Reduction.Mean, null, [NDArray.Ones(3, DType.Int32)], [], [NDArray.Empty(1)]), Throws.ArgumentException);
        });
    }
}
