using NUnit.Framework;

namespace NativeChain.Tests.Functions;

/// <summary>The n-step functions, each against its formulas written out, number by number.</summary>
[TestFixture]
public class NStepTests
{
    private const int N = 2;

    public enum Unit
    {
        LSTM,
        GRU,
        Tanh,
        Relu,
    }

    [Test]
    public void OneLayer([Values] Unit unit, [Values(1, 2)] int directions) => Check(unit, 1, directions, [3, 2, 2, 1], 3);

    [Test]
    public void TwoLayers([Values] Unit unit, [Values(1, 2)] int directions) => Check(unit, 2, directions, [2, 2], 1);

    [Test]
    public void OneStep([Values] Unit unit) => Check(unit, 1, 2, [1], 1);

    [Test]
    public void SequencesWithoutSteps([Values] Unit unit, [Values(1, 2)] int directions) => Check(unit, 1, directions, [2, 1, 0], 2, batch: 3);

    [Test]
    public void EmptyBatch([Values] Unit unit) => Check(unit, 1, 1, [0, 0], 2);

    [Test]
    public void ManyUnits([Values] Unit unit, [Values(5, 17)] int batch, [Values(3, 8)] int steps)
    {
        // Enough of them for every way in which products and lines are computed.
        (int width, int n) = (33, 67);
        var net = new Net(unit, 1, 2, n, width);
        NDArray[] inputs = [.. net.Parameters(0.2), .. Enumerable.Range(0, steps).Select(t => FunctionTest.Uniform((batch, width), seed: 90 + t))];
        NDArray[] states = [.. Enumerable.Range(0, net.States).Select(k => FunctionTest.Uniform((2, batch, n), seed: 80 + k))];
        Variable[] ys = net.Apply([.. states.Concat(inputs).Select(x => new Variable(x.AsType(DType.Float32)))]);
        FunctionTest.AssertClose([.. ys.Select(y => y.Array)], net.Expected([.. states, .. inputs]), DType.Float32, 64, "output");
    }

    [Test]
    public void TheFusedGradientIsThatOfTheComposedFunction([Values] Unit unit, [Values(1, 2)] int directions)
    {
        var net = new Net(unit, 2, directions, 5, 3);
        NDArray[] inputs =
        [
            .. Enumerable.Range(0, net.States).Select(k => FunctionTest.Uniform((2 * directions, 4, 5), seed: 80 + k)),
            .. net.Parameters(1),
            .. new[] { 4, 3, 3, 1 }.Select((size, t) => FunctionTest.Uniform((size, 3), seed: 90 + t)),
        ];
        NDArray[] Gradients(bool composed)
        {
            Variable[] xs = [.. inputs.Select(x => new Variable(x))];
            Variable[] ys = F.Identity(net.Apply(xs));
            for (int i = 0; i < ys.Length; i++)
            {
                ys[i].Grad = FunctionTest.Uniform(ys[i].Shape, seed: 20 + i);
            }

            ys[0].Backward(enableDoubleBackprop: composed);
            return [.. xs.Select(x => x.Grad!)];
        }

        FunctionTest.AssertClose(Gradients(false), Gradients(true), DType.Float64, 64, "gradient");
    }

    [Test]
    public void MissingStatesAreZeros([Values] Unit unit)
    {
        var net = new Net(unit, 1, 1, N, 3);
        NDArray[] rest = [.. net.Parameters(1), FunctionTest.Uniform((2, 3), seed: 90), FunctionTest.Uniform((1, 3), seed: 91)];
        Variable[] variables = [.. rest.Select(x => new Variable(x))];
        Variable[] ys = net.Apply(variables, withStates: false);
        NDArray[] zeros = [.. Enumerable.Repeat(NDArray.Zeros((1, 2, N), DType.Float64), net.States)];
        FunctionTest.AssertClose([.. ys.Select(y => y.Array)], net.Expected([.. zeros, .. rest]), DType.Float64, 16, "output");
    }

