using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NativeChain.Compare;

/// <summary>What a runner answers to a case.</summary>
internal readonly record struct Answer(double Seconds, double? Bytes, Digest? Digest);

/// <summary>A process that runs cases on demand: one line of JSON in, one out. Pinned to the first two processors.</summary>
internal sealed class Runner : IDisposable
{
    private readonly Process _process;

    private Runner(Process process, string name, int threads)
    {
        _process = process;
        Name = name;
        Threads = threads;
    }

    /// <summary>With its version and settings.</summary>
    public string Name { get; }

    /// <summary>The most that it uses by its settings at the start.</summary>
    public int Threads { get; }

    /// <summary>Null where the program is not there, or ends because something that it needs is missing.</summary>
    public static Runner? Start(string program, string[] arguments, Dictionary<string, string>? environment = null, string suffix = "", int threads = int.MaxValue)
    {
        if (Path.IsPathRooted(program) && !File.Exists(program))
        {
            return null;
        }
        Process process = Launch(program, arguments, environment ?? []);
        if (process.StandardOutput.ReadLine() is not { } greeting)
        {
            process.WaitForExit();
            process.Dispose();
            return null;
        }
        JsonNode said = JsonNode.Parse(greeting)!;
        return new Runner(process, $"{said["name"]} {said["version"]}".TrimEnd() + suffix, threads);
    }

    /// <summary>What a program prints.</summary>
    public static string Output(string program, params string[] arguments)
    {
        using Process process = Launch(program, arguments, []);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    /// <summary>Null where it cannot run the case.</summary>
    /// <param name="digest">Whether it shall say what its result comes to.</param>
    public Answer? Measure(JsonObject test, bool digest = false)
    {
        if (digest)
        {
            test = test.DeepClone().AsObject();
            test["digest"] = true;
        }
        _process.StandardInput.WriteLine(test.ToJsonString());
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} ended while it ran {test.ToJsonString()}");
        JsonNode said = JsonNode.Parse(answer)!;
        return said["seconds"] is { } seconds ? new Answer((double)seconds, (double?)said["bytes"], said["digest"] is { } result ? Digest.Of(result) : null) : null;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
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
}
