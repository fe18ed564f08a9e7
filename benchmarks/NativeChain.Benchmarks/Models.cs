using L = NativeChain.Links;

namespace NativeChain.Benchmarks;

/// <summary>The models that are trained, and the numbers that they are fed with.</summary>
internal static class Models
{
    /// <summary>Fully connected layers with ReLU between them.</summary>
    internal static Sequential Mlp(int[] units)
    {
        Sequential model = new();
        AddFullyConnected(model, units[0], units.AsSpan(1));
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
        AddFullyConnected(model, null, units);
        return model;
    }

    /// <summary>3x3 convolutions with batch normalization, a pooling of 2x2 after every other, and fully connected layers.</summary>
    internal static Sequential Vgg(int[] channels, int[] units)
    {
        Sequential model = new();
        for (int i = 1; i < channels.Length; i++)
        {
            model.Add(new L.Convolution2D(channels[i - 1], channels[i], 3, pad: 1, nobias: true));
            model.Add(new L.BatchNormalization(channels[i]));
            model.Add(F.Relu);
            if (i % 2 == 0)
            {
                model.Add(x => F.MaxPooling2D(x, 2));
            }
        }
        AddFullyConnected(model, null, units);
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

    /// <summary>Ten minibatches of images (batch, shape...).</summary>
    internal static NDArray[] Batches(Shape shape) => [.. Enumerable.Range(0, 10).Select(k => Uniform((int)shape.Size, k).Reshape(shape))];

    /// <summary>Ten minibatches of labels below <paramref name="count"/>.</summary>
    internal static NDArray[] Classes(int batch, int count) =>
        [.. Enumerable.Range(0, 10).Select(k => (Uniform(batch, 100 + k) * count).AsType(DType.Int32))];

    private static void AddFullyConnected(Sequential model, int? inputs, ReadOnlySpan<int> units)
    {
        for (int i = 0; i < units.Length; i++)
        {
            model.Add(new L.Linear(i == 0 ? inputs : units[i - 1], units[i]));
            if (i < units.Length - 1)
            {
                model.Add(F.Relu);
            }
        }
    }
}
