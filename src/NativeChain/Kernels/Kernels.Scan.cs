using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

public static unsafe partial class Kernels
{
    /// <summary>The running reduction along an axis: y[i] is that of x[0] to x[i]. A view with a negative stride runs from the other end.</summary>
    /// <param name="reduction"><see cref="Reduction.Sum"/>, <see cref="Reduction.Prod"/>, <see cref="Reduction.Min"/> or <see cref="Reduction.Max"/>; the last two are NaN from a NaN on.</param>
    /// <param name="x">Any dtype; cast to y's first.</param>
    /// <param name="axis">0 to ndim - 1.</param>
    /// <param name="y">Of x's shape. float16 and bfloat16 accumulate in float32, integers wrap. May be x.</param>
    [SkipLocalsInit]
    public static void Scan(Reduction reduction, NDArray x, int axis, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, nameof(x), nameof(Scan), &t[0]);
        Describe(y, nameof(y), nameof(Scan), &t[1], pool);
        Status.Check(Native.nc_scan(Context(pool), (int)reduction, &t[0], axis, &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>The linear recurrence along an axis: y[0] = b[0], y[i] = a[i - 1] y[i - 1] + b[i]. A view with a negative stride runs from the other end.</summary>
    /// <param name="a">Of b's shape with one element less along the axis. Floating point.</param>
    /// <param name="b">Of a's dtype.</param>
    /// <param name="axis">0 to ndim - 1.</param>
    /// <param name="y">Of b's shape and dtype. float16 and bfloat16 accumulate in float32. May be b.</param>
    [SkipLocalsInit]
    public static void LinearScan(NDArray a, NDArray b, int axis, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(a, nameof(a), nameof(LinearScan), &t[0]);
        Describe(b, nameof(b), nameof(LinearScan), &t[1], pool);
        Describe(y, nameof(y), nameof(LinearScan), &t[2], pool);
        Status.Check(Native.nc_linear_scan(Context(pool), &t[0], &t[1], axis, &t[2]));
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(y);
    }
}
