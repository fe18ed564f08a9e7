using NativeChain.Optimizers;
using L = NativeChain.Links;

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

    /// <summary>Trains an MLP 784-100-100-10 on batches of 100, a CNN of 3x3 convolutions 1-4-8 on batches of 32 images of 12x12, or recurrent layers.</summary>
    /// <param name="model">"mlp", "cnn" or "lstm".</param>
    /// <param name="steps">How many steps.</param>
    public static Result Measure(string model, int steps) => model switch
    {
        "mlp" => Measure(Models.Mlp([784, 100, 100, 10]), (100, 784), steps),
        "cnn" => Measure(Models.Cnn([1, 4, 8], [10]), (32, 1, 12, 12), steps),
        "lstm" => MeasureLstm(steps),
        _ => throw new ArgumentException($"no model {model}", nameof(model)),
    };

    private static Result Measure(Sequential model, Shape shape, int steps)
    {
        NDArray x = Models.Uniform((int)shape.Size, 1).Reshape(shape);
        NDArray t = (Models.Uniform(shape[0], 2) * 10).AsType(DType.Int32);
        return Measure(steps, model, optimizer => optimizer.Update(() => F.SoftmaxCrossEntropy(model.Call(x), t)));
    }

    // Batches of 32: an n-step LSTM over sequences of 12 to 20 steps, and a stateful one whose graph is cut every 4 steps. A step takes
    // 2 ms: a recurrent step runs more code than the others, and the first reading must come after the runtime has compiled it for good.
    private static Result MeasureLstm(int steps)
    {
        L.NStepLSTM sequences = new(1, 32, 64, 0.0);
        L.LSTM stateful = new(32, 64);
        Sequential model = new(sequences, stateful);
        NDArray x = Models.Uniform(32 * 32, 1).Reshape((32, 32));
        Variable[] xs = [.. Enumerable.Range(0, 32).Select(k => (Variable)Models.Uniform((12 + (k % 9)) * 32, k).Reshape((-1, 32)))];
        return Measure(steps, model, optimizer =>
        {
            (Variable hy, _, _) = sequences.Call(null, null, xs);
            Variable loss = F.Sum(F.Square(hy));
            for (int t = 0; t < 4; t++)
            {
                loss += F.Sum(F.Square(stateful.Call(x)));
            }
            model.ClearGrads();
            loss.Backward();
            loss.UnchainBackward();
            optimizer.Update();
        });
    }

    private static Result Measure(int steps, Link model, Action<Adam> train)
    {
        Adam optimizer = new();
        optimizer.Setup(model);
        long before = Environment.WorkingSet, live = 0, tenth = 0;
        for (int step = 1; step <= steps; step++)
        {
            train(optimizer);
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
