using NUnit.Framework;

namespace NativeChain.Tests;

/// <summary>The elementwise functions against <see cref="Math"/>, by the harness that all functions share.</summary>
public class ElementwiseFunctionTests
{
    private static readonly Shape[] s_shapes = [Shape.Scalar, 0, 1, 7, (2, 0, 3), (3, 5), (2, 3, 11)];

    // Away from kinks by more than the step of the differences.
    private static readonly (string Name, Func<Variable, Variable> Call, Func<double, double> Value, double Low, double High)[] s_unary =
    [
        ("Exp", F.Exp, Math.Exp, -2, 2),
        ("Log", F.Log, Math.Log, 0.5, 3),
        ("Sqrt", F.Sqrt, Math.Sqrt, 0.5, 3),
        ("Square", F.Square, x => x * x, -2, 2),
        ("Absolute", F.Absolute, Math.Abs, 0.1, 2),
        ("Absolute of negatives", F.Absolute, Math.Abs, -2, -0.1),
        ("Negate", x => -x, x => -x, -2, 2),
        ("Relu", F.Relu, x => Math.Max(x, 0), 0.1, 2),
        ("Relu of negatives", F.Relu, x => Math.Max(x, 0), -2, -0.1),
        ("LeakyRelu", x => F.LeakyRelu(x), x => x > 0 ? x : 0.2 * x, -2, -0.1),
        ("LeakyRelu, slope", x => F.LeakyRelu(x, slope: -0.5), x => x > 0 ? x : -0.5 * x, -2, -0.1),
        ("LeakyRelu of positives", x => F.LeakyRelu(x), x => x, 0.1, 2),
        ("Elu", x => F.Elu(x), x => x > 0 ? x : Math.Exp(x) - 1, -2, -0.1),
        ("Elu, alpha", x => F.Elu(x, alpha: 0.5), x => x > 0 ? x : 0.5 * (Math.Exp(x) - 1), -2, -0.1),
        ("Elu of positives", x => F.Elu(x), x => x, 0.1, 2),
        ("Sigmoid", F.Sigmoid, x => 1 / (1 + Math.Exp(-x)), -4, 4),
        ("Tanh", F.Tanh, Math.Tanh, -2, 2),
        ("Softplus", x => F.Softplus(x), x => Math.Log(1 + Math.Exp(x)), -2, 2),
        ("Softplus, beta", x => F.Softplus(x, beta: 2), x => Math.Log(1 + Math.Exp(2 * x)) / 2, -2, 2),
        ("Clip inside", x => F.Clip(x, -3, 3), x => x, -2, 2),
        ("Clip outside", x => F.Clip(x, -3, -2.5), x => -2.5, -2, 2),
        ("Clip, no upper limit", x => F.Clip(x, 0, null), x => Math.Max(x, 0), 0.1, 2),
        ("ClippedRelu inside", x => F.ClippedRelu(x), x => x, 0.1, 2),
        ("ClippedRelu above", x => F.ClippedRelu(x, 0.5), x => 0.5, 0.6, 2),
        ("Relu6", F.Relu6, x => Math.Clamp(x, 0, 6), 6.1, 8),
        ("HardSigmoid", F.HardSigmoid, x => (0.2 * x) + 0.5, -2, 2),
        ("HardSigmoid outside", F.HardSigmoid, x => 1, 2.6, 4),
        ("Selu", x => F.Selu(x), x => 1.0507009873554805 * 1.6732632423543772 * (Math.Exp(x) - 1), -2, -0.1),
        ("Selu of positives", x => F.Selu(x, alpha: 0.5, scale: 3), x => 3 * x, 0.1, 2),
        ("Sin", F.Sin, Math.Sin, -4, 4),
        ("Cos", F.Cos, Math.Cos, -4, 4),
        ("Tan", F.Tan, Math.Tan, -1, 1),
        ("Arcsin", F.Arcsin, Math.Asin, -0.7, 0.7),
        ("Arccos", F.Arccos, Math.Acos, -0.7, 0.7),
        ("Arctan", F.Arctan, Math.Atan, -2, 2),
        ("Sinh", F.Sinh, Math.Sinh, -2, 2),
        ("Cosh", F.Cosh, Math.Cosh, -2, 2),
        ("Arctanh", F.Arctanh, Math.Atanh, -0.7, 0.7),
        ("Erf", F.Erf, Erf, -2, 2),
        ("Erfc", F.Erfc, x => 1 - Erf(x), -2, 2),
        ("Ndtr", F.Ndtr, x => (1 + Erf(x / Math.Sqrt(2))) / 2, -2, 2),
        ("Log2", F.Log2, Math.Log2, 0.5, 3),
        ("Log10", F.Log10, Math.Log10, 0.5, 3),
        ("Log1p", F.Log1p, x => Math.Log(1 + x), -0.4, 2),
        ("Expm1", F.Expm1, x => Math.Exp(x) - 1, -2, 2),
        ("Rsqrt", F.Rsqrt, x => 1 / Math.Sqrt(x), 0.5, 3),
        ("Identity", F.Identity, x => x, -2, 2),
        ("x + number", x => x + 2, x => x + 2, -2, 2),
        ("number + x", x => 2.5 + x, x => x + 2.5, -2, 2),
        ("x - number", x => x - 2, x => x - 2, -2, 2),
        ("number - x", x => 2 - x, x => 2 - x, -2, 2),
        ("x * number", x => x * 3.5, x => x * 3.5, -2, 2),
        ("number * x", x => -2 * x, x => x * -2, -2, 2),
        ("x / number", x => x / 2, x => x / 2, -2, 2),
        ("number / x", x => 2 / x, x => 2 / x, 0.5, 2),
        ("x ^ 2", x => Variable.Pow(x, 2), x => x * x, -2, 2),
        ("x ^ 3", x => Variable.Pow(x, 3), x => x * x * x, -2, 2),
        ("x ^ 1", x => Variable.Pow(x, 1), x => x, -2, 2),
        ("x ^ 3.5", x => Variable.Pow(x, 3.5), x => Math.Pow(x, 3.5), 0.5, 2),
        ("3.5 ^ x", x => Variable.Pow(3.5, x), x => Math.Pow(3.5, x), -2, 2),
    ];