    [Test]
    public void OutputsAreDroppedBetweenLayersInTrainingMode()
    {
        var net = new Net(Unit.Tanh, 2, 1, 4, 4);
        Variable[] p = [.. net.Parameters(1).Select(x => new Variable(x))];
        Variable[] xs = [new(FunctionTest.Uniform((3, 4), seed: 90)), new(FunctionTest.Uniform((2, 4), seed: 91))];
        Variable[][] ws = [[p[0], p[1]], [p[4], p[5]]];
        Variable[][] bs = [[p[2], p[3]], [p[6], p[7]]];
        NDArray.Random.Seed(1);
        (_, Variable[] ys) = F.NStepRNN(2, 0.5, null, ws, bs, xs);
        NDArray.Random.Seed(1);
        (_, Variable[] first) = F.NStepRNN(1, 0.5, null, [ws[0]], [bs[0]], xs);
        Variable[] dropped = F.SplitAxis(F.Dropout(F.Concat(first, 0), 0.5), [3], 0);
        (_, Variable[] second) = F.NStepRNN(1, 0.5, null, [ws[1]], [bs[1]], dropped);
        FunctionTest.AssertClose([.. ys.Select(y => y.Array)], [.. second.Select(y => y.Array)], DType.Float64, 0, "output");
        using (Config.Using(train: false))
        {
            (_, first) = F.NStepRNN(2, 0.5, null, ws, bs, xs);
            (_, second) = F.NStepRNN(2, 0.0, null, ws, bs, xs);
            FunctionTest.AssertClose([.. first.Select(y => y.Array)], [.. second.Select(y => y.Array)], DType.Float64, 0, "output in test mode");
        }
    }

