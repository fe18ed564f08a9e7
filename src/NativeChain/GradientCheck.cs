using System.Globalization;
using System.Text;

namespace NativeChain;

/// <summary>Checks of gradients against finite differences, for those who write functions.</summary>
/// <remarks>
/// The derivative along one random direction is compared: two calls of the function for each check, however many inputs there are. Give the
/// inputs in float64, or <c>dtype: DType.Float64</c>: the differences of float32 values are mostly rounding.
/// </remarks>
public static class GradientCheck
{
    /// <summary>Checks the gradient of a function of one input and one output.</summary>
    /// <inheritdoc cref="CheckBackward(Func{Variable[], Variable[]}, NDArray[], NDArray[], Parameter[], double, double, double, DType?, ulong)"/>
    public static void CheckBackward(
        Func<Variable, Variable> func, NDArray x, NDArray? gradOutput = null, double eps = 1e-3, double atol = 1e-5, double rtol = 1e-4)
    {
        ArgumentNullException.ThrowIfNull(func);
        ArgumentNullException.ThrowIfNull(x);
        CheckBackward(xs => [func(xs[0])], [x], gradOutput is null ? null : [gradOutput], null, eps, atol, rtol);
    }

    /// <summary>Checks the gradients of a function with respect to its floating-point inputs and to parameters that it uses.</summary>
    /// <param name="func">The function. It must give the same outputs whenever it is given the same inputs.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="gradOutputs">The gradient of each output, null for none; may be left out for one 0-d output.</param>
    /// <param name="parameters">Parameters that the function uses; restored afterwards.</param>
    /// <param name="eps">The step along the direction, forward and back.</param>
    /// <param name="atol">How far the derivatives may differ.</param>
    /// <param name="rtol">How far the derivatives may differ, relative to that by backward.</param>
    /// <param name="dtype">The dtype in which the differences are computed; null for that of the inputs.</param>
    /// <param name="seed">Chooses the direction.</param>
    /// <exception cref="ArgumentNullException"><paramref name="func"/> or <paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">Gradients and outputs do not belong together.</exception>
    /// <exception cref="GradientCheckException">The derivatives differ.</exception>
    public static void CheckBackward(
        Func<Variable[], Variable[]> func,
        NDArray[] x,
        NDArray?[]? gradOutputs = null,
        Parameter[]? parameters = null,
        double eps = 1e-3,
        double atol = 1e-5,
        double rtol = 1e-4,
        DType? dtype = null,
        ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(func);
        ArgumentNullException.ThrowIfNull(x);
        Check(xs => func(xs), x, gradOutputs, parameters ?? [], eps, atol, rtol, dtype, seed);
    }

    /// <summary>Checks that the gradients of a function can be differentiated again, and their gradients.</summary>
    /// <param name="func">The function. It must give the same outputs whenever it is given the same inputs.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="gradOutputs">The gradient of each output, null for none.</param>
    /// <param name="gradGradInputs">The gradient of the gradient of each floating-point input, then of each parameter; null for ones.</param>
    /// <param name="parameters">Parameters that the function uses; restored afterwards.</param>
    /// <param name="eps">The step along the direction, forward and back.</param>
    /// <param name="atol">How far the derivatives may differ.</param>
    /// <param name="rtol">How far the derivatives may differ, relative to that by backward.</param>
    /// <param name="dtype">The dtype in which the differences are computed; null for that of the inputs.</param>
    /// <param name="seed">Chooses the direction.</param>
    /// <exception cref="ArgumentNullException"><paramref name="func"/>, <paramref name="x"/> or <paramref name="gradOutputs"/> is null.</exception>
    /// <exception cref="ArgumentException">Gradients and outputs do not belong together.</exception>
    /// <exception cref="GradientCheckException">The derivatives differ.</exception>
    public static void CheckDoubleBackward(
        Func<Variable[], Variable[]> func,
        NDArray[] x,
        NDArray?[] gradOutputs,
        NDArray?[]? gradGradInputs = null,
        Parameter[]? parameters = null,
        double eps = 1e-3,
        double atol = 1e-5,
        double rtol = 1e-4,
        DType? dtype = null,
        ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(func);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(gradOutputs);
        parameters ??= [];
        int[] given = [.. Enumerable.Range(0, gradOutputs.Length).Where(i => gradOutputs[i] is not null)];

        Variable?[] Gradients(Variable[] inputs)
        {
            Variable[] xs = inputs[..x.Length];
            Variable[] ys = func(xs);
            Variable[] targets = [.. xs.Where(v => v.DType.IsFloating()), .. parameters];
            return Autograd.Grad(
                [.. given.Select(i => ys[i])], targets, [.. inputs[x.Length..]], enableDoubleBackprop: true);
        }

        NDArray[] inputs = [.. x, .. given.Select(i => gradOutputs[i]!)];
        int count = x.Count(a => a.DType.IsFloating()) + parameters.Length;
        if (gradGradInputs is not null && gradGradInputs.Length != count)
        {
            throw new ArgumentException(
                $"CheckDoubleBackward: {gradGradInputs.Length} gradients for {count} inputs and parameters.", nameof(gradGradInputs));
        }
        gradGradInputs ??=
            [.. x.Where(a => a.DType.IsFloating()).Select(a => NDArray.OnesLike(a)), .. parameters.Select(p => NDArray.OnesLike(p.Array))];
        Check(Gradients, inputs, gradGradInputs, parameters, eps, atol, rtol, dtype, seed);
    }

