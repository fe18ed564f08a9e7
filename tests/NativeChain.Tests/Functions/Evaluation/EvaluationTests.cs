using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class EvaluationTests
{
    private static readonly DType[] s_floating = [DType.Float64, DType.Float32, DType.Float16];

    private static NUnit.Framework.Constraints.Constraint Refuses(string function) =>
        Throws.TypeOf<InvalidTypeException>().With.Message.Contains(function);

    [Test]
    public void BinaryAccuracyCountsSigns()
    {
        foreach (DType dtype in s_floating)
        {
            NDArray y = NDArray.FromArray(new double[,] { { 1, -1, 0 }, { -2, 3, -0.5 } }).AsType(dtype);
            Variable accuracy = F.BinaryAccuracy(y, (NDArray)new[,] { { 1, 1, 1 }, { 0, -1, -1 } });
            Assert.That(accuracy.DType, Is.EqualTo(dtype));
            Assert.That((double)accuracy.Array, Is.EqualTo(0.75));
        }
        NDArray x = NDArray.Ones(2);
        Assert.That((double)F.BinaryAccuracy(x, (NDArray)new long[] { -1, -1 }).Array, Is.Zero);
        Assert.That(() => F.BinaryAccuracy(x, (NDArray)new[] { 1 }), Refuses("BinaryAccuracy"));
        Assert.That(() => F.BinaryAccuracy(x, x), Refuses("BinaryAccuracy"));
        Assert.That(() => F.BinaryAccuracy(NDArray.Ones(2, DType.Int32), NDArray.Ones(2, DType.Int32)), Refuses("BinaryAccuracy"));
    }

    private static void CheckSummary(
        (Variable Precision, Variable Recall, Variable FBeta, Variable Support) actual,
        double[] precision, double[] recall, double beta, long[] support)
    {
        double[] f = [.. precision.Zip(recall).Select(p => (1 + (beta * beta)) * p.First * p.Second / ((beta * beta * p.First) + p.Second))];
        Assert.That(actual.Precision.Array.ToArray<double>(), Is.EqualTo(precision).Within(1e-15));
        Assert.That(actual.Recall.Array.ToArray<double>(), Is.EqualTo(recall).Within(1e-15));
        Assert.That(actual.FBeta.Array.ToArray<double>(), Is.EqualTo(f).Within(1e-15));
        Assert.That(actual.Support.Array.ToArray<long>(), Is.EqualTo(support));
    }

    [Test]
    public void ClassificationSummary()
    {
        // Predictions 0, 1, 1, 2, 0.
        NDArray y = new float[,] { { 9, 0, 0 }, { 0, 9, 0 }, { 0, 9, 0 }, { 0, 0, 9 }, { 9, 0, 0 } };
        NDArray t = new[] { 0, 1, 0, 2, 0 };
        const double NaN = double.NaN;
        CheckSummary(F.ClassificationSummary(y, t), [1, 0.5, 1], [2.0 / 3, 1, 1], 1, [3, 1, 1]);
        CheckSummary(F.ClassificationSummary(y, t, labelNum: 4, beta: 2), [1, 0.5, 1, NaN], [2.0 / 3, 1, 1, NaN], 2, [3, 1, 1, 0]);
        CheckSummary(F.ClassificationSummary(y, t, labelNum: 2), [1, 0.5], [2.0 / 3, 1], 1, [3, 1]);
        CheckSummary(F.ClassificationSummary(y, t, ignoreLabel: 0), [NaN, 1, 1], [NaN, 1, 1], 1, [0, 1, 1]);
        CheckSummary(F.ClassificationSummary(y, (NDArray)new long[] { 0, -1, -1, 2, -1 }), [1, NaN, 1], [1, NaN, 1], 1, [1, 0, 1]);

        (Variable precision, Variable support) = F.Precision(y, t);
        Assert.That(precision.Array.ToArray<double>(), Is.EqualTo(new[] { 1, 0.5, 1 }));
        Assert.That(support.Array.ToArray<long>(), Is.EqualTo(new long[] { 3, 1, 1 }));
        Assert.That(F.Recall(y, t).Recall.Array.ToArray<double>(), Is.EqualTo(new[] { 2.0 / 3, 1, 1 }));
        Assert.That(F.F1Score(y, t).F1.Array.ToArray<double>(), Is.EqualTo(new[] { 0.8, 2.0 / 3, 1 }).Within(1e-15));
        Assert.That(F.FBetaScore(y, t, beta: 2).FBeta.Array.ToArray<double>()[0], Is.EqualTo(5 * (2.0 / 3) / (4 + (2.0 / 3))).Within(1e-15));

        // Labels of images, and a score with axes behind the classes.
        NDArray images = y.T.Reshape((1, 3, 5, 1));
        CheckSummary(F.ClassificationSummary(images, t.Reshape((1, 5))), [1, 0.5, 1], [2.0 / 3, 1, 1], 1, [3, 1, 1]);

        Assert.That(() => F.ClassificationSummary(y, (NDArray)new[] { 0, 1, 0, 2, -2 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.ClassificationSummary(y, t, labelNum: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => F.ClassificationSummary(NDArray.Zeros((0, 3)), NDArray.Zeros(0, DType.Int32)), Throws.ArgumentException);
        Assert.That(F.ClassificationSummary(NDArray.Zeros((0, 3)), NDArray.Zeros(0, DType.Int32), 2).Support.Array.ToArray<long>(), Is.EqualTo(new long[] { 0, 0 }));
        Assert.That(() => F.Precision(y, (NDArray)new[] { 0 }), Refuses("ClassificationSummary"));
        Assert.That(() => F.Recall(y, y[.., 0]), Refuses("ClassificationSummary"));
        Assert.That(() => F.F1Score(t, t), Refuses("ClassificationSummary"));
    }

    [Test]
    public void R2Score()
    {
        NDArray pred = FunctionTest.Uniform((5, 3));
        NDArray truth = FunctionTest.Uniform((5, 3), seed: 2);
        truth[.., 2] = 4;
        double[] expected = [.. Enumerable.Range(0, 3).Select(k =>
        {
            double mean = Enumerable.Range(0, 5).Average(i => truth.At(i, k));
            double total = Enumerable.Range(0, 5).Sum(i => Math.Pow(truth.At(i, k) - mean, 2));
            return total == 0 ? 0 : 1 - (Enumerable.Range(0, 5).Sum(i => Math.Pow(truth.At(i, k) - pred.At(i, k), 2)) / total);
        })];
        foreach (DType dtype in s_floating)
        {
            double tolerance = dtype == DType.Float64 ? 1e-12 : dtype == DType.Float32 ? 1e-5 : 1e-2;
            Variable raw = F.R2Score(pred.AsType(dtype), truth.AsType(dtype), multioutput: "raw_values");
            Assert.That(raw.DType, Is.EqualTo(dtype));
            Assert.That(raw.Array.AsType(DType.Float64).ToArray<double>(), Is.EqualTo(expected).Within(tolerance));
            Assert.That((double)F.R2Score(pred.AsType(dtype), truth.AsType(dtype)).Array, Is.EqualTo(expected.Average()).Within(tolerance));
        }
        Assert.That((double)F.R2Score(truth[.., 0], truth[.., 0]).Array, Is.EqualTo(1));
        Assert.That(() => F.R2Score(pred, truth, multioutput: "mean"), Throws.ArgumentException);
        Assert.That(() => F.R2Score(pred, truth, NDArray.Ones(5)), Throws.TypeOf<NotSupportedException>());
        Assert.That(() => F.R2Score(pred, truth.T), Refuses("R2Score"));
        Assert.That(() => F.R2Score(pred, NDArray.Zeros((5, 3), DType.Int32)), Refuses("R2Score"));
    }
}
