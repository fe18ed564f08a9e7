using NativeChain.Optimizers;

namespace NativeChain.Benchmarks;

/// <summary>Resident memory of a plain training loop: no `using`, no call to the garbage collector.</summary>
public static class TrainingMemory
{
    /// <summary>What a run of the loop found, in bytes.</summary>
    /// <param name="Before">Resident before the first step, with the model made.</param>
    /// <param name="LiveAfterStep">Live array bytes after one step.</param>
    /// <param name="AfterTenth">Resident after a tenth of the steps.</param>
    /// <param name="AfterAll">Resident after all.</param>
    public sealed record Result(long Before, long LiveAfterStep, long AfterTenth, long AfterAll);

    /// <summary>Trains an MLP 784-100-100-10 on batches of 100.</summary>
    public static Result Measure(int steps)
    {
        Sequential model = Workloads.Mlp([784, 100, 100, 10]);
        Adam optimizer = new();
        optimizer.Setup(model);
        NDArray x = Workloads.Uniform(100 * 784, 1).Reshape((100, 784));
        NDArray t = (Workloads.Uniform(100, 2) * 10).AsType(DType.Int32);
        long before = Environment.WorkingSet, live = 0, tenth = 0;
        for (int step = 1; step <= steps; step++)
        {
            optimizer.Update(() => F.SoftmaxCrossEntropy(model.Call(x), t));
            if (step == 1)
            {
                live = NativeMemory.GetStats(Device.Cpu).Live;
            }
            if (step == steps / 10)
            {
                tenth = Environment.WorkingSet;
            }
        }
        return new Result(before, live, tenth, Environment.WorkingSet);
    }
}
