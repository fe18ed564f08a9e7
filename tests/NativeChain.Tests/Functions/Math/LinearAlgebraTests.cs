using NUnit.Framework;

namespace NativeChain.Tests.Functions;

/// <summary><see cref="F.Det"/>, <see cref="F.Inv"/>, their batches, and <see cref="F.Cholesky"/>.</summary>
[TestFixture]
public class LinearAlgebraTests
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    public void Det(int n) => new FunctionTest(xs => F.Det(xs[0]))
    {
        Expected = xs => [Determinant(xs[0])],
        Ulps = 64,
    }.Run(Regular(n));

    [TestCase(1, 2)]
    [TestCase(4, 3)]
    [TestCase(0, 2)]
    [TestCase(3, 1)]
    public void BatchDet(int m, int n) => new FunctionTest(xs => F.BatchDet(xs[0]))
    {
        Expected = xs => [Each(xs[0], Determinant, Shape.Scalar)],
        Ulps = 64,
    }.Run(Regular(n, m));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    public void Inv(int n) => new FunctionTest(xs => F.Inv(xs[0]))
    {
        Expected = xs => [Adjugate(xs[0])],
        Ulps = 64,
    }.Run(Regular(n));

    [TestCase(1, 2)]
    [TestCase(4, 3)]
    [TestCase(0, 2)]
    [TestCase(3, 1)]
    public void BatchInv(int m, int n) => new FunctionTest(xs => F.BatchInv(xs[0]))
    {
        Expected = xs => [Each(xs[0], Adjugate, (n, n))],
        Ulps = 64,
    }.Run(Regular(n, m));

    // Only the lower triangle is read, but the gradient is symmetric: that of a function of the symmetric part.
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(5)]
    public void Cholesky(int n) => new FunctionTest(xs => F.Cholesky(0.5 * (xs[0] + F.Transpose(xs[0]))))
    {
        Expected = xs => [Factor(0.5 * (xs[0] + xs[0].T))],
        Ulps = 64,
    }.Run(Regular(n));

    [Test]
    public void TheGradientOfCholeskyIsSymmetric()
    {
        var x = new Variable(new[,] { { 4.0, 0 }, { 2, 5 } });
        Variable y = F.Cholesky(x);
        y.Grad = new[,] { { 0.0, 0 }, { 1, 0 } };
        y.Backward();
        Assert.That(x.Grad!.ToArray<double>(), Is.EqualTo(new[] { -0.125, 0.25, 0.25, 0 }).Within(1e-15));
    }

    [Test]
    public void SingularMatricesAreRefused()
    {
        Variable x = NDArray.Ones((2, 2, 2), DType.Float64);
        x.Array[0] = NDArray.Eye(2, dtype: DType.Float64);
        Assert.That(() => F.BatchInv(x), Throws.TypeOf<LinAlgException>().With.Message.Contains("x[1] is singular"));
        Assert.That(() => F.Inv(NDArray.Ones((2, 2))), Throws.TypeOf<LinAlgException>());
        Assert.That(() => F.Cholesky(-NDArray.Ones((2, 2))), Throws.TypeOf<LinAlgException>());
        Assert.That(F.BatchDet(x).Array.ToArray<double>(), Is.EqualTo(new double[] { 1, 0 }));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        foreach ((string name, Func<Variable, Variable> f, Shape good) in new (string, Func<Variable, Variable>, Shape)[]
        {
            ("Det", F.Det, (2, 2)), ("BatchDet", F.BatchDet, (3, 2, 2)), ("Inv", F.Inv, (2, 2)), ("BatchInv", F.BatchInv, (3, 2, 2)), ("Cholesky", F.Cholesky, (2, 2)),
        })
        {
            void Refuses(NDArray x) => Assert.That(() => f(x), Throws.TypeOf<InvalidTypeException>().With.Message.Contains(name + ":"));
            Refuses(NDArray.Ones(good, DType.Int32));
            Refuses(NDArray.Ones(2));
            Refuses(NDArray.Ones((2, 3)));
            Refuses(NDArray.Ones((3, 2, 3)));
            Refuses(NDArray.Ones(good.NDim == 2 ? (1, 2, 2) : (2, 2)));
            Assert.That(() => f(null!), Throws.ArgumentNullException);
        }
    }

    // Far from singular, and positive definite in its symmetric part.
    private static NDArray Regular(int n, int? batch = null)
    {
        Shape shape = batch is int m ? (m, n, n) : (n, n);
        return FunctionTest.Uniform(shape, -0.5, 0.5) + (1.5 * NDArray.Eye(n, dtype: DType.Float64));
    }

    private static NDArray Each(NDArray x, Func<NDArray, NDArray> f, Shape shape)
    {
        NDArray y = NDArray.Zeros([x.Shape[0], .. shape], DType.Float64);
        for (int i = 0; i < x.Shape[0]; i++)
        {
            y[i] = f(x[i]);
        }
        return y;
    }

    private static double DeterminantOf(NDArray x)
    {
        double sum = 0;
        for (int j = 0; j < x.Shape[1]; j++)
        {
            sum += x[0, j].Item<double>() * Cofactor(x, 0, j);
        }
        return sum;
    }

    private static double Cofactor(NDArray x, int row, int column)
    {
        int n = x.Shape[0];
        if (n == 1)
        {
            return 1;
        }
        int[] rows = [.. Enumerable.Range(0, n).Where(i => i != row)];
        int[] columns = [.. Enumerable.Range(0, n).Where(i => i != column)];
        return ((row + column) % 2 == 0 ? 1 : -1) * DeterminantOf(x[rows][.., columns]);
    }

    private static NDArray Determinant(NDArray x) => DeterminantOf(x);

    private static NDArray Adjugate(NDArray x)
    {
        NDArray y = NDArray.ZerosLike(x);
        for (int i = 0; i < x.Shape[0]; i++)
        {
            for (int j = 0; j < x.Shape[0]; j++)
            {
                y[j, i] = Cofactor(x, i, j);
            }
        }
        return y / DeterminantOf(x);
    }

    private static NDArray Factor(NDArray x)
    {
        int n = x.Shape[0];
        var y = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double rest = x[i, j].Item<double>();
                for (int k = 0; k < j; k++)
                {
                    rest -= y[i, k] * y[j, k];
                }
                y[i, j] = i == j ? Math.Sqrt(rest) : rest / y[j, j];
            }
        }
        return y;
    }
}
