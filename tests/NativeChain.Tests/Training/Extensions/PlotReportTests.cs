using NativeChain.Optimizers;
using NativeChain.Training;
using NativeChain.Training.Extensions;
using NativeChain.Training.Plotting;
using NUnit.Framework;

namespace NativeChain.Tests.Training.Extensions;

[TestFixture]
public class PlotReportTests : TrainingTest
{
    [Test]
    public void MeansOfIntervalsAreDrawn()
    {
        List<Chart> charts = [];
        PlotReport plot = new(["x", "y", "never"], postprocess: charts.Add, logScale: true);
        Run(plot, 12);
        Assert.That(plot.Data["x"], Is.EqualTo(new[] { (5.0, 3.0), (10.0, 8.0) }));
        Assert.That(plot.Data["y"], Is.EqualTo(new[] { (10.0, 100.0) }));
        Assert.That(File.ReadAllText(At("plot.svg")), Does.Contain(">x</text>").And.Contain(">iteration</text>").And.Not.Contain(">never</text>"));
        Assert.That(charts[^1].LogY);
        PlotReport byEpoch = new(["x"], xKey: "epoch", trigger: (10, "iteration"), fileName: "epochs.svg");
        Run(byEpoch, 12);
        Assert.That(byEpoch.Data["x"], Is.EqualTo(new[] { (2.0, 5.5) }));
        Assert.That(File.Exists(At("epochs.svg")));
        PlotReport byValue = new(["x"], xKey: "y", trigger: (7, "iteration"), fileName: "values.svg");
        Run(byValue, 12);
        Assert.That(byValue.Data["x"], Is.EqualTo(new[] { (100.0, 4.0) }));
        Assert.That(() => Run(new PlotReport(["x"], xKey: "z"), 12), Throws.InvalidOperationException.With.Message.Contains("z"));
        Assert.That(() => new PlotReport([]), Throws.ArgumentException);
    }

    [Test]
    public void NothingIsDrawnWhereThereIsNothing()
    {
        Run(new PlotReport(["never"]), 12);
        Assert.That(File.Exists(At("plot.svg")), Is.False);
    }

    [Test]
    public void ChangesOfTheLearningRateAreMarked()
    {
        Run(new PlotReport(["x"]), 20, trainer => trainer.Extend(new ExponentialShift("lr", 0.5), trigger: (1, "epoch"), priority: Extension.PriorityWriter));
        string svg = File.ReadAllText(At("plot.svg"));
        foreach (string text in new[] { "lr changes", "0.5", "0.25", "0.125" })
        {
            Assert.That(svg, Does.Contain($">{text}</text>"));
        }
        Assert.That(Text(Run(new PlotReport(["x"]), 20)), Does.Not.Contain("lr changes"));
    }

    [Test]
    public void AResumedTrainingDrawsTheSame()
    {
        string whole = Text(Run(new PlotReport(["x", "y"]), 20, Shift));
        Run(new PlotReport(["x", "y"]), 20, trainer => Shift(trainer).Extend(new Snapshot(), trigger: (8, "iteration")));
        File.Delete(At("plot.svg"));
        string resumed = Text(Run(new PlotReport(["x", "y"]), 20, trainer =>
        {
            Shift(trainer).Extend(new Snapshot(), trigger: (8, "iteration"));
            NativeChain.Serializers.LoadNpz(At("snapshot_iter_8"), trainer);
            return trainer;
        }));
        Assert.That(resumed, Is.EqualTo(whole));

        static Trainer Shift(Trainer trainer) => trainer.Extend(new ExponentialShift("lr", 0.5), trigger: (6, "iteration"), priority: Extension.PriorityWriter);
    }

    [Test]
    public void PointsAreSavedAsChainerSavesThem()
    {
        PlotReport plot = new(["x"], fileName: "loss.svg"), loaded = new(["x"], fileName: "loss.svg");
        Run(plot, 10);
        Reload(plot, loaded);
        Assert.That(loaded.Data["x"], Is.EqualTo(plot.Data["x"]));
        using NpzFile npz = NpzFile.Open(At("reload.npz"));
        Assert.That(npz.Get("_plot_loss.png"), Is.EqualTo("{\"x\": [[5, 3.0], [10, 8.0]]}"));
        Assert.That(npz.Get("_plot_loss.svg"), Is.EqualTo(npz.Get("_plot_loss.png")));
    }

    [TestCase("[]")]
    [TestCase("{\"x\": 1}")]
    [TestCase("{\"x\": [[1]]}")]
    [TestCase("{\"x\": [[1, \"a\"]]}")]
    [TestCase("{\"x\": [[1, null]]}")]
    [TestCase("{")]
    public void OtherTextsAreRefused(string text)
    {
        NativeChain.Serializers.SaveNpz(At("bad.npz"), new OneText("_plot_plot.svg", text));
        Assert.That(() => NativeChain.Serializers.LoadNpz(At("bad.npz"), new PlotReport(["x"])), Throws.TypeOf<InvalidDataException>());
    }

    private string Text(PlotReport _) => File.ReadAllText(At("plot.svg"));

    /// <summary>x is the iteration, y 100 at each seventh.</summary>
    private PlotReport Run(PlotReport plot, int iterations, Func<Trainer, Trainer>? prepare = null)
    {
        Trainer trainer = Counting((iterations, "iteration"), new SGD(lr: 1)).Extend(plot).Extend(
            t =>
            {
                t.Observation["x"] = (double)t.Updater.Iteration;
                if (t.Updater.Iteration % 7 == 0)
                {
                    t.Observation["y"] = 100;
                }
            },
            "observe",
            priority: Extension.PriorityWriter);
        prepare?.Invoke(trainer);
        trainer.Run();
        return plot;
    }

    private sealed class OneText(string key, string text) : ISerializable
    {
        public void Serialize(Serializer serializer) => serializer.Serialize(key, text);
    }
}
