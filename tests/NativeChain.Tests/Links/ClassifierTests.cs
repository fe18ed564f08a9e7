using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Links;

[TestFixture]
public class ClassifierTests
{
    private static readonly NDArray X = new float[,] { { 1, 0 }, { 0, 1 }, { 2, 1 } };
    private static readonly NDArray T = new[] { 0, 1, 1 };

    [Test]
    public void LossAndAccuracyAreComputedAndReported()
    {
        L.Classifier model = new(new L.Linear(2, 2, initialW: (NDArray)new float[,] { { 1, 0 }, { 0, 1 } }));
        Reporter reporter = new();
        reporter.AddObservers("main", model);
        Variable loss;
        using (reporter.Scope())
        {
            loss = model.Call(X, T);
        }
        Assert.That(model.Accuracy!.Array.Item<float>(), Is.EqualTo(2f / 3).Within(1e-6));
        Assert.That(reporter.Observation["main/loss"].ToDouble(), Is.EqualTo((double)loss.Array.Item<float>()));
        Assert.That(reporter.Observation["main/accuracy"].ToDouble(), Is.EqualTo(2.0 / 3).Within(1e-6));
        Assert.That(model.Loss, Is.SameAs(loss));
    }

    [Test]
    public void AccuracyCanBeLeftOut()
    {
        L.Classifier model = new(new L.Linear(2, 2)) { ComputeAccuracy = false };
        model.Call(X, T);
        Assert.That(model.Accuracy, Is.Null);
    }

    [Test]
    public void TheLabelGoesByIndexOrName()
    {
        L.Classifier first = new(new L.Linear(2, 2), labelKey: 0);
        L.Classifier named = new(first.Predictor, labelKey: "t");
        float expected = first.Call(T, X).Array.Item<float>();
        Assert.That(named.Call(("x", (Variable)X), ("t", (Variable)T)).Array.Item<float>(), Is.EqualTo(expected));
        Assert.That(() => new L.Classifier(first.Predictor, labelKey: 2).Call(X, T), Throws.ArgumentException.With.Message.Contains("2"));
        Assert.That(() => named.Call(X, T), Throws.ArgumentException.With.Message.Contains("\"t\""));
        Assert.That(() => named.Call(("x", (Variable)X)), Throws.ArgumentException.With.Message.Contains("\"t\""));
    }

    [Test]
    public void OtherLossesCanBeGiven()
    {
        L.Classifier model = new(new L.Linear(2, 1), (y, t) => F.MeanSquaredError(y, t)) { ComputeAccuracy = false };
        Assert.That(model.Call(X, NDArray.Zeros((3, 1))).Array.NDim, Is.Zero);
    }
}
