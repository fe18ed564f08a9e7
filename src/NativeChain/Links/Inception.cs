using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>The Inception module of GoogLeNet (Szegedy et al., 2014): convolutions of 1x1, 3x3 and 5x5 and a max pooling, side by side.</summary>
/// <remarks>
/// Children: `conv1`, `conv3`, `conv5`, and the 1x1 convolutions `proj3`, `proj5` before the larger ones and `projp` after the pooling. The output has the
/// spatial extents of the input and out1 + out3 + out5 + projPool channels.
/// </remarks>
public class Inception : Chain
{
    /// <summary>Creates the module.</summary>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call.</param>
    /// <param name="out1">Number of channels of the 1x1 convolution.</param>
    /// <param name="proj3">Number of channels of the projection before the 3x3 convolution.</param>
    /// <param name="out3">Number of channels of the 3x3 convolution.</param>
    /// <param name="proj5">Number of channels of the projection before the 5x5 convolution.</param>
    /// <param name="out5">Number of channels of the 5x5 convolution.</param>
    /// <param name="projPool">Number of channels of the projection after the pooling.</param>
    /// <param name="convInit">Initializer of the filters; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="biasInit">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentException">A number of channels is not positive.</exception>
    public Inception(
        int? inChannels,
        int out1,
        int proj3,
        int out3,
        int proj5,
        int out5,
        int projPool,
        Initializer? convInit = null,
        Initializer? biasInit = null)
    {
        Convolution2D Convolution(int? channels, int outputs, int ksize) =>
            new(channels, outputs, ksize, pad: ksize / 2, initialW: convInit, initialBias: biasInit);
        Conv1 = Convolution(inChannels, out1, 1);
        Proj3 = Convolution(inChannels, proj3, 1);
        Conv3 = Convolution(proj3, out3, 3);
        Proj5 = Convolution(inChannels, proj5, 1);
        Conv5 = Convolution(proj5, out5, 5);
        ProjP = Convolution(inChannels, projPool, 1);
    }

    /// <summary>The 1x1 convolution.</summary>
    public Convolution2D Conv1 { get; }

    /// <summary>The projection before the 3x3 convolution.</summary>
    public Convolution2D Proj3 { get; }

    /// <summary>The 3x3 convolution.</summary>
    public Convolution2D Conv3 { get; }

    /// <summary>The projection before the 5x5 convolution.</summary>
    public Convolution2D Proj5 { get; }

    /// <summary>The 5x5 convolution.</summary>
    public Convolution2D Conv5 { get; }

    /// <summary>The projection after the pooling.</summary>
    [Child("projp")]
    public Convolution2D ProjP { get; }

    /// <summary>Applies the module.</summary>
    /// <param name="x">Input, (N, inChannels, h, w).</param>
    /// <returns>Output, (N, out1 + out3 + out5 + projPool, h, w).</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        Variable out1 = Conv1.Call(x);
        Variable out3 = Conv3.Call(F.Relu(Proj3.Call(x)));
        Variable out5 = Conv5.Call(F.Relu(Proj5.Call(x)));
        Variable pool = ProjP.Call(F.MaxPooling2D(x, 3, stride: 1, pad: 1));
        return F.Relu(F.Concat([out1, out3, out5, pool], axis: 1));
    }
}
