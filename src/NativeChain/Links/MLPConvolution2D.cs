using System.Runtime.CompilerServices;
using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>The mlpconv layer of Network in Network (Lin et al., 2013): a convolution, then 1x1 convolutions, with an activation between them.</summary>
/// <remarks>Children: a <see cref="Convolution2D"/> for each number of output channels, `0`, `1`, ... The last one's output is not activated.</remarks>
public class MLPConvolution2D : ChainList
{
    private readonly Func<Variable, Variable> _activation;

    /// <summary>Creates the layer.</summary>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call.</param>
    /// <param name="outChannels">Number of channels of each convolution.</param>
    /// <param name="ksize">Size of the filters of the first one.</param>
    /// <param name="stride">From one position of the first one's filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis, in the first one; 0 by default.</param>
    /// <param name="activation">What stands between the convolutions; null for <see cref="F.Relu"/>.</param>
    /// <param name="convInit">Initializer of the filters; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="biasInit">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentException"><paramref name="outChannels"/> is empty, or a size is out of range.</exception>
    [OverloadResolutionPriority(1)]
    public MLPConvolution2D(
        int? inChannels,
        int[] outChannels,
        Spatial ksize,
        Spatial stride = default,
        Spatial pad = default,
        Func<Variable, Variable>? activation = null,
        Initializer? convInit = null,
        Initializer? biasInit = null)
        : base(Convolutions(inChannels, outChannels, ksize, stride, pad, convInit, biasInit)) => _activation = activation ?? F.Relu;

    /// <summary>Creates the layer with its arguments shifted, as Chainer does where the number of input channels is left out.</summary>
    /// <param name="inChannels">Number of channels of each convolution.</param>
    /// <param name="outChannels">Size of the filters of the first one.</param>
    /// <param name="stride">From one position of the first one's filters to the next; 1 by default.</param>
    /// <param name="pad">Zeros before the first and after the last element of an axis, in the first one; 0 by default.</param>
    /// <param name="activation">What stands between the convolutions; null for <see cref="F.Relu"/>.</param>
    /// <param name="convInit">Initializer of the filters; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="biasInit">Initializer of the biases; null for zeros.</param>
    /// <exception cref="ArgumentException">There is no convolution, or a size is out of range.</exception>
    public MLPConvolution2D(
        int[] inChannels,
        Spatial outChannels,
        Spatial stride = default,
        Spatial pad = default,
        Func<Variable, Variable>? activation = null,
        Initializer? convInit = null,
        Initializer? biasInit = null)
        : this(null, inChannels, outChannels, stride, pad, activation, convInit, biasInit)
    {
    }

    /// <summary>Applies the layer.</summary>
    /// <param name="x">Input, (N, inChannels, h, w).</param>
    /// <returns>Output, (N, the last number of channels, oh, ow).</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        for (int i = 0; i < Count - 1; i++)
        {
            x = _activation(((Convolution2D)this[i]).Call(x));
        }
        return ((Convolution2D)this[-1]).Call(x);
    }

    private static Link[] Convolutions(
        int? inChannels, int[] outChannels, Spatial ksize, Spatial stride, Spatial pad, Initializer? convInit, Initializer? biasInit)
    {
        ArgumentNullException.ThrowIfNull(outChannels);
        if (outChannels.Length == 0)
        {
            throw new ArgumentException("MLPConvolution2D: there is no number of output channels.", nameof(outChannels));
        }
        return
        [
            .. outChannels.Select((channels, i) => i == 0
                ? new Convolution2D(inChannels, channels, ksize, stride, pad, initialW: convInit, initialBias: biasInit)
                : new Convolution2D(outChannels[i - 1], channels, 1, initialW: convInit, initialBias: biasInit)),
        ];
    }
}
