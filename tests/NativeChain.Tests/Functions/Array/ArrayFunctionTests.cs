using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class ArrayFunctionTests
{
    private static NDArray Matrix => FunctionTest.Uniform((2, 3));

    private static NDArray Cube => FunctionTest.Uniform((2, 3, 5));

    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static void Check(Func<Variable, Variable> function, Func<NDArray, NDArray> expected, NDArray x) =>
        new FunctionTest(xs => function(xs[0])) { Expected = xs => [expected(xs[0])], Ulps = 0.5 }.Run(x);

    [Test]
    public void Reshape()
    {
        Check(x => F.Reshape(x, (3, 2)), x => Same(x, (3, 2)), Matrix);
        Check(x => F.Reshape(x, (6, -1)), x => Same(x, (6, 1)), Matrix);
        Variable same = Matrix;
        Assert.That(F.Reshape(same, (2, 3)), Is.SameAs(same));
        Check(x => F.Reshape(x, (0, 7)), x => Same(x, (0, 7)), NDArray.Zeros((3, 0), DType.Float64));
        Check(x => x.Reshape(1), x => Same(x, 1), FunctionTest.Uniform(Shape.Scalar));
        Assert.That(() => F.Reshape(Matrix, (4, 2)), Refuses("Reshape"));
        Assert.That(() => F.Reshape(Matrix, (4, -1)), Refuses("Reshape"));
        Assert.That(() => F.Reshape(Matrix, (-1, -1)), Throws.ArgumentException);
        Assert.That(() => F.Reshape(null!, (1, 1)), Throws.ArgumentNullException);
    }

    [Test]
    public void Flatten()
    {
        Check(F.Flatten, x => Same(x, (int)x.Size), Cube);
        Check(F.Flatten, x => Same(x, 1), FunctionTest.Uniform(Shape.Scalar));
    }

    [Test]
    public void Transpose()
    {
        Check(x => F.Transpose(x), x => Permuted(x, 2, 1, 0), Cube);
        Check(x => F.Transpose(x, 1, 2, 0), x => Permuted(x, 1, 2, 0), Cube);
        Check(x => F.Transpose(x, -1, 0, 1), x => Permuted(x, 2, 0, 1), Cube);
        Check(x => x.T, x => Permuted(x, 1, 0), Matrix);
        Assert.That(() => F.Transpose(Cube, 0, 1), Refuses("Transpose"));
        Assert.That(() => F.Transpose(Cube, 0, 1, 1), Refuses("Transpose"));
        Assert.That(() => F.Transpose(Cube, 0, 1, 3), Refuses("Transpose"));
        Assert.That(() => F.Transpose(null!), Throws.ArgumentNullException);
    }

    [Test]
    public void ExpandDims()
    {
        Check(x => F.ExpandDims(x, 0), x => Same(x, (1, 2, 3)), Matrix);
        Check(x => F.ExpandDims(x, 1), x => Same(x, (2, 1, 3)), Matrix);
        Check(x => F.ExpandDims(x, -1), x => Same(x, (2, 3, 1)), Matrix);
        Check(x => F.ExpandDims(x, -3), x => Same(x, (1, 2, 3)), Matrix);
        Assert.That(() => F.ExpandDims(Matrix, 3), Refuses("ExpandDims"));
        Assert.That(() => F.ExpandDims(Matrix, -4), Refuses("ExpandDims"));
        Assert.That(() => F.ExpandDims((NDArray)NDArray.Zeros([1, 1, 1, 1, 1, 1, 1, 1]), 0), Throws.ArgumentException);
    }

    [Test]
    public void Squeeze()
    {
        NDArray x = FunctionTest.Uniform((1, 3, 1, 2));
        Check(v => F.Squeeze(v), v => Same(v, (3, 2)), x);
        Check(v => F.Squeeze(v, 0), v => Same(v, (3, 1, 2)), x);
        Check(v => F.Squeeze(v, (0, -2)), v => Same(v, (3, 2)), x);
        Assert.That(() => F.Squeeze(x, 4), Refuses("Squeeze"));
        Assert.That(() => F.Squeeze(x, 1), Throws.ArgumentException.With.Message.Contains("Squeeze"));
        Assert.That(() => F.Squeeze(x, (0, 0)), Throws.ArgumentException);
    }

    [Test]
    public void BroadcastTo()
    {
        NDArray row = FunctionTest.Uniform(3);
        Check(x => F.BroadcastTo(x, (2, 3)), x => NDArray.Stack([x, x]), row);
        Variable same = row;
        Assert.That(F.BroadcastTo(same, 3), Is.SameAs(same));
        Check(x => F.BroadcastTo(x, (2, 2)), x => NDArray.Concatenate([x, x], 1), FunctionTest.Uniform((2, 1)));
        Check(x => F.BroadcastTo(x, 2), x => NDArray.Stack([x, x]), FunctionTest.Uniform(Shape.Scalar));
        Assert.That(() => F.BroadcastTo(row, (2, 2)), Refuses("BroadcastTo"));
        Assert.That(() => F.BroadcastTo(Matrix, 3), Refuses("BroadcastTo"));
        Assert.That(() => F.BroadcastTo(Matrix, (1, 3)), Refuses("BroadcastTo"));
    }

    [Test]
    public void ConcatAndSplitAxis()
    {
        NDArray a = FunctionTest.Uniform((2, 3));
        NDArray b = FunctionTest.Uniform((2, 4), seed: 2);
        NDArray c = NDArray.Zeros((2, 0), DType.Float64);
        new FunctionTest(xs => F.Concat(xs)) { Expected = xs => [NDArray.Concatenate(xs, 1)], Ulps = 0.5 }.Run(a, b, c);
        new FunctionTest(xs => F.Concat(xs, -1)) { Expected = xs => [NDArray.Concatenate(xs, 1)], Ulps = 0.5 }.Run(a);
        new FunctionTest(xs => F.Concat([xs[0], xs[0]], 0)) { Expected = xs => [NDArray.Concatenate([xs[0], xs[0]], 0)], Ulps = 4 }.Run(a);
        new FunctionTest(xs => F.Concat(F.SplitAxis(xs[0], [1, 1], 0), 0)) { Expected = xs => [xs[0]], Ulps = 0.5 }.Run(a);
        new FunctionTest(xs => F.Concat([.. F.SplitAxis(xs[0], [1], 0).Reverse()], 0)) { Expected = xs => [NDArray.Flip(xs[0], 0)], Ulps = 0.5 }.Run(a);
        // Rows that follow each other, whose first axis, of extent 1, has stride 0.
        NDArray rows = FunctionTest.Uniform((3, 4), seed: 1);
        Assert.That(F.Concat([.. Enumerable.Range(0, 3).Select(i => new Variable(rows[i].ExpandDims(0)))], 0).Array.ToArray<double>(), Is.EqualTo(rows.ToArray<double>()));
        new FunctionTest(xs => F.SplitAxis(xs[0], 3, 1)) { Expected = xs => [xs[0][.., 0..1], xs[0][.., 1..2], xs[0][.., 2..3]], Ulps = 0.5 }
            .Run(a);
        new FunctionTest(xs => F.SplitAxis(xs[0], [1, 1], -1)) { Expected = xs => [xs[0][.., 0..1], xs[0][.., 1..1], xs[0][.., 1..]], Ulps = 0.5 }
            .Run(b);
        new FunctionTest(xs => F.SplitAxis(xs[0], Array.Empty<int>(), 0)) { Expected = xs => [xs[0]], Ulps = 0.5 }.Run(b);

        Assert.That(() => F.Concat([]), Throws.ArgumentException);
        Assert.That(() => F.Concat(null!), Throws.ArgumentNullException);
        Assert.That(() => F.Concat([a, null!]), Throws.ArgumentNullException);
        Assert.That(() => F.Concat([a, b], 0), Refuses("Concat"));
        Assert.That(() => F.Concat([a, b], 2), Refuses("Concat"));
        Assert.That(() => F.Concat([a, FunctionTest.Uniform(2)]), Refuses("Concat"));
        Assert.That(() => F.Concat([a, b.AsType(DType.Float32)]), Refuses("Concat"));
        Assert.That(() => F.SplitAxis(a, 2, 1), Refuses("SplitAxis"));
        Assert.That(() => F.SplitAxis(a, 2, 2), Refuses("SplitAxis"));
        Assert.That(() => F.SplitAxis(a, [4], 1), Refuses("SplitAxis"));
        Assert.That(() => F.SplitAxis(a, 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.SplitAxis(a, [2, 1], 1), Throws.ArgumentException);
        Assert.That(() => F.SplitAxis(a, [-1], 1), Throws.ArgumentException);
    }

    [Test]
    public void APartWithoutGradientCountsAsZeros()
    {
        var x = new Variable(new float[] { 1, 2, 3 });
        Variable[] parts = F.SplitAxis(x, 3, 0);
        (parts[1] * parts[1]).Backward();
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 0, 4, 0 }));
    }

    [Test]
    public void Cast()
    {
        foreach (DType dtype in new[] { DType.Float16, DType.Float64, DType.BFloat16 })
        {
            var x = new Variable(new float[] { 1.5f, -2 });
            Variable y = F.Cast(x, dtype);
            Assert.That(y.DType, Is.EqualTo(dtype));
            F.Sum(y * y).Backward();
            Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 3, -4 }));
        }
        var same = new Variable(new float[] { 1 });
        Assert.That(F.Cast(same, DType.Float32), Is.SameAs(same));
        Variable integers = F.Cast((NDArray)new float[] { 1.9f, -1.9f }, DType.Int32);
        Assert.That(integers.Array.ToArray<int>(), Is.EqualTo(new[] { 1, -1 }));
        var n = new Variable(new int[] { 1, 2 });
        F.Sum(F.Cast(n, DType.Float32)).Backward();
        Assert.That(n.Grad, Is.Null, "integers take no gradient");
    }

    [Test]
    public void GetItem()
    {
        Check(x => F.GetItem(x, 1), x => Same(x.Reshape((2, 15))[1], (3, 5)), Cube);
        Check(x => x[1, .., new Slice(0, null, 2)], x => Picked(x, (3, 3), (i, j) => [1, i, 2 * j]), Cube);
        Check(x => x[IndexExpr.Ellipsis, IndexExpr.NewAxis, 2], x => Picked(x, (2, 3), (i, j) => [i, j, 2]).Reshape((2, 3, 1)), Cube);
        Check(x => x[0, ^1, 0], x => x[0][2][0], Cube);
        Check(x => x[new Slice(null, null, -1), 1..1], x => NDArray.Zeros((2, 0, 5), DType.Float64), Cube);
        Check(x => x[new Slice(2, 0, -1)], x => Picked(x, (2, 5), (i, j) => [2 - i, j]), FunctionTest.Uniform((3, 5)));
        Assert.That(() => ((Variable)Cube)[2], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ((Variable)Cube)[0, 0, 0, 0], Throws.ArgumentException);
        Assert.That(() => ((Variable)Cube)[IndexExpr.Ellipsis, IndexExpr.Ellipsis], Throws.ArgumentException);
        Assert.That(() => F.GetItem(null!, 0), Throws.ArgumentNullException);
    }

    [Test]
    public void GetItemByArrays()
    {
        NDArray x = FunctionTest.Uniform((4, 3, 5));
        Check(v => v[new[] { 0, 2, 2, -3 }], v => NDArray.Stack([v[0], v[2], v[2], v[1]]), x);
        Check(v => v[.., new[] { 2, 0 }], v => NDArray.Stack([v[.., 2], v[.., 0]], 1), x);
        Check(v => v[new[] { 0, 3 }, 1..3, new[] { 1, 0 }], v => NDArray.Stack([v[0, 1..3, 1], v[3, 1..3, 0]]), x);
        Check(v => v[.., new[] { 0, 2 }, new[] { 1, 4 }], v => NDArray.Stack([v[.., 0, 1], v[.., 2, 4]], 1), x);
        Check(v => v[1, .., new[] { 1, 0 }], v => NDArray.Stack([v[1, .., 1], v[1, .., 0]]), x);
        Check(v => v[.., 1, new[] { 1, 0 }], v => NDArray.Stack([v[.., 1, 1], v[.., 1, 0]], 1), x);
        NDArray outer = new int[,] { { 0 }, { 3 } };
        Check(v => v[outer, new[] { 1, 2 }], v => NDArray.Stack([NDArray.Stack([v[0, 1], v[0, 2]]), NDArray.Stack([v[3, 1], v[3, 2]])]), x);
        NDArray mask = new[] { true, false, false, true };
        Check(v => v[mask], v => NDArray.Stack([v[0], v[3]]), x);
        NDArray none = new[] { false, false, false, false };
        Check(v => v[none], v => NDArray.Zeros((0, 3, 5), DType.Float64), x);
        NDArray plane = NDArray.Zeros((4, 3), DType.Bool);
        plane[1, 2] = true;
        plane[3, 0] = true;
        Check(v => v[plane], v => NDArray.Stack([v[1, 2], v[3, 0]]), x);
        Check(v => v[plane, 1..3], v => NDArray.Stack([v[1, 2, 1..3], v[3, 0, 1..3]]), x);
        Assert.That(() => ((Variable)x)[new[] { 4 }], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ((Variable)x)[new[] { 0, 1 }, new[] { 0, 1, 2 }], Throws.ArgumentException);
        Assert.That(() => ((Variable)x)[.., mask], Throws.ArgumentException);
        Assert.That(() => { IndexExpr _ = (NDArray)new float[] { 1 }; }, Throws.ArgumentException);
    }

    [Test]
    public void AssignByArrays()
    {
        NDArray x = NDArray.Zeros((2, 3));
        x[.., new[] { 0, 2 }] = new float[,] { { 1, 2 }, { 3, 4 } };
        Assert.That(x.ToArray<float>(), Is.EqualTo(new float[] { 1, 0, 2, 3, 0, 4 }));
        NDArray mask = new[,] { { false, true, false }, { false, true, true } };
        x[mask] = 9;
        Assert.That(x.ToArray<float>(), Is.EqualTo(new float[] { 1, 9, 2, 3, 9, 9 }));
    }

    private static NDArray Same(NDArray x, Shape shape) => NDArray.FromSpan<double>(x.ToArray<double>(), shape);

    private static NDArray Permuted(NDArray x, params int[] axes)
    {
        int[] shape = [.. axes.Select(a => x.Shape[a])];
        NDArray y = NDArray.Zeros(shape, DType.Float64);
        var at = new IndexExpr[axes.Length];
        var from = new IndexExpr[axes.Length];
        for (long k = 0; k < y.Size; k++)
        {
            long rest = k;
            for (int i = axes.Length - 1; i >= 0; i--)
            {
                at[i] = (int)(rest % shape[i]);
                from[axes[i]] = at[i];
                rest /= shape[i];
            }
            y[at] = x[from].Item<double>();
        }
        return y;
    }

    private static NDArray Picked(NDArray x, Shape shape, Func<int, int, IndexExpr[]> from)
    {
        NDArray y = NDArray.Zeros(shape, DType.Float64);
        for (int i = 0; i < shape[0]; i++)
        {
            for (int j = 0; j < shape[1]; j++)
            {
                y[i, j] = x[from(i, j)].Item<double>();
            }
        }
        return y;
    }
}