    [Test]
    [NoLeaks]
    public void WithoutAGraphNothingIsKept()
    {
        var net = new Net(Unit.LSTM, 1, 1, 8, 8);
        Variable[] inputs =
        [
            .. Enumerable.Range(0, 2).Select(k => new Variable(FunctionTest.Uniform((1, 4, 8), seed: 80 + k))),
            .. net.Parameters(1).Select(x => new Variable(x)),
            .. Enumerable.Range(0, 3).Select(t => new Variable(FunctionTest.Uniform((4, 8), seed: 90 + t))),
        ];
        using (Config.NoBackpropMode())
        {
            long before = NativeMemory.GetStats().Live;
            Variable[] ys = net.Apply(inputs);
            Assert.That(ys.All(y => y.Creator is null));

            // What is left is what the outputs lie in, and the joined weights, biases and inputs, which the collector takes.
            NativeMemory.Collect();
            Assert.That(NativeMemory.GetStats().Live - before, Is.LessThanOrEqualTo(16 * ys.Sum(y => y.Array.NBytes)));
            GC.KeepAlive(ys);
            GC.KeepAlive(inputs);
        }
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable[] w = [NDArray.Zeros((N, 3)), NDArray.Zeros((N, N))];
        Variable[] b = [NDArray.Zeros(N), NDArray.Zeros(N)];
        Variable x = NDArray.Zeros((2, 3));
        Variable h = NDArray.Zeros((1, 2, N));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [b], [x]), Throws.Nothing);
        Assert.That(() => F.NStepRNN(0, 0, h, [w], [b], [x]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [b], [x], "sigmoid"), Throws.ArgumentException.With.Message.Contains("activation"));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [b], []), Throws.ArgumentException.With.Message.Contains("steps"));
        Assert.That(() => F.NStepRNN(2, 0, h, [w], [b], [x]), Throws.ArgumentException.With.Message.Contains("ws"));
        Assert.That(() => F.NStepRNN(1, 0, h, [[w[0]]], [b], [x]), Throws.ArgumentException.With.Message.Contains("ws[0]"));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [[b[0], null!]], [x]), Throws.ArgumentNullException.With.Message.Contains("bs[0][1]"));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [b], [NDArray.Zeros((2, 4))]), Refuses("ws[0][0]"));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [b], [x, NDArray.Zeros((3, 3))]), Refuses("xs[1]"));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [b], [x, NDArray.Zeros((2, 4))]), Refuses("xs[1]"));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [b], [NDArray.Zeros(3)]), Refuses("xs[0]"));
        Assert.That(() => F.NStepRNN(1, 0, NDArray.Zeros((1, 1, N)), [w], [b], [x]), Refuses("hx"));
        Assert.That(() => F.NStepRNN(1, 0, NDArray.Zeros((2, 2, N)), [w], [b], [x]), Refuses("hx"));
        Assert.That(() => F.NStepRNN(1, 0, NDArray.Zeros((1, 2, N), DType.Float64), [w], [b], [x]), Refuses("hx"));
        Assert.That(() => F.NStepRNN(1, 0, h, [[w[0], NDArray.Zeros((N, 3))]], [b], [x]), Refuses("ws[0][1]"));
        Assert.That(() => F.NStepRNN(1, 0, h, [w], [[b[0], NDArray.Zeros(3)]], [x]), Refuses("bs[0][1]"));
        Assert.That(() => F.NStepRNN(1, 0, h, null!, [b], [x]), Throws.ArgumentNullException);
    }

    private static NUnit.Framework.Constraints.Constraint Refuses(string argument) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains("NStepRNN").And.Message.Contains($"'{argument}'");

    private static void Check(Unit unit, int layers, int directions, int[] sizes, int width, int? batch = null)
    {
        var net = new Net(unit, layers, directions, N, width);
        new FunctionTest(net.Apply)
        {
            Expected = net.Expected,
            Ulps = 64,
            DTypes = [DType.Float64, DType.Float32, DType.Float16],
        }.Run(
        [
            .. Enumerable.Range(0, net.States).Select(k => FunctionTest.Uniform((layers * directions, batch ?? sizes[0], N), seed: 80 + k)),
            .. net.Parameters(1),
            .. sizes.Select((size, t) => FunctionTest.Uniform((size, width), seed: 90 + t)),
        ]);
    }

    /// <summary>A stack of units; its inputs are the states, then the weights and biases of each layer and direction, then the steps.</summary>
    private sealed class Net(Unit unit, int layers, int directions, int n, int width)
    {
        private readonly int _weights = unit switch { Unit.LSTM => 8, Unit.GRU => 6, _ => 2 };

        public int States => unit == Unit.LSTM ? 2 : 1;

        public NDArray[] Parameters(double scale)
        {
            var parameters = new List<NDArray>();
            for (int at = 0; at < layers * directions; at++)
            {
                int inputs = at < directions ? width : directions * n;
                for (int j = 0; j < _weights; j++)
                {
                    parameters.Add(FunctionTest.Uniform((n, j < _weights / 2 ? inputs : n), -scale, scale, seed: (100 * at) + j));
                }

                for (int j = 0; j < _weights; j++)
                {
                    parameters.Add(FunctionTest.Uniform(n, seed: (100 * at) + 50 + j));
                }
            }

            return [.. parameters];
        }

        public Variable[] Apply(Variable[] inputs) => Apply(inputs, withStates: true);

        public Variable[] Apply(Variable[] inputs, bool withStates)
        {
            int states = withStates ? States : 0;
            Variable? h = withStates ? inputs[0] : null;
            Variable? c = withStates && States == 2 ? inputs[1] : null;
            Variable[][] all = [.. inputs.Skip(states).Take(layers * directions * 2 * _weights).Chunk(_weights)];
            Variable[][] ws = [.. all.Where((_, i) => i % 2 == 0)];
            Variable[][] bs = [.. all.Where((_, i) => i % 2 == 1)];
            Variable[] xs = [.. inputs.Skip(states + (layers * directions * 2 * _weights))];
            if (unit == Unit.LSTM)
            {
                (Variable hy, Variable cy, Variable[] outputs) = directions == 1
                    ? F.NStepLSTM(layers, 0, h, c, ws, bs, xs)
                    : F.NStepBiLSTM(layers, 0, h, c, ws, bs, xs);
                return [hy, cy, .. outputs];
            }

            string activation = unit == Unit.Relu ? "relu" : "tanh";
            (Variable final, Variable[] ys) = (unit, directions) switch
            {
                (Unit.GRU, 1) => F.NStepGRU(layers, 0, h, ws, bs, xs),
                (Unit.GRU, _) => F.NStepBiGRU(layers, 0, h, ws, bs, xs),
                (_, 1) => F.NStepRNN(layers, 0, h, ws, bs, xs, activation),
                _ => F.NStepBiRNN(layers, 0, h, ws, bs, xs, activation),
            };
            return [final, .. ys];
        }

        public NDArray[] Expected(NDArray[] inputs)
        {
            double[][] values = [.. inputs.Select(x => x.ToArray<double>())];
            int batch = inputs[0].Shape[1];
            int first = States + (layers * directions * 2 * _weights);
            int[] sizes = [.. inputs.Skip(first).Select(x => x.Shape[0])];

            // [step][sequence][unit]
            double[][][] xs = [.. values.Skip(first).Select((x, t) => Enumerable.Range(0, sizes[t]).Select(b => x[(b * width)..((b + 1) * width)]).ToArray())];
            var final = new double[States][];
            for (int k = 0; k < States; k++)
            {
                final[k] = (double[])values[k].Clone();
            }

            for (int layer = 0; layer < layers; layer++)
            {
                double[][][] ys = [.. xs.Select(step => step.Select(_ => Array.Empty<double>()).ToArray())];
                for (int direction = 0; direction < directions; direction++)
                {
                    int at = (layer * directions) + direction;
                    double[][] p = values[(States + (at * 2 * _weights))..(States + ((at + 1) * 2 * _weights))];
                    for (int b = 0; b < batch; b++)
                    {
                        double[] State(int k) => final[k][(((at * batch) + b) * n)..(((at * batch) + b + 1) * n)];
                        double[] h = State(0);
                        double[] c = States == 2 ? State(1) : [];
                        IEnumerable<int> steps = Enumerable.Range(0, xs.Length).Where(t => b < sizes[t]);
                        foreach (int t in direction == 0 ? steps : steps.Reverse())
                        {
                            (h, c) = Step(p, xs[t][b], h, c);
                            ys[t][b] = [.. ys[t][b], .. h];
                        }

                        h.CopyTo(final[0], ((at * batch) + b) * n);
                        if (States == 2)
                        {
                            c.CopyTo(final[1], ((at * batch) + b) * n);
                        }
                    }
                }

                xs = ys;
            }

            return
            [
                .. final.Select(state => NDArray.FromSpan<double>(state, (layers * directions, batch, n))),
                .. xs.Select(step => NDArray.FromSpan<double>(step.SelectMany(row => row).ToArray(), (step.Length, directions * n))),
            ];
        }

        private (double[] H, double[] C) Step(double[][] p, double[] x, double[] h, double[] c)
        {
            double Of(int j, double[] v, int u)
            {
                double sum = p[_weights + j][u];
                for (int k = 0; k < v.Length; k++)
                {
                    sum += p[j][(u * v.Length) + k] * v[k];
                }

                return sum;
            }

            int gates = _weights / 2;
            double Both(int gate, int u) => Of(gate, x, u) + Of(gates + gate, h, u);
            static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
            var h2 = new double[n];
            var c2 = new double[c.Length];
            for (int u = 0; u < n; u++)
            {
                switch (unit)
                {
                    case Unit.LSTM:
                        c2[u] = (Sigmoid(Both(1, u)) * c[u]) + (Sigmoid(Both(0, u)) * Math.Tanh(Both(2, u)));
                        h2[u] = Sigmoid(Both(3, u)) * Math.Tanh(c2[u]);
                        break;
                    case Unit.GRU:
                        double z = Sigmoid(Both(1, u));
                        h2[u] = ((1 - z) * Math.Tanh(Of(2, x, u) + (Sigmoid(Both(0, u)) * Of(5, h, u)))) + (z * h[u]);
                        break;
                    default:
                        h2[u] = unit == Unit.Relu ? Math.Max(Both(0, u), 0) : Math.Tanh(Both(0, u));
                        break;
                }
            }

            return (h2, c2);
        }
    }
}
