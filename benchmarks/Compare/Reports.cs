using System.Text.Json;

namespace NativeChain.Compare;

/// <summary>Something that is measured once, outside of the rounds, with its bar.</summary>
internal sealed record Report(string Id, string Text, Verdict Verdict);

/// <summary>Memory of training, the time that a program takes to start, and MNIST from its files to the accuracy.</summary>
internal static class Reports
{
    /// <summary>Each report by its name, to be made on demand; null where what it needs is not there.</summary>
    public static IEnumerable<(string Id, Func<Report?> Make)> All(Workplace place)
    {
        foreach ((string model, string what) in ((string, string)[])[
            ("mlp", "MLP 784-100-100-10, batch 100"), ("cnn", "CNN of 3x3 convolutions 1-4-8, batch 32"), ("lstm", "LSTMs of 64 units, batch 32")])
        {
            yield return ($"memory-{model}", () => PlainLoop(place, model, what));
        }
        yield return ("memory-vgg", () => Peak(place));
        yield return ("start-up", () => StartUp.Measure(place, "start-up", compiled: false));
        yield return ("start-up-compiled", () => StartUp.Measure(place, "start-up-compiled", compiled: true));
        Mnist mnist = new(place);
        yield return ("mnist", () => mnist.Time(narrow: false));
        yield return ("mnist-bfloat16", () => mnist.Time(narrow: true));
        yield return ("mnist-accuracy", mnist.Accuracy);
    }

    private sealed record Loop(long Before, long LiveAfterStep, long AfterTenth, long AfterAll);

    // After a tenth of the steps: before + 3 x live + 64 MB. After all: 1.05 times what it was then.
    private static Report PlainLoop(Workplace place, string model, string what)
    {
        Loop found = Run<Loop>(place, model);
        bool met = found.AfterTenth <= found.Before + (3 * found.LiveAfterStep) + (64L << 20) && found.AfterAll <= 1.05 * found.AfterTenth;
        return new($"memory-{model}",
            $"20,000 plain training steps, {what}: {Mega(found.Before)} resident before, {Mega(found.LiveAfterStep)} live after a step, {Mega(found.AfterTenth)} resident after 2,000 steps, {Mega(found.AfterAll)} after all (bar: 1.05 times that after 2,000)",
            met ? Verdict.Met : Verdict.Missed);
    }

    private sealed record Step(long Peak, long Parameters, long Activations);

    private static Report Peak(Workplace place)
    {
        Step found = Run<Step>(place, "vgg");
        long held = (4 * found.Parameters) + found.Activations;
        double ratio = (double)found.Peak / held;
        return new("memory-vgg",
            FormattableString.Invariant($"peak of the `vgg` step: {Mega(found.Peak)}, {ratio:F2} times the {Mega(held)} of parameters, gradients, Adam's states and every layer's output (bar: 1.3)"),
            ratio <= 1.3 ? Verdict.Met : Verdict.Missed);
    }

    private static T Run<T>(Workplace place, string model) =>
        JsonSerializer.Deserialize<T>(Runner.Output("dotnet", place.BenchmarksAssembly, "--memory", model))!;

    private static string Mega(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:F1} MiB");
}
