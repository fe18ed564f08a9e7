using NativeChain.Optimizers;

namespace NativeChain.Benchmarks;

/// <summary>How much array memory a training step needs beside what it must hold.</summary>
internal static class PeakMemory
{
    private const int Batch = 32, Extent = 32;

    /// <summary>In bytes.</summary>
    /// <param name="Peak">The most that was handed out at once, over five steps.</param>
    /// <param name="Parameters">Of the parameters; as much again are their gradients, and twice as much Adam's states.</param>
    /// <param name="Activations">Of what each layer gives: convolution, normalization, activation and pooling each have an output.</param>
    internal sealed record Result(long Peak, long Parameters, long Activations);

    /// <summary>Of the step `vgg` of cases.json.</summary>
    internal static Result OfVgg()
    {
        int[] channels = [3, 64, 64, 128, 128, 256, 256];
        Sequential model = Models.Vgg(channels, [256, 10]);
        Adam optimizer = new();
        optimizer.Setup(model);
        NDArray x = Models.Batches((Batch, channels[0], Extent, Extent))[0], t = Models.Classes(Batch, 10)[0];
        for (int step = 0; step < 8; step++)
        {
            if (step == 3)
            {
                NativeMemory.ResetPeak();
            }
            optimizer.Update(() => F.SoftmaxCrossEntropy(model.Call(x), t));
        }
        long peak = NativeMemory.GetStats().Peak, activations = x.Size;
        using (Config.Using(enableBackprop: false))
        {
            Variable h = x;
            foreach (Layer layer in model)
            {
                h = layer.Call(h);
                activations += h.Size;
            }
        }
        return new Result(peak, model.Params().Sum(p => p.Size) * sizeof(float), activations * sizeof(float));
    }
}
