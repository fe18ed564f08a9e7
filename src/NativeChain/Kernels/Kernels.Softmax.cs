using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

public static unsafe partial class Kernels
{
    /// <summary>y = exp(x - max) / sum(exp(x - max)) along an axis.</summary>
    /// <param name="x">Floating point.</param>
    /// <param name="axis">0 to ndim - 1.</param>
    /// <param name="y">Of x's shape and dtype; may be x.</param>
    [SkipLocalsInit]
    public static void Softmax(NDArray x, int axis, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, nameof(x), nameof(Softmax), &t[0]);
        Describe(y, nameof(y), nameof(Softmax), &t[1], pool);
        Status.Check(Native.nc_softmax(Context(pool), &t[0], axis, &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>gx = y * (gy - sum(gy * y)) along an axis.</summary>
    /// <param name="y">What <see cref="Softmax"/> gave.</param>
    /// <param name="gy">Gradient of y.</param>
    /// <param name="axis">0 to ndim - 1.</param>
    /// <param name="gx">Of y's shape and dtype; may be gy or y.</param>
    [SkipLocalsInit]
    public static void SoftmaxGrad(NDArray y, NDArray gy, int axis, NDArray gx)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(y, nameof(y), nameof(SoftmaxGrad), &t[0]);
        Describe(gy, nameof(gy), nameof(SoftmaxGrad), &t[1], pool);
        Describe(gx, nameof(gx), nameof(SoftmaxGrad), &t[2], pool);
        Status.Check(Native.nc_softmax_grad(Context(pool), &t[0], &t[1], axis, &t[2]));
        GC.KeepAlive(y);
        GC.KeepAlive(gy);
        GC.KeepAlive(gx);
    }

    /// <summary>y = x - max - log(sum(exp(x - max))) along an axis.</summary>
    /// <param name="x">Floating point.</param>
    /// <param name="axis">0 to ndim - 1.</param>
    /// <param name="y">Of x's shape and dtype; may be x.</param>
    [SkipLocalsInit]
    public static void LogSoftmax(NDArray x, int axis, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, nameof(x), nameof(LogSoftmax), &t[0]);
        Describe(y, nameof(y), nameof(LogSoftmax), &t[1], pool);
        Status.Check(Native.nc_log_softmax(Context(pool), &t[0], axis, &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>gx = gy - exp(y) * sum(gy) along an axis.</summary>
    /// <param name="y">What <see cref="LogSoftmax"/> gave.</param>
    /// <param name="gy">Gradient of y.</param>
    /// <param name="axis">0 to ndim - 1.</param>
    /// <param name="gx">Of y's shape and dtype; may be gy or y.</param>
    [SkipLocalsInit]
    public static void LogSoftmaxGrad(NDArray y, NDArray gy, int axis, NDArray gx)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(y, nameof(y), nameof(LogSoftmaxGrad), &t[0]);
        Describe(gy, nameof(gy), nameof(LogSoftmaxGrad), &t[1], pool);
        Describe(gx, nameof(gx), nameof(LogSoftmaxGrad), &t[2], pool);
        Status.Check(Native.nc_log_softmax_grad(Context(pool), &t[0], &t[1], axis, &t[2]));
        GC.KeepAlive(y);
        GC.KeepAlive(gy);
        GC.KeepAlive(gx);
    }

    /// <summary>logP = log_softmax(x, 1); loss = -weight[t] * logP[t], 0 where t is the ignored label.</summary>
    /// <param name="x">(N, C, d1, ...) scores, floating point.</param>
    /// <param name="t">(N, d1, ...) class indices, int32 or int64.</param>
    /// <param name="weight">(C) of x's dtype, or null for ones.</param>
    /// <param name="ignoreLabel">The index that stands for no class.</param>
    /// <param name="logP">Of x's shape and dtype; may be x.</param>
    /// <param name="loss">(N, d1, ...) of x's dtype.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index outside [0, C) that is not ignored; nothing is written.</exception>
    [SkipLocalsInit]
    public static void SoftmaxCrossEntropy(
        NDArray x, NDArray t, NDArray? weight, long ignoreLabel, NDArray logP, NDArray loss)
    {
        nc_tensor* d = stackalloc nc_tensor[5];
        MemoryPool pool = Describe(x, nameof(x), nameof(SoftmaxCrossEntropy), &d[0]);
        Describe(t, nameof(t), nameof(SoftmaxCrossEntropy), &d[1], pool);
        Describe(logP, nameof(logP), nameof(SoftmaxCrossEntropy), &d[2], pool);
        Describe(loss, nameof(loss), nameof(SoftmaxCrossEntropy), &d[3], pool);
        nc_tensor* w = null;
        if (weight is not null)
        {
            Describe(weight, nameof(weight), nameof(SoftmaxCrossEntropy), w = &d[4], pool);
        }

        Status.Check(Native.nc_softmax_cross_entropy(Context(pool), &d[0], &d[1], w, ignoreLabel, &d[2], &d[3]));
        GC.KeepAlive(x);
        GC.KeepAlive(t);
        GC.KeepAlive(weight);
        GC.KeepAlive(logP);
        GC.KeepAlive(loss);
    }

    /// <summary>gx = g * weight[t] * (exp(logP) - onehot(t)), 0 where t is the ignored label.</summary>
    /// <param name="logP">(N, C, d1, ...), what <see cref="SoftmaxCrossEntropy"/> gave.</param>
    /// <param name="t">(N, d1, ...) class indices, int32 or int64.</param>
    /// <param name="weight">(C) of logP's dtype, or null for ones.</param>
    /// <param name="ignoreLabel">The index that stands for no class.</param>
    /// <param name="g">Gradient of the loss, broadcast to (N, d1, ...).</param>
    /// <param name="gx">Of logP's shape and dtype; may be logP.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index outside [0, C) that is not ignored; nothing is written.</exception>
    [SkipLocalsInit]
    public static void SoftmaxCrossEntropyGrad(
        NDArray logP, NDArray t, NDArray? weight, long ignoreLabel, NDArray g, NDArray gx)
    {
        nc_tensor* d = stackalloc nc_tensor[5];
        MemoryPool pool = Describe(logP, nameof(logP), nameof(SoftmaxCrossEntropyGrad), &d[0]);
        Describe(t, nameof(t), nameof(SoftmaxCrossEntropyGrad), &d[1], pool);
        Describe(g, nameof(g), nameof(SoftmaxCrossEntropyGrad), &d[2], pool);
        Describe(gx, nameof(gx), nameof(SoftmaxCrossEntropyGrad), &d[3], pool);
        nc_tensor* w = null;
        if (weight is not null)
        {
            Describe(weight, nameof(weight), nameof(SoftmaxCrossEntropyGrad), w = &d[4], pool);
        }

        Status.Check(Native.nc_softmax_cross_entropy_grad(Context(pool), &d[0], &d[1], w, ignoreLabel, &d[2], &d[3]));
        GC.KeepAlive(logP);
        GC.KeepAlive(t);
        GC.KeepAlive(weight);
        GC.KeepAlive(g);
        GC.KeepAlive(gx);
    }
}
