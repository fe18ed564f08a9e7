using System.Diagnostics;
using System.Text.Json;

namespace NativeChain.Compare;

/// <summary>A process that runs cases on demand: one line of JSON in, one out. Pinned to the first two processors.</summary>
internal sealed class Runner : IDisposable
{
    private readonly Process _process;

    private Runner(Process process, string name)
    {
        _process = process;
        Name = name;
    }

    public string Name { get; }

    public static Runner NativeChain(string benchmarks) =>
        Start("dotnet", [BenchmarksAssembly(benchmarks), "--serve"], [], "")
        ?? throw new InvalidOperationException("NativeChain.Benchmarks did not start");

    /// <summary>Null where torch cannot be imported.</summary>
    public static Runner? PyTorch(string benchmarks, string python, int torchThreads, int blasThreads) =>
        Start(python, [Path.Combine(benchmarks, "python", "peer.py"), $"{torchThreads}"],
            new() { ["OPENBLAS_NUM_THREADS"] = $"{blasThreads}", ["MKL_NUM_THREADS"] = $"{blasThreads}", ["OMP_NUM_THREADS"] = $"{Math.Max(torchThreads, blasThreads)}" },
            $" ({torchThreads} torch, {blasThreads} BLAS threads)");

    public static MemoryReport Memory(string benchmarks, string model)
    {
        using Process process = Launch("dotnet", [BenchmarksAssembly(benchmarks), "--memory", model], []);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (JsonSerializer.Deserialize<MemoryReport>(output) ?? throw new InvalidDataException(output)) with { Model = model };
    }

    public double Measure(string test)
    {
        _process.StandardInput.WriteLine(test);
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} ended while it ran {test}");
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.GetProperty("seconds").GetDouble();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Runner? Start(string program, string[] arguments, Dictionary<string, string> environment, string suffix)
    {
        Process process = Launch(program, arguments, environment);
        string? greeting = process.StandardOutput.ReadLine();
        if (greeting is null)
        {
            process.WaitForExit();
            process.Dispose();
            return null;
        }
        using JsonDocument document = JsonDocument.Parse(greeting);
        return new Runner(process, document.RootElement.GetProperty("name").GetString() + suffix);
    }

    private static Process Launch(string program, string[] arguments, Dictionary<string, string> environment)
    {
        bool pin = OperatingSystem.IsLinux() && File.Exists("/usr/bin/taskset");
        ProcessStartInfo start = new(pin ? "/usr/bin/taskset" : program, pin ? ["-c", Environment.ProcessorCount > 1 ? "0,1" : "0", program, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    // Beside this program's own output, in the same configuration.
    private static string BenchmarksAssembly(string benchmarks)
    {
        string configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;
        string path = Path.Combine(benchmarks, "NativeChain.Benchmarks", "bin", configuration, "net10.0", "NativeChain.Benchmarks.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} has not been built");
    }
}
