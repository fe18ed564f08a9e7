using NativeChain.Initializers;

namespace NativeChain.Links;

/// <summary>What <see cref="InceptionBN"/> pools by.</summary>
public enum InceptionPooling
{
    /// <summary>The largest element.</summary>
    Max,

    /// <summary>The mean.</summary>
    Avg,
}

/// <summary>The Inception module of GoogLeNet with batch normalization (Ioffe and Szegedy, 2015): in place of the 5x5 convolution stand two of 3x3, and biases are left to the normalization.</summary>
/// <remarks>
/// Children: `conv1`, `proj3`, `conv3`, `proj33`, `conv33a`, `conv33b`, `poolp`, each with its normalization (`conv1n`, ..., `poolpn`). Those of the 1x1
/// path and of the projection after the pooling are missing where there is no such path.
/// </remarks>
public class InceptionBN : Chain
{
    private readonly InceptionPooling _pooltype;
    private readonly Spatial _stride;

    /// <summary>Creates the module.</summary>
    /// <param name="inChannels">Number of channels of the input; null waits for the first call.</param>
    /// <param name="out1">Number of channels of the 1x1 convolution; 0: there is none.</param>
    /// <param name="proj3">Number of channels of the projection before the 3x3 convolution.</param>
    /// <param name="out3">Number of channels of the 3x3 convolution.</param>
    /// <param name="proj33">Number of channels of the projection before the two 3x3 convolutions.</param>
    /// <param name="out33">Number of channels of each of these.</param>
    /// <param name="pooltype">What is pooled by.</param>
    /// <param name="projPool">Number of channels of the projection after the pooling; null: there is none, and the channels of the input pass.</param>
    /// <param name="stride">Stride of the last convolution of each path and of the pooling; 1 by default, which a 1x1 path needs.</param>
    /// <param name="convInit">Initializer of the filters; null for <see cref="LeCunNormal"/>.</param>
    /// <param name="dtype">Dtype of the normalizations; null for the configuration's.</param>
    /// <exception cref="ArgumentException">A number of channels is out of range, or there is a 1x1 path with another stride or without a projection.</exception>
    public InceptionBN(
        int? inChannels,
        int out1,
        int proj3,
        int out3,
        int proj33,
        int out33,
        InceptionPooling pooltype,
        int? projPool = null,
        Spatial stride = default,
        Initializer? convInit = null,
        DType? dtype = null)
    {
        _pooltype = Enum.IsDefined(pooltype)
            ? pooltype
            : throw new ArgumentOutOfRangeException(nameof(pooltype), pooltype, "must be Max or Avg");
        _stride = stride.Over(2, nameof(InceptionBN), nameof(stride), least: 1, none: 1);
        ArgumentOutOfRangeException.ThrowIfNegative(out1);
        Convolution2D Convolution(int? channels, int outputs, int ksize, Spatial step = default) =>
            new(channels, outputs, ksize, step, pad: ksize / 2, nobias: true, initialW: convInit);
        BatchNormalization Normalization(int channels) => new(channels, dtype: dtype);

        Proj3 = Convolution(inChannels, proj3, 1);
        Conv3 = Convolution(proj3, out3, 3, _stride);
        Proj33 = Convolution(inChannels, proj33, 1);
        Conv33a = Convolution(proj33, out33, 3);
        Conv33b = Convolution(out33, out33, 3, _stride);
        Proj3n = Normalization(proj3);
        Conv3n = Normalization(out3);
        Proj33n = Normalization(proj33);
        Conv33an = Normalization(out33);
        Conv33bn = Normalization(out33);
        if (out1 > 0)
        {
            if (_stride != (1, 1) || projPool is null)
            {
                throw new ArgumentException("InceptionBN: a 1x1 path needs stride 1 and a projection after the pooling.", nameof(out1));
            }
            Conv1 = Convolution(inChannels, out1, 1);
            Conv1n = Normalization(out1);
        }
        if (projPool is { } channels)
        {
            PoolP = Convolution(inChannels, channels, 1);
            PoolPn = Normalization(channels);
        }
    }

    /// <summary>The 1x1 convolution.</summary>
    /// <value>null: there is none.</value>
    public Convolution2D? Conv1 { get; }

    /// <summary>The normalization after <see cref="Conv1"/>.</summary>
    /// <value>null: there is none.</value>
    public BatchNormalization? Conv1n { get; }

    /// <summary>The projection before the 3x3 convolution.</summary>
    public Convolution2D Proj3 { get; }

    /// <summary>The normalization after <see cref="Proj3"/>.</summary>
    public BatchNormalization Proj3n { get; }

    /// <summary>The 3x3 convolution.</summary>
    public Convolution2D Conv3 { get; }

    /// <summary>The normalization after <see cref="Conv3"/>.</summary>
    public BatchNormalization Conv3n { get; }

    /// <summary>The projection before the two 3x3 convolutions.</summary>
    public Convolution2D Proj33 { get; }

    /// <summary>The normalization after <see cref="Proj33"/>.</summary>
    public BatchNormalization Proj33n { get; }

    /// <summary>The first of the two 3x3 convolutions.</summary>
    public Convolution2D Conv33a { get; }

    /// <summary>The normalization after <see cref="Conv33a"/>.</summary>
    public BatchNormalization Conv33an { get; }

    /// <summary>The second of the two 3x3 convolutions.</summary>
    public Convolution2D Conv33b { get; }

    /// <summary>The normalization after <see cref="Conv33b"/>.</summary>
    public BatchNormalization Conv33bn { get; }

    /// <summary>The projection after the pooling.</summary>
    /// <value>null: there is none.</value>
    [Child("poolp")]
    public Convolution2D? PoolP { get; }

    /// <summary>The normalization after <see cref="PoolP"/>.</summary>
    /// <value>null: there is none.</value>
    [Child("poolpn")]
    public BatchNormalization? PoolPn { get; }

    /// <summary>Applies the module.</summary>
    /// <param name="x">Input, (N, inChannels, h, w).</param>
    /// <returns>Output, (N, out1 + out3 + out33 + projPool, oh, ow).</returns>
    /// <exception cref="InvalidTypeException">x has another number of axes or channels.</exception>
    public override Variable Forward(Variable x)
    {
        static Variable Layer(Convolution2D convolution, BatchNormalization normalization, Variable x) =>
            F.Relu(normalization.Call(convolution.Call(x)));

        List<Variable> outputs = [];
        if (Conv1 is not null)
        {
            outputs.Add(Layer(Conv1, Conv1n!, x));
        }
        outputs.Add(Layer(Conv3, Conv3n, Layer(Proj3, Proj3n, x)));
        outputs.Add(Layer(Conv33b, Conv33bn, Layer(Conv33a, Conv33an, Layer(Proj33, Proj33n, x))));
        Variable pool = _pooltype == InceptionPooling.Max
            ? F.MaxPooling2D(x, 3, _stride, pad: 1, coverAll: false)
            : F.AveragePooling2D(x, 3, _stride, pad: 1);
        outputs.Add(PoolP is null ? pool : Layer(PoolP, PoolPn!, pool));
        return F.Concat([.. outputs], axis: 1);
    }
}
