using NUnit.Framework;
using static NativeChain.Expr;

namespace NativeChain.Tests;

/// <summary>Users' own elementwise functions.</summary>
public class ElementwiseTests
{
    private static readonly Elementwise Swish = Elementwise.Of((x, beta) => x * Sigmoid(beta * x));

    private static readonly Elementwise Polar = Elementwise.OfMany(2, x => [Sqrt(Square(x[0]) + Square(x[1])), Atan2(x[1], x[0])]);

    private static readonly Elementwise SafeSqrt = Elementwise.Of(x => Select(x > 0, Sqrt(x), 0));

    private static readonly Elementwise SafeLog = Elementwise.Of(x => Expr.Exp(Select(x > 0, Log(x), 0)) * 3);

    [Test]
    public void TheNameIsThatOfTheField() => Assert.That(Swish.Name, Is.EqualTo("Swish"));

    [Test]
    public void SwishOfAVariableBeta()
    {
        var test = new FunctionTest(xs => Swish.Apply(xs[0], xs[1]))
        {
            Expected = xs => [Map((x, beta) => x / (1 + Math.Exp(-beta * x)), xs[0], xs[1])],
        };
        test.Run(FunctionTest.Uniform((3, 5)), FunctionTest.Uniform((3, 5), seed: 2));
        test.Run(FunctionTest.Uniform((3, 5)), FunctionTest.Uniform(5, seed: 2));
        test.Run(FunctionTest.Uniform((3, 5)), FunctionTest.Uniform(Shape.Scalar, seed: 2));
        test.Run(FunctionTest.Uniform(7), FunctionTest.Uniform((3, 1), seed: 2));
        test.Run(FunctionTest.Uniform((0, 5)), FunctionTest.Uniform(5, seed: 2));
    }

    [Test]
    public void SwishOfANumberBetaThatChanges()
    {
        foreach (double beta in new[] { 1, 2.5, -0.5 })
        {
            var test = new FunctionTest(xs => Swish.Apply(xs[0], beta))
            {
                Expected = xs => [Map((x, b) => x / (1 + Math.Exp(-b * x)), xs[0], beta)],
            };
            test.Run(FunctionTest.Uniform((3, 5)));
        }
    }

    [Test]
    public void ThirdDerivative()
    {
        var x = new Variable(new[] { 0.7 });
        Variable y = Variable.Pow(x, 5) + F.Exp(2 * x);
        for (int order = 1; order <= 3; order++)
        {
            y = Autograd.Grad([y], [x], enableDoubleBackprop: true)[0]!;
        }

        Assert.That(y.Array.Item<double>(), Is.EqualTo((60 * 0.49) + (8 * Math.Exp(1.4))).Within(1e-12));
    }

    [Test]
    public void ManyOutputs()
    {
        var test = new FunctionTest(xs => Polar.ApplyAll(xs[0], xs[1]))
        {
            Expected = xs => [Map((a, b) => Math.Sqrt((a * a) + (b * b)), xs[0], xs[1]), Map((a, b) => Math.Atan2(b, a), xs[0], xs[1])],
        };
        test.Run(FunctionTest.Uniform((3, 5), 0.5, 2), FunctionTest.Uniform((3, 5), 0.5, 2, seed: 2));
        test.Run(FunctionTest.Uniform((3, 5), 0.5, 2), FunctionTest.Uniform(5, 0.5, 2, seed: 2));
    }

    [Test]
    public void OneOfManyOutputsBackward()
    {
        var a = new Variable(new double[] { 3 });
        var b = new Variable(new double[] { 4 });
        Variable[] y = Polar.ApplyAll(a, b);
        y[0].Backward();
        Assert.That(a.Grad!.Item<double>(), Is.EqualTo(0.6).Within(1e-15));
        Assert.That(b.Grad!.Item<double>(), Is.EqualTo(0.8).Within(1e-15));
    }