    private static readonly (string Name, Func<Variable, Variable, Variable> Call, Func<double, double, double> Value)[] s_binary =
    [
        ("Add", F.Add, (a, b) => a + b),
        ("a + b", (a, b) => a + b, (a, b) => a + b),
        ("a - b", (a, b) => a - b, (a, b) => a - b),
        ("a * b", (a, b) => a * b, (a, b) => a * b),
        ("a / b", (a, b) => a / b, (a, b) => a / b),
        ("a ^ b", Variable.Pow, Math.Pow),
        ("Maximum", F.Maximum, Math.Max),
        ("Minimum", F.Minimum, Math.Min),
        ("Arctan2", F.Arctan2, Math.Atan2),
        ("FMod", F.FMod, (a, b) => a % b),
        ("Add of one twice", (a, b) => F.Add(a, b, a), (a, b) => a + b + a),
        ("a + a * b", (a, b) => a + (a * b), (a, b) => a + (a * b)),
    ];

    private static readonly (Shape, Shape)[] s_pairs =
    [
        (7, 7), (Shape.Scalar, Shape.Scalar), ((3, 5), (3, 5)), ((3, 5), 5), (5, (3, 5)), ((3, 1), (1, 5)), ((2, 3, 5), (3, 1)),
        (Shape.Scalar, (3, 5)), ((3, 5), 1), ((0, 3), 3), (1, 1), ((2, 1, 7), (1, 3, 1)),
    ];

    private static IEnumerable<TestCaseData> UnaryCases() =>
        from f in s_unary
        from shape in s_shapes
        select new TestCaseData(f.Call, f.Value, f.Low, f.High, shape).SetArgDisplayNames(f.Name, shape.ToString());

    private static IEnumerable<TestCaseData> BinaryCases() =>
        from f in s_binary
        from pair in s_pairs
        select new TestCaseData(f.Call, f.Value, pair.Item1, pair.Item2).SetArgDisplayNames(f.Name, pair.ToString());

