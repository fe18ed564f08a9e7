using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class MatMulTests
{
    private static readonly object[] s_cases =
    [
        new object[] { new Shape(2, 3), new Shape(3, 4), false, false },
        new object[] { new Shape(3, 2), new Shape(3, 4), true, false },
        new object[] { new Shape(2, 3), new Shape(4, 3), false, true },
        new object[] { new Shape(3, 2), new Shape(4, 3), true, true },
        new object[] { new Shape(5, 2, 3), new Shape(5, 3, 4), false, false },
        new object[] { new Shape(5, 3, 2), new Shape(5, 4, 3), true, true },
        new object[] { new Shape(5, 2, 3), new Shape(3, 4), false, false },
        new object[] { new Shape(1, 2, 3), new Shape(2, 5, 3, 4), false, false },
        new object[] { new Shape(3), new Shape(3), false, false },
        new object[] { new Shape(3), new Shape(3), true, true },
        new object[] { new Shape(2, 3), new Shape(3), false, false },
        new object[] { new Shape(3, 2), new Shape(3), true, false },
        new object[] { new Shape(3), new Shape(3, 4), false, false },
        new object[] { new Shape(3), new Shape(4, 3), false, true },
        new object[] { new Shape(3), new Shape(5, 3, 4), false, false },
        new object[] { new Shape(5, 2, 3), new Shape(3), false, false },
        new object[] { new Shape(0, 3), new Shape(3, 4), false, false },
        new object[] { new Shape(2, 0), new Shape(0, 4), false, false },
        new object[] { new Shape(17, 31), new Shape(31, 19), false, false },
    ];

    [TestCaseSource(nameof(s_cases))]
    public void MatMul(Shape a, Shape b, bool transa, bool transb) =>
        new FunctionTest(xs => F.MatMul(xs[0], xs[1], transa, transb))
        {
            Expected = xs => [Expected(xs[0], xs[1], transa, transb)],
            Ulps = 32,
        }.Run(FunctionTest.Uniform(a), FunctionTest.Uniform(b, seed: 2));

    [Test]
    public void DTypesPromoteAndGradientsKeepTheirs()
    {
        var a = new Variable(new float[,] { { 1, 2 } });
        var b = new Variable(new double[,] { { 3 }, { 4 } });
        Variable y = F.MatMul(a, b);
        Assert.That(y.Array.ToArray<double>(), Is.EqualTo(new double[] { 11 }));
        y.Backward();
        Assert.That(a.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 3, 4 }));
        Assert.That(b.Grad!.ToArray<double>(), Is.EqualTo(new double[] { 1, 2 }));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        Variable x = NDArray.Zeros((2, 3));
        void Refuses(Variable a, Variable b, bool transa = false, bool transb = false) =>
            Assert.That(() => F.MatMul(a, b, transa, transb), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("MatMul"));
        Refuses(x, x);
        Refuses(x, NDArray.Zeros((3, 3)), transa: true);
        Refuses(x, NDArray.Zeros((3, 2)), transb: true);
        Refuses(x, NDArray.Zeros(2));
        Refuses(NDArray.Zeros(2), NDArray.Zeros((3, 2)));
        Refuses(x, NDArray.Zeros(Shape.Scalar));
        Refuses(x, NDArray.Zeros((3, 2), DType.Int32));
        Refuses(NDArray.Zeros((2, 2, 3)), NDArray.Zeros((3, 3, 4)));
        Assert.That(() => F.MatMul(null!, x), Throws.ArgumentNullException);
        Assert.That(() => F.MatMul(x, null!), Throws.ArgumentNullException);
    }

    /// <summary>The product by its definition, one element at a time.</summary>
    private static NDArray Expected(NDArray a, NDArray b, bool transa, bool transb)
    {
        bool row = a.NDim == 1;
        bool column = b.NDim == 1;
        a = row ? a.ExpandDims(0) : transa ? SwapLast(a) : a;
        b = column ? b.ExpandDims(1) : transb ? SwapLast(b) : b;
        int ndim = Math.Max(a.NDim, b.NDim);
        int[] shape = new int[ndim];
        for (int i = 1; i <= ndim; i++)
        {
            int ea = i <= a.NDim ? a.Shape[a.NDim - i] : 1;
            int eb = i <= b.NDim ? b.Shape[b.NDim - i] : 1;
            shape[ndim - i] = i == 1 ? eb : i == 2 ? ea : Math.Max(ea, eb);
        }
        NDArray y = NDArray.Zeros(shape, DType.Float64);
        var at = new int[ndim];
        for (long k = 0; k < y.Size; k++)
        {
            long rest = k;
            for (int i = ndim - 1; i >= 0; i--)
            {
                at[i] = (int)(rest % shape[i]);
                rest /= shape[i];
            }
            double sum = 0;
            for (int j = 0; j < a.Shape[-1]; j++)
            {
                sum += At(a, at, at[ndim - 2], j) * At(b, at, j, at[ndim - 1]);
            }
            y[[.. at.Select(i => (IndexExpr)i)]] = sum;
        }
        Shape result = [.. shape.Where((_, i) => !(row && i == ndim - 2) && !(column && i == ndim - 1))];
        return y.Reshape(result);
    }

    private static double At(NDArray x, int[] batch, int row, int column)
    {
        var index = new IndexExpr[x.NDim];
        for (int i = 0; i < x.NDim - 2; i++)
        {
            index[i] = x.Shape[i] == 1 ? 0 : batch[batch.Length - x.NDim + i];
        }
        index[^2] = row;
        index[^1] = column;
        return x[index].Item<double>();
    }

    private static NDArray SwapLast(NDArray x)
    {
        int[] axes = [.. Enumerable.Range(0, x.NDim)];
        (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
        return x.Transpose(axes);
    }
}
