using System.Runtime.InteropServices;
using NativeChain.Interop;
using NUnit.Framework;

namespace NativeChain.Tests;

[TestFixture]
public class MatmulPrecisionTests
{
    private static NDArray A => FunctionTest.Uniform((48, 70)).AsType(DType.Float32);

    private static NDArray B => FunctionTest.Uniform((70, 33), seed: 2).AsType(DType.Float32);

    // Whether products of float32 are rounded on this CPU.
    private static unsafe bool Rounds => Marshal.PtrToStringAnsi((nint)Native.nc_cpu_isa()) is "avx3_bf16" or "amx";

    [Test]
    public void TheDefaultIsFloat32BitForBit()
    {
        float[] byDefault = NDArray.MatMul(A, B).ToArray<float>();
        using (Config.Using(matmulPrecision: MatmulPrecision.Float32))
        {
            Assert.That(NDArray.MatMul(A, B).ToArray<float>(), Is.EqualTo(byDefault));
        }
        using (Config.Using(matmulPrecision: MatmulPrecision.BFloat16))
        {
            Assert.That(NDArray.MatMul(A, B).ToArray<float>(), Rounds ? Is.Not.EqualTo(byDefault) : Is.EqualTo(byDefault));
        }
        Assert.That(NDArray.MatMul(A, B).ToArray<float>(), Is.EqualTo(byDefault), "a scope that has ended");
    }

    [Test]
    public void ProductsAreWithinTheBoundOfBFloat16()
    {
        NDArray rounded;
        using (Config.Using(matmulPrecision: MatmulPrecision.BFloat16))
        {
            rounded = NDArray.MatMul(A, B);
        }
        Assert.That(rounded.DType, Is.EqualTo(DType.Float32));
        AssertWithinBound(rounded, A, B);
        if (Rounds)
        {
            // The factors rounded beforehand give the same product, but for the order of its sums.
            NDArray a = A.AsType(DType.BFloat16).AsType(DType.Float64);
            NDArray b = B.AsType(DType.BFloat16).AsType(DType.Float64);
            Assert.That(
                rounded.ToArray<float>().Select(y => (double)y),
                Is.EqualTo(NDArray.MatMul(a, b).ToArray<double>()).Within(1e-5));
        }
    }

    [Test]
    public void LinearAndItsGradientsUseIt()
    {
        NDArray x = FunctionTest.Uniform((40, 30), seed: 3).AsType(DType.Float32);
        NDArray W = FunctionTest.Uniform((50, 30), seed: 4).AsType(DType.Float32);
        NDArray gy = FunctionTest.Uniform((40, 50), seed: 5).AsType(DType.Float32);
        NDArray[] full = Step(MatmulPrecision.Float32, MatmulPrecision.Float32);
        NDArray[] rounded = Step(MatmulPrecision.BFloat16, MatmulPrecision.BFloat16);
        NDArray[] backwardOnly = Step(MatmulPrecision.Float32, MatmulPrecision.BFloat16);
        Assert.Multiple(() =>
        {
            AssertWithinBound(rounded[0], x, W.T);
            AssertWithinBound(rounded[1], gy, W);
            AssertWithinBound(rounded[2], gy.T, x);
            for (int i = 0; i < 3; i++)
            {
                Assert.That(Same(rounded[i], full[i]), Is.EqualTo(!Rounds), $"result {i}");
                Assert.That(Same(backwardOnly[i], i == 0 ? full[i] : rounded[i]), Is.True, "what is in force when backward runs");
            }
        });

        NDArray[] Step(MatmulPrecision forward, MatmulPrecision backward)
        {
            var vx = new Variable(x);
            var vW = new Variable(W);
            Variable y;
            using (Config.Using(matmulPrecision: forward))
            {
                y = F.Linear(vx, vW);
            }
            y.Grad = gy;
            using (Config.Using(matmulPrecision: backward))
            {
                y.Backward();
            }
            return [y.Array, vx.Grad!, vW.Grad!];
        }
    }

    [Test]
    public void ItFlowsIntoTasks()
    {
        using (Config.Using(matmulPrecision: MatmulPrecision.BFloat16))
        {
            NDArray here = NDArray.MatMul(A, B);
            NDArray there = Task.Run(() => NDArray.MatMul(A, B)).GetAwaiter().GetResult();
            Assert.That(Same(here, there), Is.True);
            Assert.That(Task.Run(() => Config.MatmulPrecision).GetAwaiter().GetResult(), Is.EqualTo(MatmulPrecision.BFloat16));
        }
        Assert.That(Config.MatmulPrecision, Is.EqualTo(MatmulPrecision.Float32));
    }

    [Test]
    public void OtherDTypesConvolutionsAndLinearAlgebraAreAsTheyAre()
    {
        NDArray image = FunctionTest.Uniform((2, 16, 9, 9), seed: 6).AsType(DType.Float32);
        NDArray filter = FunctionTest.Uniform((16, 16, 3, 3), seed: 7).AsType(DType.Float32);
        NDArray square = FunctionTest.Uniform((32, 32), seed: 8).AsType(DType.Float32);
        Func<NDArray>[] cases =
        [
            () => NDArray.MatMul(A.AsType(DType.Float64), B.AsType(DType.Float64)),
            () => NDArray.MatMul(A.AsType(DType.Float16), B.AsType(DType.Float16)),
            () => NDArray.MatMul((A * 9).AsType(DType.Int32), (B * 9).AsType(DType.Int32)),
            () => F.Convolution2D(image, filter).Array,
            () => NDArray.Linalg.Inv(square),
            () => NDArray.Linalg.Pinv(square),
            () => NDArray.Linalg.MatrixPower(square, 3),
            () => NDArray.Linalg.Lstsq(square, square).X,
        ];
        Assert.Multiple(() =>
        {
            for (int i = 0; i < cases.Length; i++)
            {
                NDArray full = cases[i]();
                using (Config.Using(matmulPrecision: MatmulPrecision.BFloat16))
                {
                    Assert.That(Same(cases[i](), full), Is.True, $"case {i}");
                    Assert.That(Config.MatmulPrecision, Is.EqualTo(MatmulPrecision.BFloat16));
                }
            }
        });
    }

    [Test]
    public void AValueThatIsNoneIsRefused()
    {
        using (Config.Using(matmulPrecision: (MatmulPrecision)7))
        {
            Assert.That(() => NDArray.MatMul(A, B), Throws.InstanceOf<ArgumentException>().With.Message.Contains("precision is 7"));
        }
    }

    private static bool Same(NDArray a, NDArray b) => a.AsType(DType.Float64).ToArray<double>().SequenceEqual(b.AsType(DType.Float64).ToArray<double>());

    // |y - a b| <= 2^-8 |a| |b|, and not all 0.
    private static void AssertWithinBound(NDArray y, NDArray a, NDArray b)
    {
        double[] actual = y.AsType(DType.Float64).ToArray<double>();
        double[] exact = NDArray.MatMul(a.AsType(DType.Float64), b.AsType(DType.Float64)).ToArray<double>();
        double[] limit = NDArray.MatMul(NDArray.Abs(a.AsType(DType.Float64)), NDArray.Abs(b.AsType(DType.Float64))).ToArray<double>();
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.That(Math.Abs(actual[i] - exact[i]), Is.LessThanOrEqualTo(limit[i] / 256), $"element {i}");
        }
        Assert.That(exact.Any(v => Math.Abs(v) > 1), Is.True);
    }
}