    [TestCaseSource(nameof(UnaryCases))]
    public void Unary(Func<Variable, Variable> call, Func<double, double> value, double low, double high, Shape shape)
    {
        var test = new FunctionTest(xs => call(xs[0])) { Expected = xs => [Map(value, xs[0])] };
        test.Run(FunctionTest.Uniform(shape, low, high));
    }

    [TestCaseSource(nameof(BinaryCases))]
    public void Binary(Func<Variable, Variable, Variable> call, Func<double, double, double> value, Shape a, Shape b)
    {
        var test = new FunctionTest(xs => call(xs[0], xs[1])) { Expected = xs => [Map(value, xs[0], xs[1])] };
        test.Run(FunctionTest.Uniform(a, 0.5, 2, seed: 3), FunctionTest.Uniform(b, 0.5, 2, seed: 5));
    }

    [Test]
    public void AddOfMany([Values(1, 2, 3, 16, 17, 40)] int count)
    {
        NDArray[] inputs = [.. Enumerable.Range(0, count).Select(i => FunctionTest.Uniform(i % 2 == 0 ? (3, 5) : 5, seed: i + 1))];
        var test = new FunctionTest(F.Add) { Expected = xs => [xs.Skip(1).Aggregate(xs[0], (a, b) => Map((p, q) => p + q, a, b))], DTypes = [DType.Float64, DType.Float32] };
        test.Run(inputs);
    }

    [Test]
    public void IdentityOfMany()
    {
        var test = new FunctionTest((Variable[] xs) => F.Identity(xs)) { Expected = xs => xs };
        test.Run(FunctionTest.Uniform((3, 5)), FunctionTest.Uniform(7, seed: 2));
    }

    [Test]
    public void MeanSquaredError([Values(1, 7, 1009)] int size)
    {
        var test = new FunctionTest(xs => F.MeanSquaredError(xs[0], xs[1]))
        {
            Expected = xs => [Enumerable.Zip(xs[0].ToArray<double>(), xs[1].ToArray<double>(), (a, b) => (a - b) * (a - b)).Average()],
        };
        test.Run(FunctionTest.Uniform(size), FunctionTest.Uniform(size, seed: 2));
    }

    [Test]
    public void MeanSquaredErrorOfNothingIsNaN()
    {
        var x = new Variable(NDArray.Zeros((0, 3)));
        Variable y = F.MeanSquaredError(x, NDArray.Zeros((0, 3)));
        y.Backward();
        Assert.That(y.Array.Item<float>(), Is.NaN);
        Assert.That(x.Grad!.Shape, Is.EqualTo((Shape)(0, 3)));
    }

    [Test]
    public void SigmoidCrossEntropy([Values] bool normalize, [Values("mean", "no")] string reduce, [Values(1, 7)] int n)
    {
        NDArray t = NDArray.FromSpan<int>([.. Enumerable.Range(0, n * 3).Select(i => (i % 3) - 1)], (n, 3));
        var test = new FunctionTest(xs => F.SigmoidCrossEntropy(xs[0], xs[1], normalize, reduce))
        {
            Expected = xs =>
            {
                double[] x = xs[0].ToArray<double>();
                int[] labels = xs[1].ToArray<int>();
                double[] loss = [.. x.Select((v, i) => labels[i] == -1 ? 0 : Math.Log(1 + Math.Exp(v)) - (labels[i] * v))];
                return reduce == "no"
                    ? [NDArray.FromSpan<double>(loss, xs[0].Shape)]
                    : [loss.Sum() / (normalize ? labels.Count(label => label != -1) : n)];
            },
            Ulps = 32,
        };
        test.Run(FunctionTest.Uniform((n, 3)), t);
    }

