using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using NUnit.Framework;
using L = NativeChain.Links;

namespace NativeChain.Tests.Datasets;

[TestFixture]
public class DatasetTests
{
    private static readonly TupleDataset Ten = new(NDArray.Arange(10), NDArray.Arange(20).Reshape((10, 2)));

    [Test]
    public void PartsAreReadAsTheWhole()
    {
        SubDataset sub = new(Ten, 2, 5), permuted = new(Ten, 2, 5, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        Assert.That(Numbers(sub), Is.EqualTo(new long[] { 2, 3, 4 }));
        Assert.That(Numbers(permuted), Is.EqualTo(new long[] { 7, 6, 5 }));
        Assert.That(permuted.GetBatch((NDArray)new long[] { 2, 0 })[1].ToArray<long>(), Is.EqualTo(new long[] { 10, 11, 14, 15 }));
        Assert.That(() => sub[3], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => sub.GetBatch((NDArray)new long[] { -1 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new SubDataset(Ten, 0, 11), Throws.ArgumentException);
        Assert.That(() => new SubDataset(Ten, -1, 1), Throws.ArgumentException);
        Assert.That(() => new SubDataset(Ten, 0, 1, [0]), Throws.ArgumentException.With.Message.Contains("order of 1"));
        Assert.That(() => new SubDataset(Ten, 0, 1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10]), Throws.ArgumentException.With.Message.Contains("holds 10"));
    }

    [Test]
    public void SplitsShareNothingAndLoseNothing()
    {
        (SubDataset first, SubDataset second) = NativeChain.Datasets.SplitDataset(Ten, 3);
        Assert.That((Numbers(first), Numbers(second)), Is.EqualTo((new long[] { 0, 1, 2 }, new long[] { 3, 4, 5, 6, 7, 8, 9 })));
        (first, second) = NativeChain.Datasets.SplitDatasetRandom(Ten, 4, seed: 1);
        Assert.That(first.Count, Is.EqualTo(4));
        Assert.That(Numbers(first).Concat(Numbers(second)), Is.EquivalentTo(Enumerable.Range(0, 10)).And.Not.Ordered);
        Assert.That(Numbers(NativeChain.Datasets.SplitDatasetRandom(Ten, 4, seed: 1).First), Is.EqualTo(Numbers(first)));
        SubDataset[] parts = NativeChain.Datasets.SplitDatasetN(Ten, 3);
        Assert.That(parts.Select(Numbers), Is.EqualTo(new long[][] { [0, 1, 2], [3, 4, 5], [6, 7, 8] }));
        parts = NativeChain.Datasets.SplitDatasetNRandom(Ten, 3, seed: 2);
        Assert.That(parts.SelectMany(Numbers).Distinct().Count(), Is.EqualTo(9));
        Assert.That(() => NativeChain.Datasets.SplitDataset(Ten, 11), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => NativeChain.Datasets.SplitDatasetN(Ten, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void CrossValidationTestsOnEachExampleOnce()
    {
        (SubDataset Train, SubDataset Test)[] folds = NativeChain.Datasets.GetCrossValidationDatasets(Ten, 3);
        Assert.That(folds.Select(fold => Numbers(fold.Test)), Is.EqualTo(new long[][] { [6, 7, 8, 9], [3, 4, 5], [0, 1, 2] }));
        Assert.That(folds.Select(fold => Numbers(fold.Train)), Is.EqualTo(new long[][]
        {
            [0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 0, 1, 2], [3, 4, 5, 6, 7, 8, 9],
        }));
        folds = NativeChain.Datasets.GetCrossValidationDatasetsRandom(Ten, 4, seed: 3);
        Assert.That(folds.SelectMany(fold => Numbers(fold.Test)), Is.EquivalentTo(Enumerable.Range(0, 10)));
        foreach ((SubDataset train, SubDataset test) in folds)
        {
            Assert.That(Numbers(train).Concat(Numbers(test)), Is.EquivalentTo(Enumerable.Range(0, 10)));
        }
    }

    [Test]
    public void DataSetsStandOneBehindTheOther()
    {
        ConcatenatedDataset both = new(new SubDataset(Ten, 8, 10), new SubDataset(Ten, 0, 0), new SubDataset(Ten, 0, 3));
        Assert.That(Numbers(both), Is.EqualTo(new long[] { 8, 9, 0, 1, 2 }));
        Assert.That(() => both[5], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => both[-1], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ExamplesAreTransformedWhenTheyAreRead()
    {
        int calls = 0;
        TransformDataset transformed = new(Ten, example =>
        {
            calls++;
            return [example[0] * 2, example[1], example[0]];
        });
        Assert.That(calls, Is.Zero);
        Batch batch = ((IDataset)transformed).GetBatch((NDArray)new long[] { 3, 1 });
        Assert.That((batch.Count, calls), Is.EqualTo((3, 2)));
        Assert.That(batch[0].ToArray<long>(), Is.EqualTo(new long[] { 6, 2 }));
    }

    [Test]
    public void ExamplesOfADictionaryHaveNames()
    {
        DictDataset data = new(("x", NDArray.Arange(6).Reshape((3, 2))), ("t", NDArray.Arange(3)));
        Assert.That(data[2][0].ToArray<long>(), Is.EqualTo(new long[] { 4, 5 }));
        Batch batch = new SerialIterator(new TransformDataset(new SubDataset(data, 1, 3), example => example), 2, shuffle: false).Next()!;
        Assert.That(batch.Names, Is.EqualTo(new[] { "x", "t" }));
        Assert.That(batch["t"].ToArray<long>(), Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(batch.ToDictionary().Keys, Is.EqualTo(new[] { "x", "t" }));
        Assert.That(batch.To(Device.Cpu).ToNamedVariables().Select(arg => arg.Name), Is.EqualTo(new[] { "x", "t" }));
        Assert.That(() => batch["y"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("x, t"));
        Assert.That(() => new DictDataset(("x", NDArray.Zeros(2)), ("t", NDArray.Zeros(3))), Throws.ArgumentException.With.Message.Contains("t has 3"));
        Assert.That(() => new DictDataset(("x", NDArray.Zeros(2)), ("x", NDArray.Zeros(2))), Throws.ArgumentException.With.Message.Contains("twice"));
        Assert.That(() => new DictDataset(("x", Ten))[0], Throws.InvalidOperationException.With.Message.Contains("2 arrays"));
    }

    [Test]
    public void NamedMinibatchesReachModelAndFunctionsByName()
    {
        RandomGenerator rng = new(1);
        DictDataset data = new(("t", (NDArray)new[] { 0, 1, 2, 0 }), ("x", rng.Normal(shape: (4, 3))));
        L.Classifier model = new(new L.Linear(3, 3), labelKey: "t");
        SGD optimizer = new(lr: 0.1);
        optimizer.Setup(model);
        string[] seen = [];
        List<Batch> converted = [];
        Train(new StandardUpdater(new SerialIterator(data, 4), optimizer));
        Assert.That(model.Loss, Is.Not.Null);
        Train(new StandardUpdater(new SerialIterator(data, 4), optimizer, namedLossFunc: args =>
        {
            seen = [.. args.Keys];
            return model.Call(("x", args["x"]), ("t", args["t"]));
        }));
        Assert.That(seen, Is.EqualTo(new[] { "t", "x" }));
        Train(new StandardUpdater(
            new SerialIterator(data, 4),
            optimizer,
            batch =>
            {
                converted.Add(batch);
                return [batch["x"], batch["t"]];
            },
            lossFunc: args => F.SoftmaxCrossEntropy(model.Predictor.Call(args[0]), args[1])));
        Assert.That(converted.Single().Names, Is.EqualTo(new[] { "t", "x" }));
        OrderedDictionary<string, double> means = new Evaluator(new SerialIterator(data, 4, repeat: false, shuffle: false), model).Evaluate();
        Assert.That(means["main/loss"], Is.EqualTo(model.Loss!.Array.Item<float>()));

        static void Train(StandardUpdater updater) => updater.Update();
    }

    [Test]
    public void APredictorMayTakeItsInputsByName()
    {
        DictDataset data = new(("b", (NDArray)new float[,] { { 1, 2 } }), ("a", (NDArray)new float[,] { { 5, 7 } }), ("t", (NDArray)new[] { 0 }));
        Difference predictor = new();
        L.Classifier model = new(predictor, labelKey: "t");
        model.Call(data.GetBatch((NDArray)new long[] { 0 }).ToNamedVariables());
        Assert.That(model.Y!.Array.ToArray<float>(), Is.EqualTo(new[] { 4f, 5f }));
    }

    [Test]
    public void ExamplesOfDifferentShapesStayAsTheyAre()
    {
        TransformDataset data = new(Ten, example => [NDArray.Arange(example[0].Item<long>() + 1), example[0]]);
        Batch batch = ((IDataset)data).GetBatch((NDArray)new long[] { 2, 0 });
        Assert.That((batch.IsStacked, batch.Count, batch.Size), Is.EqualTo((false, 2, 2)));
        Assert.That(batch.Examples[0][0].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That(() => batch[0], Throws.InvalidOperationException.With.Message.Contains("(3,) (), (1,) ()"));
        Assert.That(() => batch.ToVariables(), Throws.InvalidOperationException);
        Batch padded = batch.To(Device.Cpu).Pad(-1);
        Assert.That(padded[0].ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2, 0, -1, -1 }));
        Assert.That(padded[1].ToArray<long>(), Is.EqualTo(new long[] { 2, 0 }));
        Assert.That(Ten.GetBatch((NDArray)new long[] { 4 }).Examples.Single()[1].ToArray<long>(), Is.EqualTo(new long[] { 8, 9 }));
        Assert.That(
            () => ((IDataset)new TransformDataset(Ten, example => example[0].Item<long>() == 0 ? example : [example[0]])).GetBatch((NDArray)new long[] { 0, 1 }),
            Throws.ArgumentException.With.Message.Contains("1 arrays among ones of 2"));
    }

    private static long[] Numbers(IDataset dataset) => [.. Enumerable.Range(0, dataset.Count).Select(i => dataset[i][0].Item<long>())];

    private sealed class Difference : Link
    {
        public override Variable Forward(params (string Name, Variable Value)[] args)
        {
            Dictionary<string, Variable> named = args.ToDictionary(arg => arg.Name, arg => arg.Value);
            return named["a"] - named["b"];
        }
    }
}
