using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class JoinTests
{
    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    private static void Check(Func<Variable[], Variable> function, Func<NDArray[], NDArray> expected, params NDArray[] xs) =>
        new FunctionTest(function) { Expected = arrays => [expected(arrays)], Ulps = 0.5 }.Run(xs);

    private static NDArray[] Arrays(params Shape[] shapes) => [.. shapes.Select((shape, i) => FunctionTest.Uniform(shape, seed: i + 1))];

    [Test]
    public void Stack()
    {
        NDArray[] xs = Arrays((2, 3), (2, 3));
        Check(x => F.Stack(x), x => Elements.Build((2, 2, 3), i => x[i[0]].At(i[1], i[2])), xs);
        Check(x => F.Stack(x, -1), x => Elements.Build((2, 3, 2), i => x[i[2]].At(i[0], i[1])), xs);
        Check(x => F.Stack(x, 1), x => Elements.Build((2, 1, 3), i => x[0].At(i[0], i[2])), xs[0]);
        Check(x => F.Stack(x), x => NDArray.Zeros((2, 0), DType.Float64), Arrays(0, 0));
        Check(x => F.Stack(x), x => Elements.Build(3, i => x[i[0]].At()), Arrays(Shape.Scalar, Shape.Scalar, Shape.Scalar));
        Assert.That(() => F.Stack([]), Throws.ArgumentException);
        Assert.That(() => F.Stack(null!), Throws.ArgumentNullException);
        Assert.That(() => F.Stack([xs[0], null!]), Throws.ArgumentNullException);
        Assert.That(() => F.Stack([xs[0], xs[1]], 3), Refuses("Stack"));
        Assert.That(() => F.Stack([xs[0], xs[1].T]), Refuses("Stack"));
        Assert.That(() => F.Stack([xs[0], xs[1].AsType(DType.Float32)]), Refuses("Stack"));
    }

    [Test]
    public void Separate()
    {
        NDArray x = FunctionTest.Uniform((2, 3));
        new FunctionTest(v => F.Separate(v[0])) { Expected = a => [a[0][0], a[0][1]], Ulps = 0.5 }.Run(x);
        new FunctionTest(v => F.Separate(v[0], -1)) { Expected = a => [a[0].T[0], a[0].T[1], a[0].T[2]], Ulps = 0.5 }.Run(x);
        Assert.That(F.Separate(NDArray.Zeros((2, 0)), 1), Is.Empty);
        Assert.That(() => F.Separate(x, 2), Refuses("Separate"));

        var y = new Variable(x);
        F.Sum(F.Separate(y)[1]).Backward();
        Assert.That(y.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 0, 0, 0, 1, 1, 1 }), "parts that nobody uses have gradient 0");
    }

    [Test]
    public void HStackVStackDStack()
    {
        NDArray[] numbers = Arrays(Shape.Scalar, Shape.Scalar);
        NDArray[] rows = Arrays(3, 3);
        NDArray[] matrices = Arrays((2, 3), (2, 3));
        NDArray[] cubes = Arrays((2, 1, 2), (2, 3, 2));
        Check(x => F.HStack(x), x => Elements.Build(2, i => x[i[0]].At()), numbers);
        Check(x => F.HStack(x), x => Elements.Build(5, i => i[0] < 3 ? x[0].At(i[0]) : x[1].At(i[0] - 3)), Arrays(3, 2));
        Check(x => F.HStack(x), x => Elements.Build((2, 6), i => x[i[1] / 3].At(i[0], i[1] % 3)), matrices);
        Check(x => F.HStack(x), x => Elements.Build((2, 4, 2), i => i[1] < 1 ? x[0].At(i) : x[1].At(i[0], i[1] - 1, i[2])), cubes);
        Check(x => F.VStack(x), x => Elements.Build((2, 1), i => x[i[0]].At()), numbers);
        Check(x => F.VStack(x), x => Elements.Build((2, 3), i => x[i[0]].At(i[1])), rows);
        Check(x => F.VStack(x), x => Elements.Build((4, 3), i => x[i[0] / 2].At(i[0] % 2, i[1])), matrices);
        Check(x => F.DStack(x), x => Elements.Build((1, 1, 2), i => x[i[2]].At()), numbers);
        Check(x => F.DStack(x), x => Elements.Build((1, 3, 2), i => x[i[2]].At(i[1])), rows);
        Check(x => F.DStack(x), x => Elements.Build((2, 3, 2), i => x[i[2]].At(i[0], i[1])), matrices);
        Check(x => F.DStack(x), x => Elements.Build((2, 3, 4), i => x[i[2] / 2].At(i[0], i[1], i[2] % 2)), Arrays((2, 3, 2), (2, 3, 2)));

        (string Name, Func<IReadOnlyList<Variable>, Variable> Function)[] all =
            [("HStack", F.HStack), ("VStack", F.VStack), ("DStack", F.DStack)];
        foreach ((string name, Func<IReadOnlyList<Variable>, Variable> function) in all)
        {
            Assert.That(() => function([]), Throws.ArgumentException.With.Message.Contains(name));
            Assert.That(() => function([rows[0], matrices[0]]), Refuses(name));
            Assert.That(() => function([matrices[0], matrices[0].T]), Refuses(name));
            Assert.That(() => function([rows[0], rows[0].AsType(DType.Float32)]), Refuses(name));
        }
    }

    [Test]
    public void Broadcast()
    {
        NDArray[] xs = Arrays((2, 1), 3, Shape.Scalar);
        new FunctionTest(v => F.Broadcast(v))
        {
            Expected = x =>
            [
                Elements.Build((2, 3), i => x[0].At(i[0], 0)), Elements.Build((2, 3), i => x[1].At(i[1])), Elements.Build((2, 3), _ => x[2].At()),
            ],
        }.Run(xs);
        Assert.That(F.Broadcast(new Variable(xs[0])), Has.Length.EqualTo(1));
        Assert.That(() => F.Broadcast(xs[1], FunctionTest.Uniform(2)), Refuses("Broadcast"));
        Assert.That(() => F.Broadcast(), Throws.ArgumentException);
    }

    [Test]
    public void Where()
    {
        NDArray condition = new[,] { { true, false, true }, { false, false, true } };
        NDArray row = new[] { true, false, true };
        Check(
            x => F.Where(condition, x[0], x[1]), x => Elements.Build((2, 3), i => (bool)condition[i[0], i[1]].Item<bool>() ? x[0].At(i) : x[1].At(i)),
            Arrays((2, 3), (2, 3)));
        Check(x => F.Where(row, x[0], x[1]), x => Elements.Build((2, 3), i => i[1] != 1 ? x[0].At(i[0], 0) : x[1].At()), Arrays((2, 1), Shape.Scalar));
        var nan = new Variable(new[] { double.NaN, 1, double.NaN });
        F.Sum(F.Where(row, new Variable(new double[] { 1, 2, 3 }), nan)).Backward();
        Assert.That(nan.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 0, 1, 0 }));
        Variable integers = F.Where(row, (NDArray)new[] { 1, 2, 3 }, (NDArray)new[] { 4, 5, 6 });
        Assert.That(integers.Array.ToArray<int>(), Is.EqualTo(new[] { 1, 5, 3 }));
        Assert.That(() => F.Where(new[] { 1, 0, 1 }, nan, nan), Refuses("Where"));
        Assert.That(() => F.Where(row, nan, F.Cast(nan, DType.Float32)), Refuses("Where"));
        Assert.That(() => F.Where(row, nan, FunctionTest.Uniform(2)), Refuses("Where"));
        Assert.That(() => F.Where(null!, nan, nan), Throws.ArgumentNullException);
    }
}
