using NativeChain.Optimizers;
using NUnit.Framework;

namespace NativeChain.Tests.Optimizers;

/// <summary>Each update rule against its formula, element by element in plain arithmetic.</summary>
[TestFixture]
public class UpdateRuleTests
{
    private const int Steps = 4;

    /// <summary>One element of a parameter: what it is updated to by a gradient, and what it remembers by name.</summary>
    private sealed class Memory
    {
        public Dictionary<string, double> Values { get; } = [];

        public int T { get; set; }

        public double this[string name]
        {
            get => Values.GetValueOrDefault(name);
            set => Values[name] = value;
        }
    }

    private static readonly (Optimizer Optimizer, Func<Memory, double, double, double> Formula)[] s_rules =
    [
        (new CorrectedMomentumSGD(0.1, 0.8), (s, p, g) => p + (0.1 * (s["v"] = (0.8 * s["v"]) - g))),
        (new NesterovAG(0.1, 0.8), (s, p, g) => p + (0.64 * (s["v"] = (0.8 * s["v"]) - (0.1 * g))) - (1.8 * 0.1 * g)),
        (new AdaGrad(0.1, 0.01), (s, p, g) => p - (0.1 * g / (Math.Sqrt(s["h"] += g * g) + 0.01))),
        (new AdaDelta(0.9, 0.01), AdaDelta),
        (new RMSprop(0.1, 0.9, 0.01), (s, p, g) => p - (0.1 * g / (Math.Sqrt(s["ms"] = (0.9 * s["ms"]) + (0.1 * g * g)) + 0.01))),
        (new RMSprop(0.1, 0.9, 0.01, epsInsideSqrt: true),
            (s, p, g) => p - (0.1 * g / Math.Sqrt((s["ms"] = (0.9 * s["ms"]) + (0.1 * g * g)) + 0.01))),
        (new RMSpropGraves(0.1, 0.9, 0.8, 0.01), RMSpropGraves),
        (new SMORMS3(0.3, 1e-6), SMORMS3),
        (new MSVAG(0.1, 0.8, 0.5, 0.05), MSVAG),
        (new AdamW(0.1, 0.8, 0.9, 0.01, 0.5, 0.05), (s, p, g) => Adam(s, p, g, 0.5, 0.05, false, false)),
        (new AMSGrad(0.1, 0.8, 0.9, 0.01, 0.5), (s, p, g) => Adam(s, p, g, 0.5, 0, true, false)),
        (new AdaBound(0.1, 0.8, 0.9, 0.05, 0.2, 0.01, 0.5), (s, p, g) => Adam(s, p, g, 0.5, 0, false, true)),
        (new AMSBound(0.1, 0.8, 0.9, 0.05, 0.2, 0.01, 0.5), (s, p, g) => Adam(s, p, g, 0.5, 0, true, true)),
    ];

    private static IEnumerable<TestCaseData> Rules() => s_rules.Select((rule, i) =>
        new TestCaseData(rule.Optimizer, rule.Formula).SetArgDisplayNames($"{rule.Optimizer.GetType().Name} {i}"));

    [TestCaseSource(nameof(Rules))]
    public void FollowsItsFormula(Optimizer optimizer, object formula)
    {
        var update = (Func<Memory, double, double, double>)formula;
        OptimizerTests.Pair model = new();
        optimizer.Setup(model);
        double[] p = [1, 1, 1];
        Memory[] memories = [new(), new(), new()];
        for (int step = 0; step < Steps; step++)
        {
            // The last element never has a gradient.
            double[] g = [0.5 * (step + 1), step % 2 == 0 ? -2 : 0.25, 0];
            model.A.Grad = g;
            optimizer.Update();
            for (int i = 0; i < p.Length; i++)
            {
                memories[i].T++;
                p[i] = update(memories[i], p[i], g[i]);
            }
            Assert.That(model.A.Array.ToArray<double>(), Is.EqualTo(p).Within(1e-12), $"step {step}");
        }
        foreach ((string name, NDArray state) in model.A.UpdateRule!.State!)
        {
            Assert.That(state.ToArray<double>(), Is.EqualTo(memories.Select(m => m[name])).Within(1e-12), name);
        }
    }