    /// <summary>The gradients of sum(gy * y) with respect to every element of the inputs, by differences: two calls for each element.</summary>
    /// <param name="func">Computes the outputs from the inputs given, which it reads anew at each call.</param>
    /// <param name="inputs">Floating-point arrays; changed between the calls, and restored.</param>
    /// <param name="gradOutputs">The gradient of each output; null for none.</param>
    /// <param name="eps">The step, forward and back.</param>
    /// <returns>A gradient for each input, of its shape and dtype.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static NDArray[] NumericalGrad(
        Func<NDArray[]> func, NDArray[] inputs, NDArray?[] gradOutputs, double eps = 1e-3)
    {
        ArgumentNullException.ThrowIfNull(func);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(gradOutputs);
        var gradients = new NDArray[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            NDArray x = inputs[i];
            double[] values = ToDoubles(x);
            var gradient = new double[values.Length];
            for (int k = 0; k < values.Length; k++)
            {
                double value = values[k];
                values[k] = value + eps;
                FromDoubles(values, x).CopyTo(x);
                double forward = Dot(func(), gradOutputs);
                values[k] = value - eps;
                FromDoubles(values, x).CopyTo(x);
                gradient[k] = (forward - Dot(func(), gradOutputs)) / (2 * eps);
                values[k] = value;
                FromDoubles(values, x).CopyTo(x);
            }
            gradients[i] = FromDoubles(gradient, x);
        }
        return gradients;
    }

    private static void Check(
        Func<Variable[], Variable?[]> func,
        NDArray[] x,
        NDArray?[]? gradOutputs,
        Parameter[] parameters,
        double eps,
        double atol,
        double rtol,
        DType? dtype,
        ulong seed)
    {
        if (dtype is DType wanted && !wanted.IsFloating())
        {
            throw new ArgumentException($"GradientCheck: differences in {wanted.Name()}, which is not floating point.", nameof(dtype));
        }
        Variable[] xs = [.. x.Select(a => new Variable(a, requiresGrad: a.DType.IsFloating()))];
        Variable?[] ys = func(xs);
        NDArray?[] gys = GradientsFor(ys, gradOutputs);

        // The first call may have initialized parameters, so directions are drawn after it.
        Variable[] targets = [.. xs.Where(v => v.RequiresGrad), .. parameters];
        double[][] directions = Directions(targets, seed);
        double byBackward = AlongBackward(ys, gys, targets, directions);

        NDArray[] originals = [.. parameters.Select(p => p.Array)];
        double byDifference;
        try
        {
            byDifference = (At(eps) - At(-eps)) / (2 * eps);
        }
        finally
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                parameters[i].Array = originals[i];
            }
        }
        if (!(Math.Abs(byDifference - byBackward) <= atol + (rtol * Math.Abs(byBackward))))
        {
            throw Failure(byDifference, byBackward, x, gys, targets, directions, eps, atol, rtol);
        }

        double At(double step)
        {
            var moved = new Variable[x.Length];
            int next = 0;
            for (int i = 0; i < x.Length; i++)
            {
                moved[i] = x[i].DType.IsFloating() ? Move(x[i], directions[next++], step, dtype) : new Variable(x[i], requiresGrad: false);
            }
            for (int i = 0; i < parameters.Length; i++)
            {
                parameters[i].Array = Move(originals[i], directions[next++], step, dtype).Array;
            }
            return Dot([.. func(moved).Select(y => y?.Array)], gys);
        }
    }

    private static NDArray?[] GradientsFor(Variable?[] ys, NDArray?[]? gradOutputs)
    {
        if (gradOutputs is null)
        {
            return ys is [{ NDim: 0 } only]
                ? [NDArray.OnesLike(only.Array)]
                : throw new ArgumentException(
                    "GradientCheck: without gradients of the outputs, the function must have one output of shape ().", nameof(gradOutputs));
        }
        if (gradOutputs.Length != ys.Length)
        {
            throw new ArgumentException(
                $"GradientCheck: {gradOutputs.Length} gradients for {ys.Length} outputs.", nameof(gradOutputs));
        }
        for (int i = 0; i < ys.Length; i++)
        {
            if (ys[i] is Variable y && gradOutputs[i] is NDArray gy && gy.Shape != y.Shape)
            {
                throw new ArgumentException(
                    $"GradientCheck: output {i} has shape {y.Shape}, its gradient {gy.Shape}.", nameof(gradOutputs));
            }
        }
        return [.. gradOutputs.Select((gy, i) => ys[i] is null ? null : gy)];
    }

    private static double AlongBackward(Variable?[] ys, NDArray?[] gys, Variable[] targets, double[][] directions)
    {
        var outputs = new List<Variable>();
        var gradients = new List<Variable?>();
        for (int i = 0; i < ys.Length; i++)
        {
            if (ys[i] is Variable y && gys[i] is NDArray gy)
            {
                outputs.Add(y);
                gradients.Add(gy.AsType(y.DType));
            }
        }
        Variable?[] gxs = Autograd.Grad(outputs, targets, gradients);
        double sum = 0;
        for (int i = 0; i < gxs.Length; i++)
        {
            if (gxs[i] is Variable gx)
            {
                sum += Dot(ToDoubles(gx.Array), directions[i]);
            }
        }
        return sum;
    }

    /// <summary>
    /// A random unit vector over all inputs, cut into one piece for each. No component is small: each has at least a tenth of the mean
    /// magnitude, so that an error in any element shows.
    /// </summary>
    private static double[][] Directions(Variable[] targets, ulong seed)
    {
        var random = new Random(unchecked((int)(seed * 2654435761 + 12345)));
        double[][] pieces = [.. targets.Select(v => new double[v.Size])];
        double squares = 0;
        long size = 0;
        foreach (double[] piece in pieces)
        {
            for (int i = 0; i < piece.Length; i++)
            {
                piece[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                squares += piece[i] * piece[i];
            }
            size += piece.Length;
        }
        foreach (double[] piece in pieces)
        {
            for (int i = 0; i < piece.Length; i++)
            {
                piece[i] = Math.CopySign(Math.Sqrt((0.99 * piece[i] * piece[i] / squares) + (0.01 / size)), piece[i]);
            }
        }
        return pieces;
    }

    private static Variable Move(NDArray x, double[] direction, double step, DType? dtype)
    {
        double[] values = ToDoubles(x);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += step * direction[i];
        }
        NDArray moved = NDArray.FromSpan<double>(values, x.Shape).AsType(dtype ?? x.DType, copy: false);
        return new Variable(moved.To(x.Device));
    }

    private static GradientCheckException Failure(
        double byDifference,
        double byBackward,
        NDArray[] x,
        NDArray?[] gys,
        Variable[] targets,
        double[][] directions,
        double eps,
        double atol,
        double rtol)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"The derivative by backward is {byBackward}, by finite differences {byDifference} ");
        text.AppendLine(CultureInfo.InvariantCulture, $"(eps={eps}, atol={atol}, rtol={rtol}).");
        for (int i = 0; i < x.Length; i++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"x[{i}]:\n{x[i]}");
        }
        for (int i = 0; i < gys.Length; i++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"gradOutputs[{i}]:\n{gys[i]}");
        }
        for (int i = 0; i < targets.Length; i++)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture, $"directions[{i}]:\n{NDArray.FromSpan<double>(directions[i], targets[i].Shape)}");
        }
        return new GradientCheckException(text.ToString());
    }

    private static double Dot(NDArray?[] ys, NDArray?[] gys)
    {
        double sum = 0;
        for (int i = 0; i < gys.Length; i++)
        {
            if (ys[i] is NDArray y && gys[i] is NDArray gy)
            {
                sum += Dot(ToDoubles(y), ToDoubles(gy));
            }
        }
        return sum;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] ToDoubles(NDArray x) => x.AsType(DType.Float64).To(Device.Cpu).ToArray<double>();

    private static NDArray FromDoubles(double[] values, NDArray like) =>
        NDArray.FromSpan<double>(values, like.Shape).AsType(like.DType, copy: false).To(like.Device);
}
