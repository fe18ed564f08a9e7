using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class RearrangeTests
{
    private static NDArray Matrix => FunctionTest.Uniform((2, 3));

    private static NDArray Cube => FunctionTest.Uniform((2, 3, 5));

    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static void Check(Func<Variable, Variable> function, Func<NDArray, NDArray> expected, NDArray x, double ulps = 0.5) =>
        new FunctionTest(xs => function(xs[0])) { Expected = xs => [expected(xs[0])], Ulps = ulps }.Run(x);

    [Test]
    public void MoveAxisRollAxisSwapAxes()
    {
        Check(x => F.MoveAxis(x, 0, 2), x => Elements.Build((3, 5, 2), i => x.At(i[2], i[0], i[1])), Cube);
        Check(x => F.MoveAxis(x, (0, 1), (-1, -2)), x => Elements.Build((5, 3, 2), i => x.At(i[2], i[1], i[0])), Cube);
        Check(x => F.RollAxis(x, 2), x => Elements.Build((5, 2, 3), i => x.At(i[1], i[2], i[0])), Cube);
        Check(x => F.RollAxis(x, 0, 3), x => Elements.Build((3, 5, 2), i => x.At(i[2], i[0], i[1])), Cube);
        Check(x => F.RollAxis(x, 1, -1), x => Elements.Build((2, 3, 5), i => x.At(i)), Cube);
        Check(x => F.SwapAxes(x, 0, -1), x => Elements.Build((5, 3, 2), i => x.At(i[2], i[1], i[0])), Cube);
        Assert.That(() => F.MoveAxis(Cube, 3, 0), Refuses("MoveAxis"));
        Assert.That(() => F.MoveAxis(Cube, 0, -4), Refuses("MoveAxis"));
        Assert.That(() => F.MoveAxis(NDArray.Zeros((2, 2), DType.Int32), 0, 1), Refuses("MoveAxis"));
        Assert.That(() => F.MoveAxis(Cube, (0, 1), 2), Throws.ArgumentException);
        Assert.That(() => F.MoveAxis(Cube, (0, -3), (1, 2)), Throws.ArgumentException);
        Assert.That(() => F.MoveAxis(Cube, default, default), Throws.ArgumentException);
        Assert.That(() => F.RollAxis(Cube, 3), Refuses("RollAxis"));
        Assert.That(() => F.RollAxis(Cube, 0, 4), Refuses("RollAxis"));
        Assert.That(() => F.SwapAxes(Cube, 0, 3), Refuses("SwapAxes"));
    }

    [Test]
    public void Flip()
    {
        Check(x => F.Flip(x, 1), x => Elements.Build((2, 3, 5), i => x.At(i[0], 2 - i[1], i[2])), Cube);
        Check(x => F.Flip(x, -1), x => Elements.Build((2, 3, 5), i => x.At(i[0], i[1], 4 - i[2])), Cube);
        Check(F.FlipLR, x => Elements.Build((2, 3), i => x.At(i[0], 2 - i[1])), Matrix);
        Check(F.FlipUD, x => Elements.Build((2, 3), i => x.At(1 - i[0], i[1])), Matrix);
        Check(F.FlipUD, x => x, NDArray.Zeros((0, 2), DType.Float64));
        Assert.That(() => F.Flip(Matrix, 2), Refuses("Flip"));
        Assert.That(() => F.Flip(FunctionTest.Uniform(Shape.Scalar), 0), Refuses("Flip"));
        Assert.That(() => F.FlipLR(FunctionTest.Uniform(3)), Refuses("FlipLR"));
        Assert.That(() => F.FlipUD(NDArray.Zeros(3, DType.Int32)), Refuses("FlipUD"));
    }

    [Test]
    public void Diagonal()
    {
        Check(x => F.Diagonal(x), x => Elements.Build((5, 2), i => x.At(i[1], i[1], i[0])), Cube);
        Check(x => F.Diagonal(x, 1, 1, 2), x => Elements.Build((2, 3), i => x.At(i[0], i[1], i[1] + 1)), Cube);
        Check(x => F.Diagonal(x, -1), x => Elements.Build(1, i => x.At(1, 0)), Matrix);
        Check(x => F.Diagonal(x, 7), x => NDArray.Zeros(0, DType.Float64), Matrix);
        Assert.That(() => F.Diagonal(Matrix, 0, 0, 2), Refuses("Diagonal"));
        Assert.That(() => F.Diagonal(Matrix, 0, 1, -1), Throws.ArgumentException);
    }

    [Test]
    public void Tile()
    {
        Check(x => F.Tile(x, 2), x => Elements.Build((2, 6), i => x.At(i[0], i[1] % 3)), Matrix, ulps: 4);
        Check(x => F.Tile(x, 3, 2, 1), x => Elements.Build((3, 4, 3), i => x.At(i[1] % 2, i[2])), Matrix, ulps: 4);
        Check(x => F.Tile(x, 2, 1, 3), x => Elements.Build((4, 3, 15), i => x.At(i[0] % 2, i[1], i[2] % 5)), Cube, ulps: 4);
        Check(x => F.Tile(x, 4), x => Elements.Build(4, _ => x.At()), FunctionTest.Uniform(Shape.Scalar), ulps: 4);
        Check(x => F.Tile(x, 0, 1), x => NDArray.Zeros((0, 3), DType.Float64), Matrix);
        Assert.That(() => F.Tile(Matrix, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.Tile(Matrix, null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Repeat()
    {
        Check(x => F.Repeat(x, 2), x => Elements.Build(12, i => x.At(i[0] / 2 / 3, i[0] / 2 % 3)), Matrix, ulps: 4);
        Check(x => F.Repeat(x, 3, 1), x => Elements.Build((2, 9, 5), i => x.At(i[0], i[1] / 3, i[2])), Cube, ulps: 4);
        Check(x => F.Repeat(x, [3], -1), x => Elements.Build((2, 9), i => x.At(i[0], i[1] / 3)), Matrix, ulps: 4);
        Check(x => F.Repeat(x, [1, 0, 2], 1), x => Elements.Build((2, 3), i => x.At(i[0], i[1] == 0 ? 0 : 2)), Matrix, ulps: 4);
        Check(x => F.Repeat(x, 0, 0), x => NDArray.Zeros((0, 3), DType.Float64), Matrix);
        Check(x => F.Repeat(x, 2), x => Elements.Build(2, _ => x.At()), FunctionTest.Uniform(Shape.Scalar), ulps: 4);
        Assert.That(() => F.Repeat(Matrix, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.Repeat(Matrix, [1, -1], 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.Repeat(Matrix, [1, 1], 1), Throws.ArgumentException.With.Message.Contains("Repeat"));
        Assert.That(() => F.Repeat(Matrix, 2, 2), Refuses("Repeat"));
    }

    [Test]
    public void Pad()
    {
        Check(x => F.Pad(x, 1), x => Elements.Build((4, 5), i => i[0] is 0 or 3 || i[1] is 0 or 4 ? 0 : x.At(i[0] - 1, i[1] - 1)), Matrix);
        Check(x => F.Pad(x, (1, 2), constantValues: 0.5), x => Elements.Build(5, i => i[0] is >= 1 and < 3 ? x.At(i[0] - 1) : 0.5), FunctionTest.Uniform(2));
        Check(
            x => F.Pad(x, [(0, 1), (2, 0)], PadMode.Constant, -1), x => Elements.Build((3, 5), i => i[0] == 2 || i[1] < 2 ? -1 : x.At(i[0], i[1] - 2)),
            Matrix);
        Check(x => F.Pad(x, 2), x => NDArray.Zeros(4, DType.Float64), NDArray.Zeros(0, DType.Float64));
        int[] edge = [0, 0, 1, 2, 2], reflect = [1, 0, 1, 2, 1], symmetric = [0, 0, 1, 2, 2], wrap = [2, 0, 1, 2, 0];
        foreach ((PadMode mode, int[] source) in new[]
                 {
                     (PadMode.Edge, edge), (PadMode.Reflect, reflect), (PadMode.Symmetric, symmetric), (PadMode.Wrap, wrap),
                 })
        {
            Check(x => F.Pad(x, [(0, 0), (1, 1)], mode), x => Elements.Build((2, 5), i => x.At(i[0], source[i[1]])), Matrix, ulps: 4);
        }
        Check(x => F.Pad(x, 1, PadMode.Edge), x => Elements.Build((3, 4), i => x.At(0, Math.Clamp(i[1] - 1, 0, 1))), FunctionTest.Uniform((1, 2)), ulps: 8);
        Check(x => F.Pad(x, 0, PadMode.Wrap), x => x, Matrix);
        Assert.That(() => F.Pad(NDArray.Zeros(3, DType.Int32), 1), Refuses("Pad"));
        Assert.That(() => F.Pad(Matrix, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.Pad(Matrix, [(1, 1), (1, 1), (1, 1)]), Throws.ArgumentException);
        Assert.That(() => F.Pad(NDArray.Zeros((0, 2)), 1, PadMode.Edge), Throws.ArgumentException);
    }

    [Test]
    public void Depth2SpaceAndSpace2Depth()
    {
        NDArray depth = FunctionTest.Uniform((2, 8, 1, 3));
        Check(x => F.Depth2Space(x, 2), x => Elements.Build((2, 2, 2, 6), i => x.At(i[0], (((i[2] % 2 * 2) + (i[3] % 2)) * 2) + i[1], i[2] / 2, i[3] / 2)), depth);
        NDArray space = FunctionTest.Uniform((1, 2, 4, 6));
        Check(
            x => F.Space2Depth(x, 2),
            x => Elements.Build((1, 8, 2, 3), i => x.At(0, i[1] % 2, (2 * i[2]) + (i[1] / 4), (2 * i[3]) + (i[1] / 2 % 2))), space);
        Assert.That(F.Depth2Space(F.Space2Depth(space, 2), 2).Array.ToArray<double>(), Is.EqualTo(space.ToArray<double>()));
        Assert.That(() => F.Depth2Space(depth, 3), Refuses("Depth2Space"));
        Assert.That(() => F.Depth2Space(Cube, 1), Refuses("Depth2Space"));
        Assert.That(() => F.Space2Depth(space, 4), Refuses("Space2Depth"));
        Assert.That(() => F.Space2Depth(space, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Permutate()
    {
        NDArray order = new[] { 2, 0, 1 };
        Check(x => F.Permutate(x, order, 1), x => Elements.Build((2, 3), i => x.At(i[0], new[] { 2, 0, 1 }[i[1]])), Matrix);
        Check(x => F.Permutate(x, order, -1, inv: true), x => Elements.Build((2, 3), i => x.At(i[0], new[] { 1, 2, 0 }[i[1]])), Matrix);
        Check(x => F.Permutate(x, Array.Empty<int>()), x => x, NDArray.Zeros((0, 2), DType.Float64));
        Assert.That(() => F.Permutate(Matrix, order, 2), Refuses("Permutate"));
        Assert.That(() => F.Permutate(Matrix, order, 0), Throws.ArgumentException.With.Message.Contains("Permutate"));
        Assert.That(() => F.Permutate(Matrix, new[] { 0, 0, 1 }, 1), Throws.ArgumentException);
        Assert.That(() => F.Permutate(Matrix, new[] { 0, 1, 3 }, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.Permutate(Matrix, new[] { 0.0, 1, 2 }, 1), Throws.ArgumentException);
    }

    [Test]
    public void SelectItem()
    {
        NDArray t = new[] { 2, 0 };
        Check(x => F.SelectItem(x, t), x => Elements.Build(2, i => x.At(i[0], i[0] == 0 ? 2 : 0)), Matrix);
        Check(x => F.SelectItem(x, NDArray.Zeros(0, DType.Int32)), x => NDArray.Zeros(0, DType.Float64), NDArray.Zeros((0, 3), DType.Float64));
        Check(x => F.SelectItem(x, (NDArray)new long[] { -1, 1 }), x => Elements.Build(2, i => x.At(i[0], i[0] == 0 ? 2 : 1)), Matrix);
        Assert.That(() => F.SelectItem(Matrix, (NDArray)new[] { 0, 3 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.SelectItem(Matrix, (NDArray)new[] { 0, 1, 2 }), Refuses("SelectItem"));
        Assert.That(() => F.SelectItem(Matrix, FunctionTest.Uniform(2)), Refuses("SelectItem"));
        Assert.That(() => F.SelectItem(Cube, t), Refuses("SelectItem"));
        using (Config.Using(debug: true))
        {
            Assert.That(
                () => F.SelectItem(Matrix, (NDArray)new[] { 0, -1 }), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("SelectItem"));
        }
    }

    [Test]
    public void ScatterAdd()
    {
        void CheckAdd(IndexExpr[] slices, Shape picked, Func<NDArray, NDArray, NDArray> expected) =>
            new FunctionTest(xs => F.ScatterAdd(xs[0], slices, xs[1])) { Expected = xs => [expected(xs[0], xs[1])], Ulps = 4 }
                .Run(Matrix, FunctionTest.Uniform(picked, seed: 3));

        CheckAdd([1], 3, (a, b) => Elements.Build((2, 3), i => a.At(i) + (i[0] == 1 ? b.At(i[1]) : 0)));
        CheckAdd([Range.All, new Slice(null, null, 2)], (2, 2), (a, b) => Elements.Build((2, 3), i => a.At(i) + (i[1] == 1 ? 0 : b.At(i[0], i[1] / 2))));
        CheckAdd([new[] { 1, 1 }], (2, 3), (a, b) => Elements.Build((2, 3), i => a.At(i) + (i[0] == 1 ? b.At(0, i[1]) + b.At(1, i[1]) : 0)));
        CheckAdd([Range.All, new[] { 2, 0 }], (2, 2), (a, b) => Elements.Build((2, 3), i => a.At(i) + (i[1] == 1 ? 0 : b.At(i[0], i[1] == 2 ? 0 : 1))));
        NDArray a = Matrix;
        Assert.That(() => F.ScatterAdd(a, [1], FunctionTest.Uniform(1)), Throws.ArgumentException.With.Message.Contains("ScatterAdd"));
        Assert.That(() => F.ScatterAdd(a, [Range.All, new[] { 0 }], FunctionTest.Uniform(2)), Throws.ArgumentException);
        Assert.That(() => F.ScatterAdd(a, [0, 0, 0], FunctionTest.Uniform(Shape.Scalar)), Refuses("ScatterAdd"));
        Assert.That(() => F.ScatterAdd(a, [1], FunctionTest.Uniform(3).AsType(DType.Float32)), Refuses("ScatterAdd"));
    }

    [Test]
    public void AsStrided()
    {
        // The product is contiguous, whatever the harness hands in.
        Check(x => F.AsStrided(x * 1.0, (2, 3), [1, 2]), x => Elements.Build((2, 3), i => x.At(i[0] + (2 * i[1]))), FunctionTest.Uniform(6), ulps: 4);
        Check(x => F.AsStrided(x * 1.0, (4, 3), [1, 1]), x => Elements.Build((4, 3), i => x.At(i[0] + i[1])), FunctionTest.Uniform(6), ulps: 8);
        Check(x => F.AsStrided(x * 1.0, (2, 2), [3, -1], 2), x => Elements.Build((2, 2), i => x.At((3 * i[0]) - i[1] + 2)), FunctionTest.Uniform(7), ulps: 4);
        Check(x => F.AsStrided(x * 1.0, 0, [1]), x => NDArray.Zeros(0, DType.Float64), FunctionTest.Uniform(2));
        Assert.That(() => F.AsStrided(Matrix, (3, 3), [3, 1]), Throws.ArgumentException.With.Message.Contains("AsStrided"));
        Assert.That(() => F.AsStrided(Matrix, 2, [-1]), Throws.ArgumentException);
        Assert.That(() => F.AsStrided(Matrix, 2, [1, 1]), Throws.ArgumentException);

        // What repeats shares its gradient in equal parts.
        var repeated = new Variable(NDArray.Ones(1, DType.Float64).BroadcastTo(4));
        F.Sum(F.AsStrided(repeated, 1, [1])).Backward();
        Assert.That(repeated.Grad!.ToArray<double>(), Is.EqualTo(new[] { 0.25, 0.25, 0.25, 0.25 }));
    }

    [Test]
    public void CopyToTheSameDevice()
    {
        Check(x => F.Copy(x, Device.Cpu), x => x, Matrix);
        NDArray x = Matrix;
        Assert.That(F.Copy(x, Device.Cpu).Array, Is.SameAs(x));
    }
}
