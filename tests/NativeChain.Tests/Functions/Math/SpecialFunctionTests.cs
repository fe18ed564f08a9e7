using NUnit.Framework;

namespace NativeChain.Tests;

/// <summary>Special functions against values to 16 digits, and by the harness.</summary>
public class SpecialFunctionTests
{
    private static readonly (string Name, Func<Variable, Variable> Call, (double X, double Y)[] Values, double Low, double High)[] s_functions =
    [
        ("Lgamma", F.Lgamma,
        [
            (1e-10, 23.025850929882736), (0.25, 1.2880225246980774), (1.0, 0.0), (1.5, -0.12078223763524522),
            (4.75, 2.8085714185757364), (7.999, 8.523145786158915), (8.001, 8.527177069108927), (123.4, 469.3360974421906),
            (-0.5, 1.2655121234846454), (-7.3, -7.779101629826852), (0.0, double.PositiveInfinity),
            (-3.0, double.PositiveInfinity),
        ], 0.2, 12),
        ("Lgamma of negatives", F.Lgamma, [(-0.25, 1.589575312551186), (-20.6, -42.96171354661886)], -0.8, -0.2),
        ("Digamma", F.Digamma,
        [
            (0.001, -1000.5755719318103), (0.25, -4.2274535333762655), (1.0, -0.5772156649015329), (1.5, 0.03648997397857652),
            (4.75, 1.4492040552784629), (7.999, 2.015508332090348), (8.001, 2.0157746061213024), (123.4, 4.8113737751162775),
            (-0.5, 0.03648997397857652), (-7.3, 4.33730730551005),
        ], 0.5, 12),
        ("Digamma of negatives", F.Digamma, [(-0.25, 2.9141391202135276), (-20.6, 2.02860126183962)], -0.8, -0.2),
        ("Erfcx", F.Erfcx,
        [
            (-2.0, 108.94090438997797), (-0.5, 1.952360489182557), (0.0, 1.0), (1.0, 0.427583576155807),
            (3.999, 0.1370318485982712), (4.001, 0.13696708158271878), (9.5, 0.05906467835256389), (1000.0, 0.0005641893014533876),
            (1e+20, 5.6418958354775626e-21),
        ], -1.5, 6),
        ("LogNdtr", F.LogNdtr,
        [
            (-10000.0, -50000010.12927891), (-40.0, -804.6084420137538), (-8.5, -39.19739642821767), (-1.001, -1.8425471807560767),
            (-0.999, -1.839496910164778), (0.0, -0.6931471805599453), (2.5, -0.006229025485860002), (9.0, -1.1285884059538405e-19),
        ], -9, 3),
        ("Erfinv", F.Erfinv,
        [
            (-0.999999, -3.458910737275499), (-0.5, -0.4769362762044699), (1e-12, 8.86226925452758e-13), (0.0, 0.0),
            (0.3, 0.2724627147267543), (0.95, 1.3859038243496777), (0.9999999999, 4.572824958544925),
            (1.0, double.PositiveInfinity), (-1.0, double.NegativeInfinity), (1.5, double.NaN),
        ], -0.9, 0.9),
        ("Erfcinv", F.Erfcinv,
        [
            (1e-300, 26.209469960516124), (1e-20, 6.601580622355143), (1e-05, 3.123413274340875), (0.3, 0.7328690779592169),
            (1.0, 0.0), (1.75, -0.8134198475976185), (0.0, double.PositiveInfinity), (2.0, double.NegativeInfinity),
            (-0.5, double.NaN),
        ], 0.2, 1.8),
        ("Ndtri", F.Ndtri,
        [
            (1e-300, -37.0470962993612), (1e-20, -9.262340089798407), (1e-05, -4.264890793922825), (0.3, -0.5244005127080408),
            (0.5, 0.0), (0.875, 1.150349380376008), (0.0, double.NegativeInfinity), (1.0, double.PositiveInfinity),
            (1.5, double.NaN),
        ], 0.1, 0.9),
    ];

    private static IEnumerable<TestCaseData> Values() =>
        s_functions.Select(f => new TestCaseData(f.Call, f.Values).SetArgDisplayNames(f.Name));

    private static IEnumerable<TestCaseData> Ranges() => s_functions.SelectMany(f =>
        new Shape[] { 0, Shape.Scalar, (3, 5) }.Select(shape =>
            new TestCaseData(f.Call, f.Low, f.High, shape).SetArgDisplayNames(f.Name, shape.ToString())));

    [TestCaseSource(nameof(Values))]
    public void HasTheseValues(Func<Variable, Variable> call, (double X, double Y)[] values)
    {
        double[] y = call((NDArray)values.Select(v => v.X).ToArray()).Array.ToArray<double>();
        for (int i = 0; i < y.Length; i++)
        {
            double expected = values[i].Y;
            Assert.That(
                y[i],
                double.IsFinite(expected) ? Is.EqualTo(expected).Within(4e-15 * Math.Max(Math.Abs(expected), 1)) : Is.EqualTo(expected),
                $"at {values[i].X:R}");
        }
    }

    [TestCaseSource(nameof(Ranges))]
    public void PassesTheHarness(Func<Variable, Variable> call, double low, double high, Shape shape) =>
        new FunctionTest(xs => call(xs[0])) { Ulps = 64, DTypes = [DType.Float64, DType.Float32] }
            .Run(FunctionTest.Uniform(shape, low, high));

    [Test]
    public void PolygammaAndZetaPassTheHarness([Values(0, 1, 2, 3)] int n)
    {
        NDArray orders = NDArray.Full(Shape.Scalar, n, DType.Int32), q = FunctionTest.Uniform((3, 5), 0.5, 12);
        new FunctionTest(xs => F.Polygamma(orders, xs[0])) { Ulps = 256, DTypes = [DType.Float64, DType.Float32] }.Run(q);
        new FunctionTest(xs => F.Zeta(NDArray.Full(Shape.Scalar, n + 1.5, xs[0].DType), xs[0]))
        {
            Ulps = 256,
            DTypes = [DType.Float64, DType.Float32],
        }.Run(q);
    }

    [Test]
    public void ZetaHasTheseValues()
    {
        NDArray x = new[] { 2.0, 3.5, 1.0, 0.5, 2.0 }, q = new[] { 1.0, 2.25, 2.0, 1.0, 0.0 };
        double[] y = F.Zeta(x, q).Array.ToArray<double>();
        Assert.That(y[0], Is.EqualTo(Math.PI * Math.PI / 6).Within(4e-15));
        Assert.That(y[1], Is.EqualTo(0.08901224249238886).Within(4e-15));
        Assert.That(y[2..], Is.EqualTo(new[] { double.PositiveInfinity, double.NaN, double.PositiveInfinity }));
    }

    [Test]
    public void PolygammaBroadcastsItsOrders()
    {
        NDArray n = new[] { 0, 1, 2, 3 }, x = new double[,] { { 1.25 }, { 9.5 } };
        NDArray y = F.Polygamma(n, x).Array;
        double[] expected = [-0.22745353337626542, 1.1973291545071107, -1.3277399375369203, 2.782144009188396, 2.1977378764029494, 0.11099728846909904, -0.012307845807709338, 0.0027267288350372493];
        Assert.That(y.ToArray<double>(), Is.EqualTo(expected).Within(1e-13));
        Assert.That(() => F.Polygamma(x, x), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.Polygamma(n, NDArray.Ones(3)), Throws.TypeOf<InvalidTypeException>());
        Assert.That(() => F.Zeta(x, NDArray.Ones(3)), Throws.TypeOf<InvalidTypeException>());
    }
}