    [Test]
    public void SigmoidCrossEntropyOfLargeScoresIsFinite()
    {
        var x = new Variable(new float[] { -200, 200, -200, 200, 30 });
        Variable loss = F.SigmoidCrossEntropy(x, (NDArray)new[] { 0, 1, 1, 0, 1 }, reduce: "no");
        loss.Grad = NDArray.Ones(5);
        loss.Backward();
        Assert.That(loss.Array.ToArray<float>(), Is.EqualTo(new[] { 0, 0, 200, 200, (float)Math.Exp(-30) }).Within(1e-6).Percent);
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, -1, 1, 0 }).Within(1e-6f));
    }

    [Test]
    public void SigmoidCrossEntropyWithAllIgnoredIsZero()
    {
        var x = new Variable(new float[] { 1, 2 });
        Variable loss = F.SigmoidCrossEntropy(x, (NDArray)new[] { -1, -1 });
        loss.Backward();
        Assert.That(loss.Array.Item<float>(), Is.Zero);
        Assert.That(x.Grad!.ToArray<float>(), Is.All.Zero);
    }

    [TestCase(0.0, 1f, 0f)]
    [TestCase(double.NaN, float.NaN, float.NaN)]
    public void KinksOfActivations(double at, float elu, float relu)
    {
        Assert.That(GradAt(x => F.Relu(x), at), double.IsNaN(at) ? Is.Zero : Is.EqualTo(relu));
        Assert.That(GradAt(x => F.Elu(x, 1), at), Is.EqualTo(elu));
    }

    [Test]
    public void KinksGoWhereChainerSendsThem()
    {
        Assert.That(GradAt(x => F.LeakyRelu(x, 0.25), 0), Is.EqualTo(0.25f));
        Assert.That(GradAt(F.Absolute, 0), Is.Zero);
        Assert.That(GradAt(x => F.ClippedRelu(x, 2), 0), Is.Zero);
        Assert.That(GradAt(x => F.ClippedRelu(x, 2), 2), Is.Zero);
        Assert.That(GradAt(F.HardSigmoid, 2.5), Is.Zero);
        Assert.That(GradAt(F.HardSigmoid, -2.5), Is.Zero);
        Assert.That(GradAt(x => F.Selu(x, 0.5, 3), 0), Is.EqualTo(1.5f));
        Assert.That(GradAt(x => F.PRelu(x, NDArray.Full(Shape.Scalar, 0.25)), 0), Is.EqualTo(1));
        Assert.That(GradAt(x => F.RRelu(x), 0), Is.EqualTo(1));
        Assert.That(GradAt(x => F.Clip(x, -1, 1), -1), Is.EqualTo(1));
        Assert.That(GradAt(x => F.Clip(x, -1, 1), 1), Is.EqualTo(1));
        Assert.That(GradAt(x => F.Clip(x, -1, 1), 1.5), Is.Zero);
        Assert.That(GradAt(x => F.Maximum(x, NDArray.Zeros(1)), 0), Is.EqualTo(1));
        Assert.That(GradAt(x => F.Maximum(NDArray.Zeros(1), x), 0), Is.Zero);
        Assert.That(GradAt(x => F.Minimum(x, NDArray.Zeros(1)), 0), Is.EqualTo(1));
        Assert.That(GradAt(x => Variable.Pow(x, 0), 0), Is.Zero);
        Assert.That(GradAt(x => Variable.Pow(0, x), 2), Is.Zero);
    }

    [Test]
    public void ArraysBesideVariablesAreCastToTheirDType()
    {
        var x = new Variable(new float[] { 1, 2 });
        NDArray a = new double[] { 0.5, 2 };
        foreach (Variable y in new[] { x + a, a + x, x - a, a - x, x * a, a * x, x / a, a / x, Variable.Pow(x, a), Variable.Pow(a, x) })
        {
            Assert.That(y.DType, Is.EqualTo(DType.Float32));
        }

        Assert.That((a - x).Array.ToArray<float>(), Is.EqualTo(new[] { -0.5f, 0 }));
        Assert.That((a / x).Array.ToArray<float>(), Is.EqualTo(new[] { 0.5f, 1 }));
    }

    [Test]
    public void IntegersAddAndKeepTheirDType()
    {
        var x = new Variable(new[] { 1, 2 });
        Assert.That((x + x).DType, Is.EqualTo(DType.Int32));
        Assert.That((x - x).DType, Is.EqualTo(DType.Int32));
        Assert.That((x + 2.75).Array.ToArray<int>(), Is.EqualTo(new[] { 3, 4 }));
        Assert.That((x * 3).Array.ToArray<int>(), Is.EqualTo(new[] { 3, 6 }));
    }

    private static IEnumerable<TestCaseData> RefusedCalls()
    {
        Variable f = new(NDArray.Ones((2, 3)));
        Variable d = new(NDArray.Ones((2, 3), DType.Float64));
        Variable i = new(NDArray.Ones((2, 3), DType.Int32));
        Variable other = new(NDArray.Ones((2, 4)));
        (string, Func<object>, string, string)[] calls =
        [
            ("Exp", () => F.Exp(i), "Exp", "x"),
            ("Log", () => F.Log(i), "Log", "x"),
            ("Sqrt", () => F.Sqrt(i), "Sqrt", "x"),
            ("Square", () => F.Square(i), "Square", "x"),
            ("Absolute", () => F.Absolute(i), "Absolute", "x"),
            ("Relu", () => F.Relu(i), "Relu", "x"),
            ("LeakyRelu", () => F.LeakyRelu(i), "LeakyRelu", "x"),
            ("Elu", () => F.Elu(i), "Elu", "x"),
            ("Sigmoid", () => F.Sigmoid(i), "Sigmoid", "x"),
            ("Tanh", () => F.Tanh(i), "Tanh", "x"),
            ("Softplus", () => F.Softplus(i), "Softplus", "x"),
            ("Clip", () => F.Clip(i, 0, 1), "Clip", "x"),
            ("ClippedRelu", () => F.ClippedRelu(i), "ClippedRelu", "x"),
            ("HardSigmoid", () => F.HardSigmoid(i), "HardSigmoid", "x"),
            ("Selu", () => F.Selu(i), "Selu", "x"),
            ("Sin", () => F.Sin(i), "Sin", "x"),
            ("Erf", () => F.Erf(i), "Erf", "x"),
            ("Log1p", () => F.Log1p(i), "Log1p", "x"),
            ("Rsqrt", () => F.Rsqrt(i), "Rsqrt", "x"),
            ("Arctan2 dtypes", () => F.Arctan2(f, d), "Arctan2", "x2"),
            ("FMod shapes", () => F.FMod(f, other), "FMod", "divisor"),
            ("SquaredDifference shapes", () => F.SquaredDifference(f, other), "SquaredDifference", "x2"),
            ("LinearInterpolate dtypes", () => F.LinearInterpolate(f, f, d), "LinearInterpolate", "y"),
            ("Scale shapes", () => F.Scale(f, other), "Scale", "y"),
            ("Bias dtypes", () => F.Bias(f, NDArray.Ones(3, DType.Float64)), "Bias", "y"),
            ("PRelu shapes", () => F.PRelu(f, NDArray.Ones(2)), "PRelu", "W"),
            ("Swish shapes", () => F.Swish(f, NDArray.Ones((3, 1))), "Swish", "beta"),
            ("RRelu factors", () => F.RRelu(f, r: d.Array), "RRelu", "r"),
            ("CRelu axis", () => F.CRelu(f, 2), "CRelu", "x"),
            ("Maxout pools", () => F.Maxout(f, 2), "Maxout", "x"),
            ("Gaussian shapes", () => F.Gaussian(f, other), "Gaussian", "lnVar"),
            ("GumbelSoftmax", () => F.GumbelSoftmax(i), "GumbelSoftmax", "logPi"),
            ("Zoneout dtypes", () => F.Zoneout(f, d), "Zoneout", "x"),
            ("ArgMax axis", () => F.ArgMax(f, 2), "ArgMax", "x"),
            ("ArgMin of integers", () => F.ArgMin(i), "ArgMin", "x"),
            ("BatchL2NormSquared axes", () => F.BatchL2NormSquared(NDArray.Ones(3)), "BatchL2NormSquared", "x"),
            ("BatchMatMul dtypes", () => F.BatchMatMul(d, d), "BatchMatMul", "a"),
            ("Dropout", () => F.Dropout(i), "Dropout", "x"),
            ("Dropout mask dtype", () => F.Dropout(f, mask: d.Array), "Dropout", "mask"),
            ("Dropout mask shape", () => F.Dropout(f, mask: other.Array), "Dropout", "mask"),
            ("Maximum of integers", () => F.Maximum(i, i), "Maximum", "x1"),
            ("Maximum dtypes", () => F.Maximum(f, d), "Maximum", "x2"),
            ("Maximum shapes", () => F.Maximum(f, other), "Maximum", "x2"),
            ("Minimum dtypes", () => F.Minimum(f, d), "Minimum", "x2"),
            ("Add dtypes", () => f + d, "Add", "rhs"),
            ("Add shapes", () => f + other, "Add", "rhs"),
            ("Add of many", () => F.Add(f, f, d), "Add", "xs[2]"),
            ("Subtract dtypes", () => f - d, "Subtract", "rhs"),
            ("Multiply of integers", () => i * i, "Multiply", "lhs"),
            ("Divide of integers", () => i / i, "Divide", "lhs"),
            ("Divide of integers by a number", () => i / 2, "Divide", "lhs"),
            ("Pow of integers", () => Variable.Pow(i, 2), "Square", "x"),
            ("Pow dtypes", () => Variable.Pow(f, d), "Power", "y"),
            ("MeanSquaredError dtypes", () => F.MeanSquaredError(f, d), "MeanSquaredError", "x1"),
            ("MeanSquaredError shapes", () => F.MeanSquaredError(f, other), "MeanSquaredError", "x1"),
            ("SigmoidCrossEntropy scores", () => F.SigmoidCrossEntropy(i, i), "SigmoidCrossEntropy", "x"),
            ("SigmoidCrossEntropy labels", () => F.SigmoidCrossEntropy(f, f), "SigmoidCrossEntropy", "t"),
            ("SigmoidCrossEntropy shapes", () => F.SigmoidCrossEntropy(other, i), "SigmoidCrossEntropy", "t"),
        ];
        return calls.Select(c => new TestCaseData(c.Item2, c.Item3, c.Item4).SetArgDisplayNames(c.Item1));
    }

    [TestCaseSource(nameof(RefusedCalls))]
    public void WrongTypesAreRefusedByName(Func<object> call, string function, string argument)
    {
        InvalidTypeException e = Assert.Throws<InvalidTypeException>(() => call())!;
        Assert.That((e.Function, e.Argument), Is.EqualTo((function, argument)));
    }

    [Test]
    public void WrongValuesAreRefused()
    {
        var x = new Variable(NDArray.Ones((2, 3)));
        Assert.Throws<ArgumentException>(() => F.Clip(x, null, null));
        Assert.Throws<ArgumentException>(() => F.Clip(x, 1, 1));
        Assert.Throws<ArgumentException>(() => F.Clip(x, double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.ClippedRelu(x, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.RRelu(x, 0.5, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.RRelu(x, 0.5, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.Maxout(x, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.GumbelSoftmax(x, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.Zoneout(x, x, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.Dropout(x, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.Dropout(x, double.NaN));
        Assert.Throws<ArgumentException>(() => F.SigmoidCrossEntropy(x, NDArray.Ones((2, 3), DType.Int32), reduce: "sum"));
        Assert.Throws<ArgumentException>(() => F.Add());
        Assert.Throws<ArgumentNullException>(() => F.Exp(null!));
        Assert.Throws<ArgumentNullException>(() => F.Add(x, null!));
        Assert.Throws<ArgumentNullException>(() => _ = x * (NDArray)null!);
        Assert.Throws<ArgumentNullException>(() => _ = 2 * (Variable)null!);
    }

    [Test]
    public void DropoutKeepsTheExpectationAndSharesItsMaskWithTheGradient()
    {
        var x = new Variable(NDArray.Ones((100, 100)));
        Variable y = F.Dropout(x, 0.25);
        y.Grad = NDArray.Ones((100, 100));
        y.Backward();
        float[] values = y.Array.ToArray<float>();
        Assert.That(values.Distinct().Order(), Is.EqualTo(new[] { 0, 1 / 0.75f }).Within(1e-6f));
        Assert.That(values.Average(), Is.EqualTo(1).Within(0.03));
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(values));
    }

    [Test]
    public void DropoutReturnsTheMaskThatReproducesIt()
    {
        var x = new Variable(FunctionTest.Uniform((7, 11)));
        (Variable y, NDArray? mask) = F.Dropout(x, 0.5, null, returnMask: true);
        Assert.That(mask!.DType, Is.EqualTo(DType.Float64));
        Assert.That(F.Dropout(x, mask: mask).Array.ToArray<double>(), Is.EqualTo(y.Array.ToArray<double>()));
        using (Config.Using(train: false))
        {
            Assert.That(F.Dropout(x, 0.5), Is.SameAs(x));
            Assert.That(F.Dropout(x, 0.5, null, returnMask: true).Mask, Is.Null);
        }
    }

    [Test]
    public void DropoutWithAMaskPassesTheHarness()
    {
        NDArray mask = FunctionTest.Uniform((3, 5), seed: 9);
        var test = new FunctionTest(xs => F.Dropout(xs[0], mask: mask.AsType(xs[0].DType))) { Expected = xs => [Map((a, b) => a * b, xs[0], mask)], Ulps = 16 };
        test.Run(FunctionTest.Uniform((3, 5)));
    }

    [Test]
    public void RoundingIsNoPartOfAGraph()
    {
        var x = new Variable(new[] { -1.5f, -0.5f, 0, 0.5f, float.NaN });
        (Func<Variable, Variable>, float[])[] functions =
        [
            (F.Floor, [-2, -1, 0, 0, float.NaN]), (F.Ceil, [-1, 0, 0, 1, float.NaN]),
            (F.Fix, [-1, 0, 0, 0, float.NaN]), (F.Sign, [-1, -1, 0, 1, float.NaN]),
        ];
        foreach ((Func<Variable, Variable> call, float[] expected) in functions)
        {
            Variable y = call(x);
            Assert.That(y.Array.ToArray<float>(), Is.EqualTo(expected));
            Assert.That((y.Creator, y.RequiresGrad), Is.EqualTo(((FunctionNode?)null, false)));
        }
    }

    [Test]
    public void FunctionsOfOneShape([Values(0, 1, 7)] int size)
    {
        var difference = new FunctionTest(xs => F.SquaredDifference(xs[0], xs[1]))
        {
            Expected = xs => [Map((a, b) => (a - b) * (a - b), xs[0], xs[1])],
        };
        difference.Run(FunctionTest.Uniform((size, 3)), FunctionTest.Uniform((size, 3), seed: 2));
        var between = new FunctionTest(xs => F.LinearInterpolate(xs[0], xs[1], xs[2]))
        {
            Expected = xs => [(xs[0] * xs[1]) + ((1.0 - xs[0]) * xs[2])],
            Ulps = 16,
        };
        between.Run(FunctionTest.Uniform((size, 3), 0, 1), FunctionTest.Uniform((size, 3), seed: 2), FunctionTest.Uniform((size, 3), seed: 3));
    }

    // The series, which is exact enough where the functions are tested.
    private static double Erf(double x)
    {
        double sum = 0, term = x;
        for (int n = 0; n < 60; n++)
        {
            sum += term / ((2 * n) + 1);
            term *= -x * x / (n + 1);
        }

        return sum * 2 / Math.Sqrt(Math.PI);
    }

    private static float GradAt(Func<Variable, Variable> function, double at)
    {
        var x = new Variable(new[] { (float)at });
        function(x).Backward();
        return x.Grad?.Item<float>() ?? 0;
    }

    private static NDArray Map(Func<double, double> value, NDArray x) =>
        NDArray.FromSpan<double>([.. x.ToArray<double>().Select(value)], x.Shape);

    private static NDArray Map(Func<double, double, double> value, NDArray a, NDArray b)
    {
        Assert.That(Shape.TryBroadcast(a.Shape, b.Shape, out Shape shape));
        double[] x = a.BroadcastTo(shape).ToArray<double>();
        double[] y = b.BroadcastTo(shape).ToArray<double>();
        return NDArray.FromSpan<double>([.. x.Zip(y, value)], shape);
    }
}
