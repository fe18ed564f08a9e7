using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

public static unsafe partial class Kernels
{
    /// <summary>y = (x - mean) / sqrt(variance + eps) * gamma + beta, of the mean and the biased variance of x over every axis on which theirs has extent 1.</summary>
    /// <param name="x">Floating point.</param>
    /// <param name="gamma">Broadcast to x, of mean's dtype; null stands for 1.</param>
    /// <param name="beta">Broadcast to x, of mean's dtype; null stands for 0.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="y">Of x's shape and dtype; may be x. Null: the mean and the variance alone, in one reading of x.</param>
    /// <param name="mean">Floating point, as many axes as x, with extent 1 where x is reduced. It is written.</param>
    /// <param name="variance">Of mean's shape and dtype. It is written.</param>
    [SkipLocalsInit]
    public static void Normalization(
        NDArray x, NDArray? gamma, NDArray? beta, double eps, NDArray? y, NDArray mean, NDArray variance)
    {
        nc_tensor* t = stackalloc nc_tensor[6];
        MemoryPool pool = Describe(x, nameof(x), nameof(Normalization), &t[0]);
        nc_tensor* to = DescribeOptional(y, nameof(y), nameof(Normalization), &t[1], pool);
        Describe(mean, nameof(mean), nameof(Normalization), &t[2], pool);
        Describe(variance, nameof(variance), nameof(Normalization), &t[3], pool);
        nc_tensor* g = DescribeOptional(gamma, nameof(gamma), nameof(Normalization), &t[4], pool);
        nc_tensor* b = DescribeOptional(beta, nameof(beta), nameof(Normalization), &t[5], pool);
        Status.Check(Native.nc_normalization(Context(pool), &t[0], g, b, eps, to, &t[2], &t[3]));
        GC.KeepAlive(x);
        GC.KeepAlive(gamma);
        GC.KeepAlive(beta);
        GC.KeepAlive(y);
        GC.KeepAlive(mean);
        GC.KeepAlive(variance);
    }

    /// <summary>The gradients of <see cref="Normalization"/>.</summary>
    /// <param name="x">Floating point.</param>
    /// <param name="gamma">Broadcast to x, of mean's dtype; null stands for 1.</param>
    /// <param name="gy">Of x's shape and dtype.</param>
    /// <param name="mean">What <see cref="Normalization"/> gave.</param>
    /// <param name="variance">What <see cref="Normalization"/> gave.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="gx">Of x's shape and dtype; may be gy; null if it is not asked for.</param>
    /// <param name="ggamma">As many axes as x, with extent 1 where it is summed, of mean's dtype; null if it is not asked for.</param>
    /// <param name="gbeta">As <paramref name="ggamma"/>.</param>
    [SkipLocalsInit]
    public static void NormalizationGrad(
        NDArray x,
        NDArray? gamma,
        NDArray gy,
        NDArray mean,
        NDArray variance,
        double eps,
        NDArray? gx,
        NDArray? ggamma,
        NDArray? gbeta)
    {
        nc_tensor* t = stackalloc nc_tensor[8];
        MemoryPool pool = Describe(x, nameof(x), nameof(NormalizationGrad), &t[0]);
        Describe(gy, nameof(gy), nameof(NormalizationGrad), &t[1], pool);
        Describe(mean, nameof(mean), nameof(NormalizationGrad), &t[2], pool);
        Describe(variance, nameof(variance), nameof(NormalizationGrad), &t[3], pool);
        nc_tensor* g = DescribeOptional(gamma, nameof(gamma), nameof(NormalizationGrad), &t[4], pool);
        nc_tensor* a = DescribeOptional(gx, nameof(gx), nameof(NormalizationGrad), &t[5], pool);
        nc_tensor* b = DescribeOptional(ggamma, nameof(ggamma), nameof(NormalizationGrad), &t[6], pool);
        nc_tensor* c = DescribeOptional(gbeta, nameof(gbeta), nameof(NormalizationGrad), &t[7], pool);
        Status.Check(Native.nc_normalization_grad(Context(pool), &t[0], g, &t[1], &t[2], &t[3], eps, a, b, c));
        GC.KeepAlive(x);
        GC.KeepAlive(gamma);
        GC.KeepAlive(gy);
        GC.KeepAlive(mean);
        GC.KeepAlive(variance);
        GC.KeepAlive(gx);
        GC.KeepAlive(ggamma);
        GC.KeepAlive(gbeta);
    }
}
