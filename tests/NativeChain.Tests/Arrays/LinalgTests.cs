using System.Text.Json;
using NUnit.Framework;
using static NativeChain.NDArray;
using static NativeChain.Tests.Arrays.NumPyFunctionTests;

namespace NativeChain.Tests.Arrays;

/// <summary>Linear algebra over all of its cases in Data/generate_linalg.py, and what NumPy leaves open (signs of vectors, other dtypes) by identities.</summary>
public class LinalgTests
{
    private static readonly Dictionary<string, Func<JsonElement, NDArray[]>> s_calls = new()
    {
        ["det"] = a => [Linalg.Det(X(a))],
        ["slogdet"] = a => Pair(Linalg.SlogDet(X(a))),
        ["inv"] = a => [Linalg.Inv(X(a))],
        ["matrix_power"] = a => [Linalg.MatrixPower(X(a), Int(a[1]))],
        ["matrix_rank"] = a => [Linalg.MatrixRank(X(a), a[1].ValueKind == JsonValueKind.Null ? null : a[1].GetDouble())],
        ["pinv"] = a => [Linalg.Pinv(X(a))],
        ["solve"] = a => [Linalg.Solve(X(a), X(a, 1))],
        ["cholesky"] = a => [Linalg.Cholesky(X(a))],
        ["eigvalsh"] = a => [Linalg.EigValsH(X(a))],
        ["eigvalsh_upper"] = a => [Linalg.EigValsH(X(a), upper: true)],
        ["qr"] = a => Pair(Linalg.QR(X(a), Enum.Parse<QRMode>(a[1].GetString()!, ignoreCase: true))),
        ["svdvals"] = a => [Linalg.SVDVals(X(a))],
        ["lstsq"] = a =>
        {
            (NDArray x, NDArray residuals, int rank, NDArray s) = Linalg.Lstsq(X(a), X(a, 1));
            return [x, residuals, rank, s];
        },
        ["norm"] = a => [Linalg.Norm(X(a), Order(a[1]), AxesOf(a[2]), a[3].GetBoolean())],
    };

    public static IEnumerable<TestCaseData> Functions() =>
        NumPyTable.Cases("linalg").GroupBy(c => c[0].GetString()!).Select(g => new TestCaseData(g.Key, g.ToArray()).SetArgDisplayNames(g.Key));

    // Both round as they go; a product with an ill-conditioned inverse keeps fewer digits.
    [TestCaseSource(nameof(Functions))]
    public void IsAsNumPy(string name, JsonElement[] cases) => Assert.Multiple(() =>
    {
        foreach (JsonElement c in cases)
        {
            Check(s_calls[name], c[1], c[2], slack: name is "inv" or "solve" or "matrix_power" or "pinv" or "lstsq" ? 2000 : 20);
        }
    });

    [TestCase(3, 3)]
    [TestCase(5, 3)]
    [TestCase(3, 5)]
    [TestCase(40, 30)]
    public void SingularVectors(int m, int n)
    {
        NDArray x = FunctionTest.Uniform((2, m, n));
        int k = Math.Min(m, n);
        (NDArray u, NDArray s, NDArray vh) = Linalg.SVD(x, fullMatrices: false);
        (NDArray fullU, NDArray fullS, NDArray fullVh) = Linalg.SVD(x);
        Assert.Multiple(() =>
        {
            AssertNear(MatMul(u * s.ExpandDims(-2), vh), x);
            AssertNear(s, Linalg.SVDVals(x));
            AssertNear(fullS, s);
            AssertNear(MatMul(u.SwapAxes(-1, -2), u), Eye(k, dtype: DType.Float64).BroadcastTo((2, k, k)));
            AssertNear(MatMul(fullU, fullU.SwapAxes(-1, -2)), Eye(m, dtype: DType.Float64).BroadcastTo((2, m, m)));
            AssertNear(MatMul(fullVh, fullVh.SwapAxes(-1, -2)), Eye(n, dtype: DType.Float64).BroadcastTo((2, n, n)));
        });
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(30)]
    public void Eigenvectors(int n)
    {
        NDArray x = FunctionTest.Uniform((2, n, n));
        NDArray lower = Tril(x) + Tril(x, -1).SwapAxes(-1, -2);
        (NDArray w, NDArray v) = Linalg.Eigh(x);
        (NDArray upperW, NDArray upperV) = Linalg.Eigh(x.SwapAxes(-1, -2), upper: true);
        Assert.Multiple(() =>
        {
            AssertNear(MatMul(lower, v), v * w.ExpandDims(-2));
            AssertNear(MatMul(v.SwapAxes(-1, -2), v), Eye(n, dtype: DType.Float64).BroadcastTo((2, n, n)));
            AssertNear(upperW, w);
            AssertNear(upperV, v);
        });
    }

