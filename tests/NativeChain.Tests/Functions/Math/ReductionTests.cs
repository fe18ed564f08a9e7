using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class ReductionTests
{
    private static readonly object[] s_cases =
    [
        new object[] { new Shape(2, 3, 5), Axes.All, false },
        new object[] { new Shape(2, 3, 5), Axes.All, true },
        new object[] { new Shape(2, 3, 5), (Axes)1, false },
        new object[] { new Shape(2, 3, 5), (Axes)(-1), true },
        new object[] { new Shape(2, 3, 5), (Axes)(0, 2), false },
        new object[] { new Shape(2, 3, 5), (Axes)(-1, 0), true },
        new object[] { new Shape(7), (Axes)0, false },
        new object[] { Shape.Scalar, Axes.All, false },
        new object[] { new Shape(1, 131), (Axes)1, false },
    ];

    [TestCaseSource(nameof(s_cases))]
    public void Sum(Shape shape, Axes axis, bool keepDims) =>
        Check(xs => F.Sum(xs[0], axis, keepDims), values => values.Sum(), shape, axis, keepDims);

    [TestCaseSource(nameof(s_cases))]
    public void Mean(Shape shape, Axes axis, bool keepDims) =>
        Check(xs => F.Mean(xs[0], axis, null, keepDims), values => values.Average(), shape, axis, keepDims);

    [TestCaseSource(nameof(s_cases))]
    public void Max(Shape shape, Axes axis, bool keepDims) =>
        Check(xs => F.Max(xs[0], axis, keepDims), values => values.Max(), shape, axis, keepDims);

    [TestCaseSource(nameof(s_cases))]
    public void Min(Shape shape, Axes axis, bool keepDims) =>
        Check(xs => F.Min(xs[0], axis, keepDims), values => values.Min(), shape, axis, keepDims);

    [TestCaseSource(nameof(s_cases))]
    public void LogSumExp(Shape shape, Axes axis, bool keepDims)
    {
        if (!keepDims)
        {
            Check(
                xs => F.LogSumExp(xs[0], axis), values => Math.Log(values.Select(Math.Exp).Sum()), shape, axis, keepDims);
        }
    }

    [Test]
    public void SumOfNoElementsIsZero()
    {
        new FunctionTest(xs => F.Sum(xs[0], 0)) { Expected = _ => [NDArray.Zeros(3, DType.Float64)] }.Run(NDArray.Zeros((0, 3), DType.Float64));
        Assert.That(() => F.Max((NDArray)NDArray.Zeros((0, 3)), 0), Throws.ArgumentException);
    }

    [Test]
    public void EveryTiedElementTakesTheWholeGradient()
    {
        var x = new Variable(new float[] { 1, 3, 3, 2 });
        Variable y = F.Max(x);
        y.Grad = NDArray.Full(Shape.Scalar, 5);
        y.Backward();
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 0, 5, 5, 0 }));
    }

    [Test]
    public void NaNIsTheGreatestAndTheLeast()
    {
        Variable x = (NDArray)new float[] { 1, float.NaN, 3 };
        Assert.That(F.Max(x).Array.Item<float>(), Is.NaN);
        Assert.That(F.Min(x).Array.Item<float>(), Is.NaN);
    }

    [Test]
    public void LogSumExpOfLargeNumbersDoesNotOverflow()
    {
        Variable x = (NDArray)new double[] { 1000, 1000 };
        Assert.That(F.LogSumExp(x).Array.Item<double>(), Is.EqualTo(1000 + Math.Log(2)).Within(1e-10));
    }

    [Test]
    public void WeightedAverage()
    {
        NDArray x = FunctionTest.Uniform((2, 3, 4));
        NDArray along = FunctionTest.Uniform(3, 0.5, 2, seed: 2);
        NDArray whole = FunctionTest.Uniform((2, 3, 4), 0.5, 2, seed: 3);
        new FunctionTest(xs => F.Average(xs[0], 1, xs[1]))
        {
            Expected = xs => [(xs[0] * xs[1].Reshape((3, 1))).Sum(1) / xs[1].Sum()],
            Ulps = 32,
        }.Run(x, along);
        new FunctionTest(xs => F.Average(xs[0], -2, xs[1], keepDims: true))
        {
            Expected = xs => [(xs[0] * xs[1].Reshape((3, 1))).Sum(1, keepDims: true) / xs[1].Sum()],
            Ulps = 32,
        }.Run(x, along);
        new FunctionTest(xs => F.Mean(xs[0], weights: xs[1]))
        {
            Expected = xs => [(xs[0] * xs[1]).Sum() / xs[1].Sum()],
            Ulps = 32,
        }.Run(x, whole);
    }

    [TestCase(3)]
    [TestCase(1)]
    public void SumTo(int last)
    {
        NDArray x = FunctionTest.Uniform((2, 5, last));
        Shape[] shapes = [new(5, last), new(1, last), new(2, 1, last), new(last), new(1), Shape.Scalar, new(2, 1, 1)];
        Variable same = x;
        Assert.That(F.SumTo(same, x.Shape), Is.SameAs(same));
        foreach (Shape shape in shapes)
        {
            new FunctionTest(xs => F.SumTo(xs[0], shape))
            {
                Expected = xs => [Pick(xs[0], shape)],
                Ulps = 32,
            }.Run(x);
        }

        static NDArray Pick(NDArray x, Shape shape)
        {
            Shape padded = [.. Enumerable.Repeat(1, x.NDim - shape.NDim), .. shape];
            for (int i = 0; i < x.NDim; i++)
            {
                if (padded[i] == 1)
                {
                    x = x.Sum(i, keepDims: true);
                }
            }
            return x.Reshape(shape);
        }
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Zeros((2, 3));
        Variable integers = NDArray.Zeros((2, 3), DType.Int32);
        (string Name, Func<Variable, Axes, Variable> Function)[] functions =
        [
            ("Sum", (v, axis) => F.Sum(v, axis)),
            ("Mean", (v, axis) => F.Mean(v, axis)),
            ("Max", (v, axis) => F.Max(v, axis)),
            ("Min", (v, axis) => F.Min(v, axis)),
            ("LogSumExp", (v, axis) => F.LogSumExp(v, axis)),
        ];
        foreach ((string name, Func<Variable, Axes, Variable> function) in functions)
        {
            Assert.That(() => function(x, 2), Throws.TypeOf<InvalidTypeException>().With.Message.Contains(name).And.Message.Contains("'x'"));
            Assert.That(() => function(x, -3), Throws.TypeOf<InvalidTypeException>());
            Assert.That(() => function(x, (0, -2)), Throws.ArgumentException);
            Assert.That(() => function(integers, Axes.All), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("int32"));
            Assert.That(() => function(null!, Axes.All), Throws.ArgumentNullException);
        }
        Assert.That(() => F.Average(x, (0, 1), x), Throws.ArgumentException);
        Assert.That(() => F.Average(x, 1, (NDArray)NDArray.Zeros(2)), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("weights"));
        Assert.That(() => F.SumTo(x, (2, 2)), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("SumTo"));
        Assert.That(() => F.SumTo(x, (1, 2, 3)), Throws.TypeOf<InvalidTypeException>());
    }

    private static void Check(
        Func<Variable[], Variable> function, Func<IEnumerable<double>, double> reduce, Shape shape, Axes axis, bool keepDims) =>
        new FunctionTest(function) { Expected = xs => [Expected(xs[0], reduce, axis, keepDims)], Ulps = 32 }.Run(FunctionTest.Uniform(shape));

    private static NDArray Expected(NDArray x, Func<IEnumerable<double>, double> reduce, Axes axis, bool keepDims)
    {
        HashSet<int> reduced = [.. axis.IsAll ? Enumerable.Range(0, x.NDim) : axis.Select(a => a < 0 ? a + x.NDim : a)];
        double[] values = x.ToArray<double>();
        var groups = new SortedDictionary<long, List<double>>();
        for (int k = 0; k < values.Length; k++)
        {
            long rest = k;
            long key = 0;
            long scale = 1;
            for (int i = x.NDim - 1; i >= 0; i--)
            {
                long at = rest % x.Shape[i];
                rest /= x.Shape[i];
                if (!reduced.Contains(i))
                {
                    key += at * scale;
                    scale *= x.Shape[i];
                }
            }
            if (!groups.TryGetValue(key, out List<double>? group))
            {
                groups[key] = group = [];
            }
            group.Add(values[k]);
        }
        Shape shape = keepDims
            ? [.. x.Shape.Select((extent, i) => reduced.Contains(i) ? 1 : extent)]
            : [.. x.Shape.Where((_, i) => !reduced.Contains(i))];
        return NDArray.FromSpan<double>([.. groups.Values.Select(reduce)], shape);
    }
}
