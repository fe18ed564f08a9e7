using NUnit.Framework;

namespace NativeChain.Tests.Functions;

[TestFixture]
public class AccuracyTests
{
    private static readonly NDArray s_scores = new float[,] { { 1, 2, 3 }, { 3, 2, 1 }, { 1, 3, 2 }, { 5, 4, 9 } };

    private static float Value(Variable v) => v.Array.Item<float>();

    [Test]
    public void CountsRightAnswers()
    {
        Assert.That(Value(F.Accuracy(s_scores, (NDArray)new int[] { 2, 0, 1, 2 })), Is.EqualTo(1));
        Assert.That(Value(F.Accuracy(s_scores, (NDArray)new int[] { 2, 0, 0, 0 })), Is.EqualTo(0.5f));
        Assert.That(Value(F.Accuracy(s_scores, (NDArray)new long[] { 0, 1, 0, 0 })), Is.Zero);
    }

    [Test]
    public void IgnoresALabel()
    {
        Assert.That(Value(F.Accuracy(s_scores, (NDArray)new int[] { 2, 1, -1, -1 }, ignoreLabel: -1)), Is.EqualTo(0.5f));
        Assert.That(Value(F.Accuracy(s_scores, (NDArray)new int[] { 2, 1, 0, 0 }, ignoreLabel: 0)), Is.EqualTo(0.5f));
        Assert.That(Value(F.Accuracy(s_scores, (NDArray)new int[] { -1, -1, -1, -1 }, ignoreLabel: -1)), Is.Zero);
    }

    [Test]
    public void TakesLabelsOfPixelsAndTrailingAxesOfOne()
    {
        Variable y = s_scores.Reshape((2, 3, 2));
        NDArray best = s_scores.Reshape((2, 3, 2)).ArgMax(1);
        Assert.That(Value(F.Accuracy(y, best)), Is.EqualTo(1));
        Assert.That(Value(F.Accuracy(s_scores.Reshape((4, 3, 1, 1)), (NDArray)new int[] { 2, 0, 0, 0 })), Is.EqualTo(0.5f));
    }

    [Test]
    public void KeepsTheDTypeAndTakesNoGradient()
    {
        var y = new Variable(s_scores.AsType(DType.Float64));
        Variable accuracy = F.Accuracy(y, (NDArray)new int[] { 2, 0, 0, 0 });
        Assert.That(accuracy.Array.Item<double>(), Is.EqualTo(0.5));
        accuracy.Backward();
        Assert.That(y.Grad, Is.Null);
        Assert.That(F.Accuracy(s_scores.AsType(DType.Float16), (NDArray)new int[] { 2, 0, 0, 0 }).DType, Is.EqualTo(DType.Float16));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        void Refuses(Variable y, Variable t) =>
            Assert.That(() => F.Accuracy(y, t), Throws.TypeOf<InvalidTypeException>().With.Message.Contains("Accuracy"));
        NDArray t = new int[] { 2, 0, 0, 0 };
        Refuses(s_scores.AsType(DType.Int32), t);
        Refuses(s_scores, t.AsType(DType.Float32));
        Refuses(s_scores, (NDArray)new int[] { 1, 2 });
        Refuses(s_scores.Reshape((2, 3, 2)), (NDArray)new int[] { 1, 2 });
        Refuses(s_scores.Reshape(12), t);
        Assert.That(() => F.Accuracy(null!, t), Throws.ArgumentNullException);
        Assert.That(() => F.Accuracy(s_scores, null!), Throws.ArgumentNullException);
    }
}
