using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NativeChain.Compare;

/// <summary>Where the runners lie, and how they are built and started.</summary>
internal sealed class Workplace
{
    private readonly string _native, _python;

    public Workplace(string python)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "cases.json")))
        {
            folder = folder.Parent;
        }
        Benchmarks = folder?.FullName ?? throw new FileNotFoundException("benchmarks/cases.json is not above the program");
        Repository = Path.GetDirectoryName(Benchmarks)!;
        _native = Path.Combine(Repository, "native", "build", "compare");
        _python = python;
    }

    public string Benchmarks { get; }

    public string Repository { get; }

    public string Cases => Path.Combine(Benchmarks, "cases.json");

    /// <summary>The folder of this machine's results.</summary>
    public string Results => Path.Combine(Benchmarks, "results", Slug(Processor));

    public static string Processor { get; } = (File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        : null) ?? RuntimeInformation.ProcessArchitecture.ToString();

    // Beside this program's own output, in the same configuration.
    public string BenchmarksAssembly
    {
        get
        {
            string configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;
            return Path.Combine(Benchmarks, "NativeChain.Benchmarks", "bin", configuration, "net10.0", "NativeChain.Benchmarks.dll");
        }
    }

    /// <summary>Builds the core, its runner and the peers that CMake finds. What is up to date costs a second.</summary>
    public void Build()
    {
        Run("cmake", "-S", Path.Combine(Repository, "native"), "-B", _native, "-DCMAKE_BUILD_TYPE=Release", "-DNATIVECHAIN_BUILD_TESTS=OFF", "-DNATIVECHAIN_BENCHMARKS=ON");
        Run("cmake", "--build", _native, "--config", "Release", "--parallel");
    }

    public Runner Core() => Start(Path.Combine(_native, "benchmarks", "nativechain_serve"));

    public Runner Library() => Start("dotnet", BenchmarksAssembly, "--serve");

    /// <summary>All peers that are installed; PyTorch once for each pair of its thread settings, since BLAS reads its own at the start.</summary>
    public List<Runner> Peers()
    {
        string folder = Path.Combine(_native, "benchmarks"), script = Path.Combine(Benchmarks, "python", "peer.py");
        List<Runner?> peers = [Runner.Start(Path.Combine(folder, "nativechain_peer_onednn"), [])];
        peers.AddRange(((string[])["openblas", "blis", "mkl"]).Select(name => Runner.Start(Path.Combine(folder, "nativechain_peer_blas"), [name])));
        foreach (int torch in (int[])[1, 2])
        {
            foreach (int blas in (int[])[1, 2])
            {
                peers.Add(Runner.Start(_python, [script, "torch", $"{torch}"], Threads(Math.Max(torch, blas), blas), $" ({torch} torch, {blas} BLAS threads)", Math.Max(torch, blas)));
            }
        }
        peers.AddRange(from name in (string[])["chainer", "numpy"]
                       from blas in (int[])[1, 2]
                       select Runner.Start(_python, [script, name], Threads(blas, blas), $" ({blas} BLAS threads)", blas));
        return [.. peers.OfType<Runner>()];
    }

    private static Dictionary<string, string> Threads(int openmp, int blas) =>
        new() { ["OMP_NUM_THREADS"] = $"{openmp}", ["OPENBLAS_NUM_THREADS"] = $"{blas}", ["MKL_NUM_THREADS"] = $"{blas}", ["BLIS_NUM_THREADS"] = $"{blas}" };

    private static Runner Start(string program, params string[] arguments) =>
        Runner.Start(program, arguments) ?? throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} did not start");

    // What it prints goes to the error stream, and only if it fails.
    private static void Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}");
        }
    }

    private static string Slug(string text) =>
        string.Join('-', new string([.. text.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
