using BenchmarkDotNet.Attributes;

namespace NativeChain.Benchmarks;

/// <summary>What one small operation costs, and what it allocates.</summary>
[MemoryDiagnoser]
public class AddBenchmarks
{
    private NDArray _a = null!, _b = null!;
    private Variable _x = null!, _y = null!;

    /// <summary>Elements of each operand.</summary>
    [Params(10, 1000, 100_000)]
    public int Size { get; set; }

    /// <summary>Makes the operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _a = Models.Uniform(Size, 1);
        _b = Models.Uniform(Size, 2);
        _x = new Variable(_a);
        _y = new Variable(_b);
    }

    /// <summary>Arrays only.</summary>
    [Benchmark(Baseline = true)]
    public NDArray Arrays() => _a + _b;

    /// <summary>Recorded.</summary>
    [Benchmark]
    public Variable Variables() => _x + _y;
}