    [Test]
    public void TheUpperCholeskyFactorReadsTheUpperTriangle()
    {
        NDArray x = new[,] { { 4.0, 2 }, { double.NaN, 5 } };
        Assert.That(Linalg.Cholesky(x, upper: true).ToArray<double>(), Is.EqualTo(new double[] { 2, 1, 0, 2 }));
        Assert.That(Linalg.Cholesky(x.T).ToArray<double>(), Is.EqualTo(new double[] { 2, 0, 1, 2 }));
    }

    [TestCase(DType.Float16)]
    [TestCase(DType.BFloat16)]
    public void SixteenBitsAreRoundedOnce(DType dtype)
    {
        NDArray x = new[,] { { 4f, 1 }, { 1, 3 } };
        NDArray half = x.AsType(dtype);
        (NDArray u, NDArray s, NDArray vh) = Linalg.SVD(half);
        Assert.Multiple(() =>
        {
            Assert.That((u.DType, s.DType, vh.DType), Is.EqualTo((dtype, dtype, dtype)));
            foreach (Func<NDArray, NDArray> f in new Func<NDArray, NDArray>[]
            {
                a => Linalg.Inv(a), a => Linalg.Det(a), a => Linalg.Cholesky(a), a => Linalg.Pinv(a), a => Linalg.Norm(a), a => Linalg.Norm(a, "nuc"),
                a => Linalg.MatrixPower(a, 3), a => Linalg.MatrixPower(a, 1), a => Linalg.Solve(a, a[0]), a => Linalg.QR(a).R, a => Linalg.EigValsH(a),
            })
            {
                NDArray y = f(half);
                Assert.That(y.DType, Is.EqualTo(dtype));
                Assert.That(y.AsType(DType.Float32).ToArray<float>(), Is.EqualTo(f(x).AsType(dtype).AsType(DType.Float32).ToArray<float>()));
            }
        });
    }

    [Test]
    public void AMatrixWithoutAResultIsNamed()
    {
        NDArray x = Eye(2, dtype: DType.Float64).BroadcastTo((3, 2, 2)).Copy();
        x[1] = 1;
        Assert.Multiple(() =>
        {
            Assert.That(() => Linalg.Inv(x), Throws.TypeOf<LinAlgException>().With.Message.Contains("x[1] is singular"));
            Assert.That(() => Linalg.Solve(x, x), Throws.TypeOf<LinAlgException>().With.Message.Contains("a[1] is singular"));
            Assert.That(() => Linalg.MatrixPower(x, -2), Throws.TypeOf<LinAlgException>());
            Assert.That(() => Linalg.Cholesky(-x), Throws.TypeOf<LinAlgException>().With.Message.Contains("x[0] is not positive definite"));
            Assert.That(() => Linalg.SVD(x * double.NaN), Throws.TypeOf<LinAlgException>());
            Assert.That(() => Linalg.Eigh(x / 0.0), Throws.TypeOf<LinAlgException>());
            Assert.That(() => Linalg.Norm(x * double.NaN, 2, (0, 1)), Throws.TypeOf<LinAlgException>());
        });
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        NDArray x = Ones((2, 2));
        Assert.Multiple(() =>
        {
            Assert.That(() => Linalg.Det(null!), Throws.ArgumentNullException);
            Assert.That(() => Linalg.Norm(null!), Throws.ArgumentNullException);
            Assert.That(() => Linalg.Solve(x, null!), Throws.ArgumentNullException);
            Assert.That(() => Linalg.QR(x, (QRMode)2), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Linalg.Norm(x, "two"), Throws.ArgumentException.With.Message.Contains("two"));
            Assert.That(() => Linalg.Norm(x, 3), Throws.ArgumentException.With.Message.Contains("order 3"));
            Assert.That(() => Linalg.Det(Ones((2, 3))), Throws.ArgumentException.With.Message.Contains("Linalg.Det").And.Message.Contains("(2, 3)"));
            Assert.That((NormOrder.Frobenius.ToString(), ((NormOrder)2).ToString(), default(NormOrder).ToString()), Is.EqualTo(("fro", "2", "none")));
            Assert.That((NormOrder)"nuc", Is.EqualTo(NormOrder.Nuclear));
        });
    }

    [Test]
    public void ResultsShareNoMemoryWithTheirInputs()
    {
        NDArray x = Ones((2, 2));
        foreach (int n in new[] { 0, 1 })
        {
            NDArray y = Linalg.MatrixPower(x, n);
            y.Fill(7);
            Assert.That(x.ToArray<float>(), Is.All.EqualTo(1f));
        }
    }

    private static void AssertNear(NDArray actual, NDArray expected) =>
        FunctionTest.AssertClose([actual], [expected], DType.Float64, 500, "result");

    private static NDArray[] Pair((NDArray First, NDArray Second) results) => [results.First, results.Second];

    private static NormOrder Order(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => default,
        JsonValueKind.Number => value.GetDouble(),
        _ => value.GetString() switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            string name => name,
            null => default,
        },
    };

    private static Axes AxesOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Axes.All,
        JsonValueKind.Number => value.GetInt32(),
        _ => Ints(value),
    };
}