    [Test]
    public void TheBranchNotTakenGivesNoNaN()
    {
        var x = new Variable(new float[] { -1, 0, 4 });
        Variable y = SafeSqrt.Apply(x);
        Variable g = Autograd.Grad([y], [x], [(Variable)NDArray.Ones(3)], enableDoubleBackprop: true)[0]!;
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 2 }));
        Assert.That(g.Array.ToArray<float>(), Is.EqualTo(new[] { 0, 0, 0.25f }));
        Variable gg = Autograd.Grad([g], [x], [(Variable)NDArray.Ones(3)])[0]!;
        Assert.That(gg.Array.ToArray<float>(), Is.EqualTo(new[] { 0, 0, -1 / 32f }));

        y = SafeLog.Apply(x);
        g = Autograd.Grad([y], [x], [(Variable)NDArray.Ones(3)])[0]!;
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo(new float[] { 3, 3, 12 }).Within(1e-5f));
        Assert.That(g.Array.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 3 }).Within(1e-5f));
    }

    [Test]
    public void AConstantExponentNeedsNoLogarithm()
    {
        Elementwise cube = Elementwise.Of(x => Pow(x, 3.0));
        var x = new Variable(new float[] { -2, 0 });
        Variable y = cube.Apply(x);
        y.Grad = NDArray.Ones(2);
        y.Backward();
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo(new float[] { -8, 0 }));
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 12, 0 }));
    }

    [Test]
    public void GradientByHand()
    {
        // Straight through: the gradient of a sign is passed where |x| is at most 1.
        Elementwise binarize = Elementwise.Of(x => Sign(x)).WithGradient((x, y, gy) => Select(Abs(x) <= 1, gy, 0));
        var x = new Variable(new float[] { -2, -0.5f, 0.25f, 3 });
        Variable y = binarize.Apply(x);
        y.Grad = new float[] { 1, 2, 3, 4 };
        y.Backward();
        Assert.That(y.Array.ToArray<float>(), Is.EqualTo(new float[] { -1, -1, 1, 1 }));
        Assert.That(x.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 0, 2, 3, 0 }));
    }

    [Test]
    public void GradientByHandOfManyInputs()
    {
        Elementwise product = Elementwise.Of((a, b) => a * b).WithGradient((x, y, gy) => [gy[0] * y[0] / x[0], gy[0] * x[0]]);
        new FunctionTest(xs => product.Apply(xs[0], xs[1])) { DTypes = [DType.Float64] }
            .Run(FunctionTest.Uniform((3, 5), 0.5, 2), FunctionTest.Uniform(5, 0.5, 2, seed: 2));
        Elementwise wrong = Elementwise.Of((a, b) => a * b).WithGradient((x, y, gy) => [gy[0]]);
        var v = new Variable(NDArray.Ones(2));
        Assert.Throws<InvalidOperationException>(() => wrong.Apply(v, v));
    }

    [Test]
    public void IntegersBesideFloatingPointTakeItsDTypeAndNoGradient()
    {
        Elementwise masked = Elementwise.Of((x, mask, label) => Select(mask, x * label, 0.5 * x));
        NDArray mask = new[] { true, false, true };
        NDArray label = new[] { 2, 3, 4 };
        foreach (DType dtype in new[] { DType.Float16, DType.Float32, DType.Float64 })
        {
            var x = new Variable(NDArray.Ones(3, dtype));
            var integers = new Variable(label);
            Variable y = masked.Apply(x, mask, integers);
            y.Grad = NDArray.Ones(3, dtype);
            y.Backward();
            Assert.That(y.DType, Is.EqualTo(dtype));
            Assert.That(y.Array.AsType(DType.Float64).ToArray<double>(), Is.EqualTo(new[] { 2, 0.5, 4 }));
            Assert.That(x.Grad!.AsType(DType.Float64).ToArray<double>(), Is.EqualTo(new[] { 2, 0.5, 4 }));
            Assert.That(integers.Grad, Is.Null);
        }
    }

    [Test]
    public void ComparisonsGiveBool()
    {
        Elementwise inside = Elementwise.Of(x => And(x > 0, x < 1));
        Assert.That(inside.Compute(new float[] { -1, 0.5f, 2 }).ToArray<bool>(), Is.EqualTo(new[] { false, true, false }));
        Assert.That(inside.Apply(new Variable(new float[] { 0.5f })).DType, Is.EqualTo(DType.Bool));
    }

    [TestCase(DType.Bool, DType.Int32, DType.Int32)]
    [TestCase(DType.UInt8, DType.UInt8, DType.UInt8)]
    [TestCase(DType.Int32, DType.Float32, DType.Float64)]
    [TestCase(DType.UInt8, DType.Float16, DType.Float16)]
    [TestCase(DType.Float16, DType.BFloat16, DType.Float32)]
    [TestCase(DType.Int64, DType.Float64, DType.Float64)]
    public void ArraysArePromotedAsInNumPy(DType a, DType b, DType result)
    {
        NDArray y = Ops.Add.Compute(NDArray.Ones(3, a), NDArray.Ones(3, b));
        Assert.That(y.DType, Is.EqualTo(result));
        Assert.That(y.AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo(2));
    }

    [TestCase(DType.Float16, DType.Float16, DType.Float16)]
    [TestCase(DType.Float32, DType.Float32, DType.Float32)]
    [TestCase(DType.Int32, DType.Int32, DType.Float64)]
    [TestCase(DType.UInt8, DType.UInt8, DType.Float64)]
    [TestCase(DType.Bool, DType.Int64, DType.Float64)]
    public void NumbersAreWeak(DType array, DType withInteger, DType withFraction)
    {
        NDArray x = NDArray.Ones(3, array);
        Assert.That(Ops.Add.Compute(x, 2L).DType, Is.EqualTo(withInteger));
        Assert.That(Ops.Add.Compute(2L, x).DType, Is.EqualTo(withInteger));
        Assert.That(Ops.Add.Compute(x, 0.5).DType, Is.EqualTo(withFraction));
        Assert.That(Ops.Add.Compute(x, 0.5).AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo(1.5));
        Assert.That(Ops.Subtract.Compute(3L, x).AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo(2));
        Assert.That(Swish.Compute(NDArray.Ones(2, DType.Float32), 1.5).DType, Is.EqualTo(DType.Float32));
    }

    [Test]
    public void DivisionAndRootsOfIntegersAreFloat64()
    {
        NDArray x = new[] { 1, 4, 9 };
        Assert.That(Ops.Sqrt.Compute(x).ToArray<double>(), Is.EqualTo(new double[] { 1, 2, 3 }));
        Assert.That(Ops.Divide.Compute(x, x).ToArray<double>(), Is.All.EqualTo(1));
        Assert.That(Ops.Divide.Compute(1L, x).ToArray<double>(), Is.EqualTo(new[] { 1, 0.25, 1 / 9.0 }));
    }

    [Test]
    public void Int64IsExact()
    {
        NDArray x = new[] { long.MaxValue - 1, (1L << 53) + 1 };
        Assert.That(Ops.Add.Compute(x, 1L).ToArray<long>(), Is.EqualTo(new[] { long.MaxValue, (1L << 53) + 2 }));
    }

    [Test]
    public void ComputeIntoWritesWhereItIsTold()
    {
        NDArray x = new float[] { 1, 2, 3 };
        NDArray y = NDArray.Zeros((2, 3));
        Ops.Multiply.ComputeInto([y], x, 2.0);
        Assert.That(y.ToArray<float>(), Is.EqualTo(new float[] { 2, 4, 6, 2, 4, 6 }));
        Ops.Add.ComputeInto([x], x, 1.0);
        Assert.That(x.ToArray<float>(), Is.EqualTo(new float[] { 2, 3, 4 }));
    }

    [Test]
    public void ComputeManyUpdatesTuplesOfAnyShapeAndDType()
    {
        Elementwise step = Elementwise.Of((p, g, rate) => p - (rate * g), "Step");
        NDArray[] parameters = [NDArray.Ones((2, 3)), NDArray.Ones(5, DType.Float64), NDArray.Ones(Shape.Scalar, DType.Float16), NDArray.Ones(0)];
        NDArray[] arrays = [.. parameters.SelectMany(p => new[] { p, NDArray.FullLike(p, 2) })];
        step.ComputeMany(4, arrays, [0.25, 0.25, 0.5, 0.25], parameters);
        Assert.That(parameters[0].ToArray<float>(), Is.All.EqualTo(0.5f));
        Assert.That(parameters[1].ToArray<double>(), Is.All.EqualTo(0.5));
        Assert.That(parameters[2].Item<Half>(), Is.EqualTo((Half)0));
        Assert.Throws<ArgumentException>(() => step.ComputeMany(2, arrays, [0.25], parameters));
    }

    [Test]
    public void ReduceTakesNoTemporary()
    {
        Elementwise squaredError = Elementwise.Of((a, b) => Square(a - b), "SquaredError");
        NDArray a = NDArray.Arange(6, DType.Float32).Reshape((2, 3));
        NDArray b = new float[] { 0, 1, 2 };
        Assert.That(squaredError.Reduce(Reduction.Sum, default, false, a, b).Item<float>(), Is.EqualTo(27));
        NDArray rows = squaredError.Reduce(Reduction.Mean, 1, true, a, b);
        Assert.That(rows.Shape, Is.EqualTo((Shape)(2, 1)));
        Assert.That(rows.ToArray<float>(), Is.EqualTo(new float[] { 0, 9 }));
        NDArray integers = new[] { 1, 2, 4 };
        Assert.That(Ops.Square.Reduce(Reduction.Sum, 0, false, integers).Item<long>(), Is.EqualTo(21));
        Assert.That(Ops.Square.Reduce(Reduction.Mean, 0, false, integers).Item<double>(), Is.EqualTo(7));
    }

    [Test]
    public void NumbersAloneGiveAScalar()
    {
        Assert.That(Ops.Add.Compute((Operand)2L, (Operand)3L).Item<long>(), Is.EqualTo(5));
        Assert.That(Ops.Divide.Compute((Operand)1L, (Operand)4L).Item<double>(), Is.EqualTo(0.25));
    }

    [Test]
    public void ANumberOnTheDeviceIsReadWhenTheProgramRuns()
    {
        NDArray rate = 0.5;
        NDArray x = new float[] { 2, 4 };
        Assert.That(Ops.Multiply.Compute(x, (Scalar)rate).ToArray<float>(), Is.EqualTo(new float[] { 1, 2 }));
        rate.Fill(3);
        Assert.That(Ops.Multiply.Compute(x, (Scalar)rate).ToArray<float>(), Is.EqualTo(new float[] { 6, 12 }));
    }

    [Test]
    public void WhatIsWrongIsSaid()
    {
        NDArray a = NDArray.Ones((2, 3));
        NDArray b = NDArray.Ones(4);
        var v = new Variable(a);
        Assert.That(() => Swish.Compute(a, b), Throws.ArgumentException.With.Message.Contains("Swish").And.Message.Contains("(2, 3)").And.Message.Contains("(4,)"));
        Assert.That(() => Swish.Compute(a), Throws.ArgumentException.With.Message.Contains("Swish takes 2"));
        Assert.That(() => Swish.Compute(a, 1.0, 2.0), Throws.ArgumentException.With.Message.Contains("Swish takes 2"));
        Assert.That(() => Swish.Apply(v), Throws.ArgumentException.With.Message.Contains("Swish takes 2"));
        Assert.That(() => Swish.Compute((Operand)a, (Operand)v), Throws.ArgumentException.With.Message.Contains("Apply"));
        Assert.That(() => Polar.Compute(a, a), Throws.ArgumentException.With.Message.Contains("ComputeAll"));
        Assert.That(() => Polar.Apply(v, v), Throws.ArgumentException.With.Message.Contains("ApplyAll"));
        Assert.Throws<ArgumentNullException>(() => Swish.Compute(a, (NDArray)null!));
        Assert.Throws<ArgumentNullException>(() => Swish.Apply(v, (Variable)null!));
        Assert.Throws<ArgumentNullException>(() => Swish.Apply((Operand)v, (Operand)(NDArray?)null));
        Assert.Throws<ArgumentNullException>(() => Elementwise.Of((Func<Expr, Expr>)null!));
        Assert.Throws<ArgumentException>(() => Elementwise.Of(x => default).Compute(a));
        Assert.Throws<ArgumentOutOfRangeException>(() => Elementwise.OfMany(17, x => [x[0]]));
        Assert.Throws<ArgumentException>(() => Elementwise.OfMany(1, x => []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Add.Compute(NDArray.Ones(2, DType.UInt8), 300L));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Add.Compute(NDArray.Ones(2, DType.Int32), 1L << 40));
        Assert.Throws<ArgumentException>(() => Ops.BitAnd.Compute(a, a));
        InvalidTypeException e = Assert.Throws<InvalidTypeException>(() => Swish.Apply(v, new Variable(NDArray.Ones((2, 3), DType.Float64))))!;
        Assert.That(e.Message, Does.Contain("float32").And.Contain("float64"));
        Assert.Throws<InvalidTypeException>(() => Swish.Apply(v, new Variable(b)));
    }

    [Test]
    public void ATooLongProgramIsRefusedWithItsName()
    {
        Elementwise tooLong = Elementwise.Of(x => Enumerable.Range(2, 300).Aggregate(x, (sum, k) => sum + (x * k)), "TooLong");
        Assert.That(() => tooLong.Compute(NDArray.Ones(2)), Throws.ArgumentException.With.Message.Contains("TooLong"));
    }

    [Test]
    public void EqualSubexpressionsAreComputedOnce()
    {
        // 200 equal terms: without sharing, more instructions than a program may have.
        Elementwise shared = Elementwise.Of(x => Enumerable.Range(0, 100).Aggregate(Expr.Exp(x), (y, _) => y + (Tanh(x) * 0) + (Tanh(x) * 0)), "Shared");
        Assert.That(shared.Compute(new[] { 0.0 }).Item<double>(), Is.EqualTo(1));
    }

    [Test]
    public void ManyThreadsMayUseOneFunction()
    {
        Elementwise fresh = Elementwise.Of((a, b, c) => (a * b) + c, "Fresh");
        Parallel.For(0, 64, i =>
        {
            DType dtype = (DType)(4 + (i % 4));
            NDArray x = NDArray.Full(7, i % 8, dtype);
            NDArray y = fresh.Compute(x, x, 1.0);
            Assert.That(y.AsType(DType.Float64).ToArray<double>(), Is.All.EqualTo((i % 8 * (i % 8)) + 1));
        });
    }

    [Test]
    public void AFunctionIsTracedOnce()
    {
        int traced = 0;
        Elementwise scaled = Elementwise.Of((x, k) =>
        {
            traced++;
            return x * k;
        });
        var x = new Variable(NDArray.Ones(3));
        for (int k = 0; k < 5; k++)
        {
            Variable y = scaled.Apply(x, k);
            y.Grad = NDArray.Ones(3);
            y.Backward();
            Assert.That(y.Array.ToArray<float>(), Is.All.EqualTo(k));
        }

        Assert.That(x.Grad!.ToArray<float>(), Is.All.EqualTo(10));
        Assert.That(traced, Is.EqualTo(1));
    }

    [Test]
    public void ANodeKeepsOnlyWhatItsGradientReads()
    {
        var a = new Variable(NDArray.Ones(3));
        var b = new Variable(NDArray.Ones(3));
        var constant = new Variable(NDArray.Ones(3), requiresGrad: false);

        Variable sum = a + b;
        Assert.That((a.Node.Data, b.Node.Data, sum.Node.Data), Is.EqualTo(((NDArray?)null, (NDArray?)null, (NDArray?)null)), "a sum keeps nothing");
        Variable exponential = F.Exp(a);
        Assert.That((a.Node.Data, exponential.Node.Data), Is.EqualTo(((NDArray?)null, exponential.Array)), "an exponential its output");
        Variable rectified = F.Relu(a);
        Assert.That((a.Node.Data, rectified.Node.Data), Is.EqualTo(((NDArray?)null, rectified.Array)), "a rectifier its output");
        Variable scaled = a * constant;
        Assert.That((a.Node.Data, constant.Node.Data), Is.EqualTo(((NDArray?)null, constant.Array)), "a product by a constant the constant");
        Variable product = a * b;
        Assert.That((a.Node.Data, b.Node.Data), Is.EqualTo((a.Array, b.Array)), "a product both factors");
        GC.KeepAlive((sum, scaled, product));
    }

    [Test]
    public void DebugModeNamesTheFunctionThatMadeANaN()
    {
        var x = new Variable(new float[] { -1 });
        using (Config.Using(debug: true))
        {
            Assert.That(() => F.Log(x), Throws.InstanceOf<NotFiniteNumberException>().With.Message.Contains("Log"));
            Assert.That(() => Elementwise.Of(v => Sqrt(v), "Root").Apply(x), Throws.InstanceOf<NotFiniteNumberException>().With.Message.Contains("Root"));
        }
    }

    private static NDArray Map(Func<double, double, double> value, NDArray a, NDArray b)
    {
        Assert.That(Shape.TryBroadcast(a.Shape, b.Shape, out Shape shape));
        double[] x = a.BroadcastTo(shape).ToArray<double>();
        double[] y = b.BroadcastTo(shape).ToArray<double>();
        return NDArray.FromSpan<double>([.. x.Zip(y, value)], shape);
    }
}
