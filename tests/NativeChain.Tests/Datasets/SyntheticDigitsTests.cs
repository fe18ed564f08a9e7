using NativeChain.Optimizers;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Datasets;

[TestFixture]
public class SyntheticDigitsTests
{
    [Test]
    public void TheSameSeedGivesTheSameImages()
    {
        float[] a = Images(1), b = Images(1), c = Images(2);
        Assert.That(a, Is.EqualTo(b));
        Assert.That(a, Is.Not.EqualTo(c));
        Assert.That(a, Is.All.InRange(0f, 1f));

        static float[] Images(ulong seed) => NativeChain.Datasets.GetSyntheticDigits(seed, train: 20, test: 5).Train.Arrays[0].ToArray<float>();
    }

    [Test]
    public void EveryDigitIsThereAndTrainAndTestDiffer()
    {
        (TupleDataset train, TupleDataset test) = NativeChain.Datasets.GetSyntheticDigits(0, train: 500, test: 500, ndim: 2);
        Assert.That(train.Arrays[0].Shape, Is.EqualTo(new Shape(500, 28, 28)));
        Assert.That(train.Arrays[1].ToArray<int>().Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 10)));
        Assert.That(train.Arrays[0].ToArray<float>(), Is.Not.EqualTo(test.Arrays[0].ToArray<float>()));
        Assert.That(() => NativeChain.Datasets.GetSyntheticDigits(0, train: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void TheyCanBeLearnt()
    {
        NDArray.Random.Seed(0);
        (TupleDataset train, TupleDataset test) = NativeChain.Datasets.GetSyntheticDigits(0, train: 3000, test: 500);
        Sequential predictor = new() { new L.Linear(784, 64), F.Relu, new L.Linear(64, 10) };
        L.Classifier model = new(predictor);
        Optimizer optimizer = new Adam(alpha: 0.003).Setup(model);
        SerialIterator iterator = new(train, 100);
        while (iterator.Epoch < 5)
        {
            optimizer.Update(model, iterator.Next()!.ToVariables());
        }
        using (Config.Using(train: false, enableBackprop: false))
        {
            model.Call(test.Arrays[0], test.Arrays[1]);
        }
        Assert.That(model.Accuracy!.Array.Item<float>(), Is.GreaterThan(0.9));
    }
}
