using System.Text.Json;
using NativeChain.Optimizers;
using L = NativeChain.Links;

namespace NativeChain.Benchmarks;

/// <summary>The operations of cases.json that are more than one kernel, as a user of the library writes them.</summary>
internal static class Workloads
{
    /// <summary>What one operation of a case takes; null where it is none of these.</summary>
    internal static Sample? Run(JsonElement test) => test.GetProperty("operation").GetString() switch
    {
        "add" => Add(Number(test, "size"), test.GetProperty("graph").GetBoolean()),
        "adds_backward" => AddsBackward(Number(test, "size"), Number(test, "count")),
        "mlp_step" => MlpStep(test),
        "cnn_step" => ImageStep(Models.Cnn(Numbers(test, "channels"), Numbers(test, "units")), test),
        "vgg_step" => ImageStep(Models.Vgg(Numbers(test, "channels"), Numbers(test, "units")), test),
        "lstm" => Lstm(test),
        _ => null,
    };

    private static int Number(JsonElement test, string name) => test.GetProperty(name).GetInt32();

    private static int[] Numbers(JsonElement test, string name) => [.. test.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];

    private static Sample Add(int size, bool graph)
    {
        NDArray a = Models.Uniform(size, 1), b = Models.Uniform(size, 2);
        if (!graph)
        {
            return Sample.Of(() => a + b);
        }
        Variable x = new(a), y = new(b);
        return Sample.Of(() => (x + y).Array);
    }

    private static Sample AddsBackward(int size, int count)
    {
        Variable x = new(Models.Uniform(size, 1));
        NDArray gy = NDArray.Ones(size);
        return Sample.Of(() =>
        {
            Variable y = x;
            for (int i = 0; i < count; i++)
            {
                y += x;
            }
            x.ClearGrad();
            y.Grad = gy;
            y.Backward();
            return x.Grad!;
        });
    }

    // "depth" layers of "width" between 784 inputs and 10 classes, or "units".
    private static Sample MlpStep(JsonElement test)
    {
        bool narrow = test.TryGetProperty("precision", out JsonElement precision) && precision.GetString() == "bfloat16";
        using ConfigScope scope = Config.Using(matmulPrecision: narrow ? MatmulPrecision.BFloat16 : MatmulPrecision.Float32);
        int[] units = test.TryGetProperty("depth", out JsonElement depth)
            ? [784, .. Enumerable.Repeat(Number(test, "width"), depth.GetInt32() - 1), 10]
            : Numbers(test, "units");
        return Train(Models.Mlp(units), Models.Batches((Number(test, "batch"), units[0])), Models.Classes(Number(test, "batch"), units[^1]), test);
    }

    private static Sample ImageStep(Sequential model, JsonElement test)
    {
        int batch = Number(test, "batch"), extent = Number(test, "extent");
        return Train(model, Models.Batches((batch, Numbers(test, "channels")[0], extent, extent)), Models.Classes(batch, Numbers(test, "units")[^1]), test);
    }

    // A step: forward, backward and update.
    private static Sample Train(Sequential model, NDArray[] xs, NDArray[] ts, JsonElement test)
    {
        Adam optimizer = new();
        optimizer.Setup(model);
        int step = 0;
        NDArray Step()
        {
            model.ClearGrads();
            Variable loss = F.SoftmaxCrossEntropy(model.Call(xs[step % xs.Length]), ts[step % ts.Length]);
            loss.Backward();
            optimizer.Update();
            step++;
            return loss.Array;
        }
        return Trained(Step, model, test);
    }

    // The mean from first_step to last_step of a fresh model. Random weights say no more than their number.
    private static Sample Trained(Func<NDArray> step, Link model, JsonElement test)
    {
        int first = Number(test, "first_step");
        _ = Sample.OfLoop(step, first);
        return Sample.OfLoop(step, Number(test, "last_step") - first) with { Digest = [model.CountParams(), 0, 0] };
    }

    // Sequences one by one, as the link takes them: the way into packed steps and back is part of the operation.
    private static Sample Lstm(JsonElement test)
    {
        int units = Number(test, "units"), batch = Number(test, "batch"), steps = Number(test, "steps");
        L.NStepLSTM model = new(1, units, units, 0.0);
        Variable[] xs = [.. Enumerable.Range(0, batch).Select(k => new Variable(Models.Uniform(steps * units, k).Reshape((steps, units))))];
        NDArray gy = NDArray.Ones((batch * steps, units));
        return Trained(Step, model, test);

        NDArray Step()
        {
            model.ClearGrads();
            foreach (Variable x in xs)
            {
                x.ClearGrad();
            }
            (_, _, Variable[] ys) = model.Call(null, null, xs);
            Variable y = F.Concat(ys, 0);
            y.Grad = gy;
            y.Backward();
            return y.Array;
        }
    }
}
