// dotnet run -c Release --project benchmarks/NativeChain.Benchmarks -- [BenchmarkDotNet's options]
// With --serve it is a runner of Compare: a case as JSON from each line of standard input, {"seconds", "bytes", "digest"} of an operation back.
// With --memory and mlp, cnn or lstm it trains a small one and prints the resident memory on the way; with --memory vgg, the peak of a
// large one beside the sum of its arrays.
using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Running;
using NativeChain.Benchmarks;

switch (args)
{
    case ["--serve"]:
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            name = "NativeChain",
            version = typeof(NativeChain.NDArray).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        }));
        while (Console.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Console.WriteLine(Workloads.Run(document.RootElement) is { } sample
                ? JsonSerializer.Serialize(new { seconds = sample.Seconds, bytes = sample.Bytes, digest = sample.Digest })
                : JsonSerializer.Serialize(new { unsupported = "no such operation here" }));
        }
        return 0;
    case ["--memory", "vgg"]:
        Console.WriteLine(JsonSerializer.Serialize(PeakMemory.OfVgg()));
        return 0;
    case ["--memory", var model]:
        Console.WriteLine(JsonSerializer.Serialize(TrainingMemory.Measure(model, 20_000)));
        return 0;
    default:
        _ = BenchmarkSwitcher.FromAssembly(typeof(AddBenchmarks).Assembly).Run(args);
        return 0;
}
