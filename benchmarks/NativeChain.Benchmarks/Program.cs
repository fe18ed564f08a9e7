// dotnet run -c Release --project benchmarks/NativeChain.Benchmarks -- [BenchmarkDotNet's options]
// With --serve it is Compare's runner: a case as JSON from each line of standard input, {"seconds": per operation} back.
// With --memory and mlp, cnn or lstm it trains a small one and prints the resident memory on the way.
using System.Text.Json;
using BenchmarkDotNet.Running;
using NativeChain.Benchmarks;

switch (args)
{
    case ["--serve"]:
        Console.WriteLine(JsonSerializer.Serialize(new { name = "NativeChain" }));
        while (Console.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Console.WriteLine(JsonSerializer.Serialize(new { seconds = Workloads.Run(document.RootElement) }));
        }
        return 0;
    case ["--memory", var model]:
        Console.WriteLine(JsonSerializer.Serialize(TrainingMemory.Measure(model, 20_000)));
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Workloads).Assembly).Run(args);
        return 0;
}
