using NUnit.Framework;

namespace NativeChain.Tests;

/// <summary>
/// What every function is held to: its values against an independent computation in each floating point dtype, its gradients and their gradients
/// against differences in float64, backward twice, inputs and outputs that can be read afterwards, inputs that are not contiguous, and a
/// gradient for each input alone. The author gives the call, the inputs and what they should come to; sizes 0, 1 and odd primes belong among them.
/// </summary>
public sealed class FunctionTest
{
    private static readonly DType[] s_floating = [DType.Float64, DType.Float32, DType.Float16, DType.BFloat16];

    private readonly Func<Variable[], Variable[]> _function;

    /// <summary>A test of a function of several outputs.</summary>
    public FunctionTest(Func<Variable[], Variable[]> function) => _function = function;

    /// <summary>A test of a function of one output.</summary>
    public FunctionTest(Func<Variable[], Variable> function) => _function = xs => [function(xs)];

    /// <summary>The outputs for inputs in float64 (integers stay), computed by other means; null leaves values unchecked.</summary>
    public Func<NDArray[], NDArray[]>? Expected { get; init; }

    /// <summary>The dtypes in which the floating point inputs are given.</summary>
    public DType[] DTypes { get; init; } = s_floating;

    /// <summary>The dtype of the outputs where it is not that of the floating point inputs.</summary>
    public DType? OutputDType { get; init; }

    /// <summary>Whether the function is differentiable.</summary>
    public bool Backward { get; init; } = true;

    /// <summary>Whether its gradient is differentiable.</summary>
    public bool DoubleBackward { get; init; } = true;

    /// <summary>The step of the differences.</summary>
    public double Eps { get; init; } = 1e-4;

    /// <summary>How far a derivative may be from a difference.</summary>
    public double GradientTolerance { get; init; } = 1e-5;

    /// <summary>How many units in the last place of the dtype, relative to 1 or to the largest element if that is greater, a value may be off.</summary>
    public double Ulps { get; init; } = 8;

    /// <summary>A float64 array, uniform in [low, high), the same at each run.</summary>
    public static NDArray Uniform(Shape shape, double low = -2, double high = 2, int seed = 1)
    {
        var random = new Random(seed);
        var values = new double[shape.Size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = low + ((high - low) * random.NextDouble());
        }

        return NDArray.FromSpan<double>(values, shape);
    }

    /// <summary>Runs all checks.</summary>
    /// <param name="inputs">float64 arrays, which are cast to each dtype in turn, and arrays of integers or bools, which stay as they are.</param>
    public void Run(params NDArray[] inputs)
    {
        foreach (DType dtype in DTypes)
        {
            NDArray[] xs = [.. inputs.Select(x => x.DType == DType.Float64 ? x.AsType(dtype) : x)];
            CheckValues(xs, dtype);
            if (Backward)
            {
                CheckGradients(xs, dtype);
            }
        }

        if (Backward)
        {
            NDArray[] gys = GradOutputs(Apply(inputs, requiresGrad: false), DType.Float64);
            GradientCheck.CheckBackward(_function, inputs, gys, eps: Eps, atol: GradientTolerance, rtol: GradientTolerance);
            if (DoubleBackward)
            {
                NDArray[] ggxs = [.. inputs.Where(x => x.DType.IsFloating()).Select((x, i) => Uniform(x.Shape, seed: 50 + i))];
                GradientCheck.CheckDoubleBackward(
                    _function, inputs, gys, ggxs, eps: Eps, atol: GradientTolerance, rtol: GradientTolerance);
            }
        }
    }

