using System.Diagnostics;
using System.Text.Json;
using NativeChain.Optimizers;
using L = NativeChain.Links;

namespace NativeChain.Benchmarks;

/// <summary>The workloads of cases.json, as a user of the library writes them.</summary>
public static class Workloads
{
    /// <summary>Seconds of one operation of a case.</summary>
    public static double Run(JsonElement test) => test.GetProperty("operation").GetString() switch
    {
        "add" => Add(test.GetProperty("size").GetInt32(), test.GetProperty("graph").GetBoolean()),
        "adds_backward" => AddsBackward(test.GetProperty("size").GetInt32(), test.GetProperty("count").GetInt32()),
        "mlp_step" => MlpStep(
            [.. test.GetProperty("units").EnumerateArray().Select(unit => unit.GetInt32())], test.GetProperty("batch").GetInt32(),
            test.GetProperty("first_step").GetInt32(), test.GetProperty("last_step").GetInt32()),
        "lstm" => Lstm(
            test.GetProperty("units").GetInt32(), test.GetProperty("batch").GetInt32(), test.GetProperty("steps").GetInt32()),
        var other => throw new ArgumentException($"no workload {other}", nameof(test)),
    };

    private static double Add(int size, bool graph)
    {
        NDArray a = Uniform(size, 1), b = Uniform(size, 2);
        if (!graph)
        {
            return Timed(() => _ = a + b);
        }
        Variable x = new(a), y = new(b);
        return Timed(() => _ = x + y);
    }

    private static double AddsBackward(int size, int count)
    {
        Variable x = new(Uniform(size, 1));
        NDArray gy = NDArray.Ones(size);
        return Timed(() =>
        {
            Variable y = x;
            for (int i = 0; i < count; i++)
            {
                y += x;
            }
            x.ClearGrad();
            y.Grad = gy;
            y.Backward();
        });
    }

    private static double MlpStep(int[] units, int batch, int firstStep, int lastStep)
    {
        Sequential model = Mlp(units);
        Adam optimizer = new();
        optimizer.Setup(model);
        NDArray[] xs = [.. Enumerable.Range(0, 10).Select(k => Uniform(batch * units[0], k).Reshape((batch, units[0])))];
        NDArray[] ts = [.. Enumerable.Range(0, 10).Select(k => (Uniform(batch, 100 + k) * units[^1]).AsType(DType.Int32))];
        long start = 0;
        for (int step = 0; step < lastStep; step++)
        {
            if (step == firstStep)
            {
                start = Stopwatch.GetTimestamp();
            }
            model.ClearGrads();
            Variable loss = F.SoftmaxCrossEntropy(model.Call(xs[step % 10]), ts[step % 10]);
            loss.Backward();
            optimizer.Update();
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds / (lastStep - firstStep);
    }

    // Sequences one by one, as the link takes them: the way into packed steps and back is part of the operation.
    private static double Lstm(int units, int batch, int steps)
    {
        L.NStepLSTM model = new(1, units, units, 0.0);
        Variable[] xs = [.. Enumerable.Range(0, batch).Select(k => new Variable(Uniform(steps * units, k).Reshape((steps, units))))];
        NDArray gy = NDArray.Ones((batch * steps, units));
        return Timed(() =>
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
        });
    }

    internal static Sequential Mlp(int[] units)
    {
        Sequential model = new();
        for (int i = 1; i < units.Length; i++)
        {
            model.Add(new L.Linear(units[i - 1], units[i]));
            if (i < units.Length - 1)
            {
                model.Add(F.Relu);
            }
        }
        return model;
    }

    /// <summary>The numbers that every runner makes: the high bits of a multiplicative hash, in [0, 1).</summary>
    internal static NDArray Uniform(int count, int seed)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)(unchecked((uint)((ulong)(i + seed) * 2654435761UL)) / 4294967296.0);
        }
        return values;
    }

    // The mean over a loop of about 50 ms, after a loop as long to warm up.
    private static double Timed(Action operation)
    {
        for (int count = 1; ; count *= 2)
        {
            TimeSpan warm = Loop(operation, count);
            if (warm.TotalSeconds > 0.05)
            {
                return Loop(operation, count).TotalSeconds / count;
            }
        }
    }

    private static TimeSpan Loop(Action operation, int count)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            operation();
        }
        return Stopwatch.GetElapsedTime(start);
    }
}