    [TestCaseSource(nameof(Rules))]
    public void GoesOnFromASnapshot(Optimizer optimizer, object formula)
    {
        _ = formula;
        OptimizerTests.Pair model = new(), copy = new();
        optimizer.Setup(model);
        OptimizerTests.Step(optimizer, model, 0.5);
        OptimizerTests.Step(optimizer, model, -0.25);

        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        NativeChain.Serializers.SaveNpz(file, optimizer);
        optimizer.Setup(copy);
        NativeChain.Serializers.LoadNpz(file, optimizer);
        File.Delete(file);
        copy.A.CopyData(model.A);
        Assert.That(copy.A.UpdateRule!.T, Is.EqualTo(2));

        // The saved optimizer has let go of the first model; its rules have not.
        foreach (Parameter param in model.Params().Concat(copy.Params()))
        {
            param.Grad = NDArray.FullLike(param.Array, 0.125);
            param.Update();
        }
        Assert.That(copy.A.Array.ToArray<double>(), Is.EqualTo(model.A.Array.ToArray<double>()).Within(1e-12));
    }

    [Test]
    public void AnEpsilonThatUnderflowsIsRefused()
    {
        NativeChain.Links.Linear link = new(1, 1);
        foreach (Optimizer optimizer in new Optimizer[] { new RMSprop(eps: 1e-60), new AdaGrad(eps: 1e-60), new SMORMS3(eps: 1e-60) })
        {
            optimizer.Setup(link);
            Assert.That(optimizer.Update, Throws.InvalidOperationException.With.Message.Contains("eps"));
        }
    }

    [Test]
    public void RMSpropGravesTakesLargeGradientsThatAreAlike()
    {
        NativeChain.Links.Linear link = new(5, 20);
        Optimizer optimizer = new RMSpropGraves().Setup(link);
        NDArray gradient = NDArray.Arange(100.0).Reshape((20, 5)).AsType(DType.Float32) * 73.1;
        for (int step = 0; step < 400; step++)
        {
            link.W.Grad = gradient * (1 + (1e-4 * Math.Sin(step)));
            optimizer.Update();
        }
        Assert.That(link.W.Array.ToArray<float>(), Has.All.Matches<float>(float.IsFinite));
    }

    private static double AdaDelta(Memory s, double p, double g)
    {
        s["msg"] = (0.9 * s["msg"]) + (0.1 * g * g);
        double dx = Math.Sqrt((s["msdx"] + 0.01) / (s["msg"] + 0.01)) * g;
        s["msdx"] = (0.9 * s["msdx"]) + (0.1 * dx * dx);
        return p - dx;
    }

    private static double RMSpropGraves(Memory s, double p, double g)
    {
        s["n"] = (0.9 * s["n"]) + (0.1 * g * g);
        s["g"] = (0.9 * s["g"]) + (0.1 * g);
        s["delta"] = (0.8 * s["delta"]) - (0.1 * g / Math.Sqrt(s["n"] - (s["g"] * s["g"]) + 0.01));
        return p + s["delta"];
    }

    private static double SMORMS3(Memory s, double p, double g)
    {
        double mem = s.T == 1 ? 1 : s["mem"], r = 1 / (mem + 1);
        s["g"] = ((1 - r) * s["g"]) + (r * g);
        s["g2"] = ((1 - r) * s["g2"]) + (r * g * g);
        double x = s["g"] * s["g"] / (s["g2"] + 1e-6);
        s["mem"] = 1 + (mem * (1 - x));
        return p - (g * Math.Min(x, 0.3) / (Math.Sqrt(s["g2"]) + 1e-6));
    }

    private static double MSVAG(Memory s, double p, double g)
    {
        s["m"] = (0.8 * s["m"]) + (0.2 * g);
        s["v"] = (0.8 * s["v"]) + (0.2 * g * g);
        double power = Math.Pow(0.8, s.T);
        double rho = Math.Min(0.9999, 0.04 * (1 - (power * power)) / (Math.Pow(1 - power, 2) * 0.36));
        double m = s["m"] / (1 - power), v = s["v"] / (1 - power);
        double factor = m == 0 ? 0 : Math.Clamp(m * m / ((m * m) + (rho * (v - (m * m)) / (1 - rho))), 0, 1);
        return p - (0.5 * ((0.1 * m * factor) + (0.05 * p)));
    }

    private static double Adam(Memory s, double p, double g, double eta, double decay, bool amsgrad, bool adabound)
    {
        s["m"] = (0.8 * s["m"]) + (0.2 * g);
        s["v"] = (0.9 * s["v"]) + (0.1 * g * g);
        s["vhat"] = amsgrad ? Math.Max(s["vhat"], s["v"]) : s["v"];
        double step = 0.1 * Math.Sqrt(1 - Math.Pow(0.9, s.T)) / (1 - Math.Pow(0.8, s.T)) / (Math.Sqrt(s["vhat"]) + 0.01);
        if (adabound)
        {
            step = Math.Clamp(step, 0.05 * (1 - (1 / ((0.2 * s.T) + 1))), 0.05 * (1 + (1 / (0.2 * s.T))));
        }
        return p - (eta * ((step * s["m"]) + (decay * p)));
    }
}