    /// <summary>Asserts that two lists of arrays agree in shape, and in value within some units in the last place of a dtype.</summary>
    public static void AssertClose(NDArray[] actual, NDArray[] expected, DType dtype, double ulps, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.That(actual[i].Shape, Is.EqualTo(expected[i].Shape), $"{what} {i}: shape");
            double[] a = ToDoubles(actual[i]);
            double[] e = ToDoubles(expected[i]);
            double largest = e.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
            double tolerance = ulps * Epsilon(dtype) * Math.Max(largest, 1);
            for (int k = 0; k < a.Length; k++)
            {
                bool close = a[k].Equals(e[k]) || Math.Abs(a[k] - e[k]) <= tolerance;
                Assert.That(close, $"{what} {i}, element {k}, {dtype.Name()}: {a[k]:R}, expected {e[k]:R} within {tolerance:G3}");
            }
        }
    }

    private void CheckValues(NDArray[] xs, DType dtype)
    {
        double[][] before = [.. xs.Select(ToDoubles)];
        NDArray[] ys = [.. Apply(xs, requiresGrad: true).Select(y => y.Array)];
        foreach (NDArray y in ys)
        {
            Assert.That(y.DType, Is.EqualTo(OutputDType ?? dtype), "dtype of the output");
        }

        if (Expected is not null)
        {
            NDArray[] expected = Expected([.. xs.Select(x => x.DType.IsFloating() ? x.AsType(DType.Float64) : x)]);
            AssertClose(ys, expected, dtype, Ulps, "output");
        }

        NDArray[] strided = [.. Apply([.. xs.Select(Strided)], requiresGrad: false).Select(y => y.Array)];
        AssertClose(strided, ys, dtype, Ulps, "output for inputs that are not contiguous");
        using (Config.NoBackpropMode())
        {
            NDArray[] unrecorded = [.. Apply(xs, requiresGrad: true).Select(y => y.Array)];
            AssertClose(unrecorded, ys, dtype, 0, "output without a graph");
        }

        for (int i = 0; i < xs.Length; i++)
        {
            Assert.That(ToDoubles(xs[i]), Is.EqualTo(before[i]), $"input {i} afterwards");
        }
    }

    private void CheckGradients(NDArray[] xs, DType dtype)
    {
        Variable[] inputs = Variables(xs, requiresGrad: true);
        Variable[] outputs = _function(inputs);
        NDArray[] gys = GradOutputs(outputs, dtype);
        NDArray[] values = [.. outputs.Select(y => y.Array.Copy())];
        NDArray[] gradients = BackwardOf(inputs, outputs, gys);
        for (int i = 0; i < xs.Length; i++)
        {
            Assert.That(ToDoubles(inputs[i].Array), Is.EqualTo(ToDoubles(xs[i])), $"input {i} after backward");
        }

        AssertClose([.. outputs.Select(y => y.Array)], values, dtype, 0, "output after backward");

        // A second backward on the same graph adds the same again.
        NDArray[] twice = BackwardOf(inputs, outputs, gys);
        AssertClose(twice, [.. gradients.Select(g => g.AsType(DType.Float64) * 2)], dtype, Ulps, "gradient after backward twice");

        Variable[] strided = Variables([.. xs.Select(Strided)], requiresGrad: true);
        AssertClose(
            BackwardOf(strided, _function(strided), [.. gys.Select(Strided)]), gradients, dtype, Ulps, "gradient for inputs that are not contiguous");

        // Each input alone.
        int next = 0;
        for (int i = 0; i < xs.Length; i++)
        {
            if (xs[i].DType.IsFloating())
            {
                Variable[] one = [.. xs.Select((x, k) => new Variable(x, requiresGrad: k == i))];
                AssertClose(BackwardOf(one, _function(one), gys), [gradients[next++]], dtype, Ulps, $"gradient of input {i} alone");
                Assert.That(one.Where((_, k) => k != i).All(x => x.Grad is null), "inputs that require no gradient get none");
            }
        }

        if (dtype != DType.Float64)
        {
            // Gradients in float64 for the same inputs, rounded to the dtype.
            Variable[] wide = Variables([.. xs.Select(x => x.DType.IsFloating() ? x.AsType(DType.Float64) : x)], requiresGrad: true);
            NDArray[] exact = BackwardOf(wide, _function(wide), [.. gys.Select(g => g.AsType(DType.Float64))]);
            AssertClose(gradients, exact, dtype, 4 * Ulps, "gradient");
        }
    }

    // The gradients of those inputs that have one, which is all that are floating point and require it.
    private static NDArray[] BackwardOf(Variable[] inputs, Variable[] outputs, NDArray[] gys)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i].Grad = gys[i];
        }

        foreach (Variable y in outputs)
        {
            if (y.Creator is not null && y.Grad is not null)
            {
                y.Backward();
            }
        }

        return [.. inputs.Where(x => x.RequiresGrad && x.DType.IsFloating()).Select(x =>
        {
            Assert.That(x.Grad, Is.Not.Null, "a gradient for every floating point input");
            Assert.That(x.Grad!.DType, Is.EqualTo(x.DType), "dtype of the gradient");
            return x.Grad;
        })];
    }

    private Variable[] Apply(NDArray[] xs, bool requiresGrad) => _function(Variables(xs, requiresGrad));

    private static Variable[] Variables(NDArray[] xs, bool requiresGrad) =>
        [.. xs.Select(x => new Variable(x, requiresGrad: requiresGrad && x.DType.IsFloating()))];

    private static NDArray[] GradOutputs(Variable[] outputs, DType dtype) =>
        [.. outputs.Select((y, i) => Uniform(y.Shape, seed: 20 + i).AsType(dtype))];

    // The same elements, two steps apart along the last axis and with the axes stored in reverse order.
    private static NDArray Strided(NDArray x)
    {
        if (x.NDim == 0)
        {
            return x;
        }

        NDArray reversed = x.T;
        int[] extents = [.. reversed.Shape];
        extents[0] *= 2;
        NDArray room = NDArray.Empty(extents, x.DType);
        NDArray view = room[new Slice(null, null, 2)];
        reversed.CopyTo(view);
        return view.T;
    }

    private static double[] ToDoubles(NDArray x) => x.AsType(DType.Float64).ToArray<double>();

    private static double Epsilon(DType dtype) => dtype switch
    {
        DType.Float16 => 9.8e-4,
        DType.BFloat16 => 7.9e-3,
        DType.Float32 => 1.2e-7,
        _ => 2.3e-16,
    };
}
