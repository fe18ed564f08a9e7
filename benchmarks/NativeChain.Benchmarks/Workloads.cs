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
        "cnn_step" => CnnStep(test),
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
        NDArray[] xs = [.. Enumerable.Range(0, 10).Select(k => Uniform(batch * units[0], k).Reshape((batch, units[0])))];
        return Train(Mlp(units), xs, Classes(batch, units[^1]), firstStep, lastStep);
    }

    private static double CnnStep(JsonElement test)
    {
        int[] Numbers(string name) => [.. test.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];
        int[] channels = Numbers("channels"), units = Numbers("units");
        int batch = test.GetProperty("batch").GetInt32(), extent = test.GetProperty("extent").GetInt32();
        NDArray[] xs =
        [
            .. Enumerable.Range(0, 10).Select(k => Uniform(batch * channels[0] * extent * extent, k).Reshape((batch, channels[0], extent, extent))),
        ];
        return Train(
            Cnn(channels, units), xs, Classes(batch, units[^1]), test.GetProperty("first_step").GetInt32(), test.GetProperty("last_step").GetInt32());
    }

    // Seconds of a step: forward, backward and update.
    private static double Train(Sequential model, NDArray[] xs, NDArray[] ts, int firstStep, int lastStep)
    {
        Adam optimizer = new();
        optimizer.Setup(model);
        long start = 0;
        for (int step = 0; step < lastStep; step++)
        {
            if (step == firstStep)
            {
                start = Stopwatch.GetTimestamp();
            }
            model.ClearGrads();
            Variable loss = F.SoftmaxCrossEntropy(model.Call(xs[step % xs.Length]), ts[step % ts.Length]);
            loss.Backward();
            optimizer.Update();
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds / (lastStep - firstStep);
    }

    private static NDArray[] Classes(int batch, int count) =>
        [.. Enumerable.Range(0, 10).Select(k => (Uniform(batch, 100 + k) * count).AsType(DType.Int32))];

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

    /// <summary>3x3 convolutions, a pooling of 2x2, and fully connected layers.</summary>
    internal static Sequential Cnn(int[] channels, int[] units)
    {
        Sequential model = new();
        for (int i = 1; i < channels.Length; i++)
        {
            model.Add(new L.Convolution2D(channels[i - 1], channels[i], 3));
            model.Add(F.Relu);
        }
        model.Add(x => F.MaxPooling2D(x, 2));
        for (int i = 0; i < units.Length; i++)
        {
            model.Add(new L.Linear(i == 0 ? null : units[i - 1], units[i]));
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
