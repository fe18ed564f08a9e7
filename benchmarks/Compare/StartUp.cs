using System.Diagnostics;

namespace NativeChain.Compare;

/// <summary>What examples/SimpleModel takes from its start to its end, over a program that writes one line, both published in one way.</summary>
internal static class StartUp
{
    private const double Bar = 0.1;
    private const int Runs = 11;

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
          </PropertyGroup>
        </Project>
        """;

    /// <summary>Published as code that the runtime compiles, or that is compiled already (ReadyToRun).</summary>
    public static Report Measure(Workplace place, string id, bool compiled)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nativechain");
        try
        {
            string hello = Path.Combine(folder.FullName, "Hello");
            _ = Directory.CreateDirectory(hello);
            File.WriteAllText(Path.Combine(hello, "Hello.csproj"), Project);
            File.WriteAllText(Path.Combine(hello, "Program.cs"), "System.Console.WriteLine(\"hello, world\");\n");
            string plain = Publish(Path.Combine(hello, "Hello.csproj"), Path.Combine(folder.FullName, "hello"), compiled);
            string model = Publish(Path.Combine(place.Repository, "examples", "SimpleModel", "SimpleModel.csproj"), Path.Combine(folder.FullName, "model"), compiled);
            List<double> theirs = [], ours = [];
            for (int run = -1; run < Runs; run++)
            {
                double first = Seconds(Path.Combine(plain, "Hello.dll")), second = Seconds(Path.Combine(model, "SimpleModel.dll"));
                if (run >= 0)
                {
                    theirs.Add(first);
                    ours.Add(second);
                }
            }
            double more = Quartiles.Of(ours.Zip(theirs, (own, other) => own - other)).Median;
            return new(id,
                $"examples/SimpleModel{(compiled ? ", published ReadyToRun," : "")} from start to end: {Format.Time(Quartiles.Of(ours).Median)}, {Format.Time(more)} more than a program that writes one line, {Format.Time(Quartiles.Of(theirs).Median)} (bar: 100 ms more)",
                more <= Bar ? Verdict.Met : Verdict.Missed);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Publish(string project, string output, bool compiled)
    {
        string[] how = compiled ? ["--use-current-runtime", "--self-contained", "false", "-p:PublishReadyToRun=true"] : [];
        _ = Runner.Output("dotnet", ["publish", "-c", "Release", project, "-o", output, .. how]);
        return output;
    }

    private static double Seconds(string assembly)
    {
        long start = Stopwatch.GetTimestamp();
        _ = Runner.Output("dotnet", assembly, Path.Combine(Path.GetDirectoryName(assembly)!, "plot.svg"));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
