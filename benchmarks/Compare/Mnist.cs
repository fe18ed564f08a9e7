using System.Text.Json.Nodes;

namespace NativeChain.Compare;

/// <summary>
/// examples/Mnist, as it stands: a perceptron of 1000 units a layer, minibatches of 100, with its evaluation, log and snapshot after each epoch.
/// </summary>
/// <remarks>Only where NATIVECHAIN_DATA names the folder of the digits: nothing is downloaded here.</remarks>
internal sealed class Mnist(Workplace place)
{
    private const int Epochs = 50, Early = 20;
    private const double Within = 0.002;

    private readonly Dictionary<(bool Narrow, int Seed), JsonArray> _logs = [];

    /// <summary>From the first minibatch to the end of 50 epochs.</summary>
    /// <param name="narrow">With products of bfloat16.</param>
    public Report? Time(bool narrow)
    {
        if (!Available)
        {
            return null;
        }
        double aim = narrow ? 60 : 150, seconds = (double)Log(narrow, 0)[^1]!["elapsed_time"]!;
        return new(narrow ? "mnist-bfloat16" : "mnist",
            FormattableString.Invariant($"MNIST, {Epochs} epochs{(narrow ? " with products of bfloat16" : "")}: {seconds:F0} s, accuracy {AccuracyAfter(Epochs, narrow, 0):F4} (aim: {aim} s{(narrow ? " with AMX" : "")})"),
            seconds <= aim ? Verdict.Met : Verdict.Missed);
    }

    /// <summary>After 20 epochs, in three seeds.</summary>
    public Report? Accuracy()
    {
        if (!Available)
        {
            return null;
        }
        double Mean(bool narrow) => Enumerable.Range(0, 3).Average(seed => AccuracyAfter(Early, narrow, seed));
        double wide = Mean(narrow: false), small = Mean(narrow: true);
        return new("mnist-accuracy",
            FormattableString.Invariant($"MNIST, mean accuracy of three seeds after {Early} epochs: {wide:F4} in float32, {small:F4} with products of bfloat16 (bar: at most {Within} less)"),
            small >= wide - Within ? Verdict.Met : Verdict.Missed);
    }

    private static bool Available => Environment.GetEnvironmentVariable("NATIVECHAIN_DATA") is { Length: > 0 };

    private double AccuracyAfter(int epochs, bool narrow, int seed) => (double)Log(narrow, seed)[epochs - 1]!["validation/main/accuracy"]!;

    // The first seed is trained to the end, and serves both reports.
    private JsonArray Log(bool narrow, int seed)
    {
        if (_logs.TryGetValue((narrow, seed), out JsonArray? log))
        {
            return log;
        }
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nativechain");
        try
        {
            string project = Path.Combine(place.Repository, "examples", "Mnist");
            _ = Runner.Output("dotnet", "build", "-c", "Release", project);
            _ = Runner.Output(
                "dotnet", [Path.Combine(project, "bin", "Release", "net10.0", "Mnist.dll"), "--epoch", $"{(seed == 0 ? Epochs : Early)}", "--seed", $"{seed}", "--out", folder.FullName, .. narrow ? (string[])["--bfloat16"] : []]);
            return _logs[(narrow, seed)] = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.FullName, "log")))!.AsArray();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
