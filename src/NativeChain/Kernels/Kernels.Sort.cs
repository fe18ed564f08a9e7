using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

public static unsafe partial class Kernels
{
    /// <summary>Sorts along an axis: ascending, stable, NaN last.</summary>
    /// <param name="x">Any dtype.</param>
    /// <param name="axis">0 to ndim - 1.</param>
    /// <param name="y">Null, or of x's shape and dtype: the sorted elements; may be x.</param>
    /// <param name="indices">Null, or of x's shape, int32 or int64: where along the axis each stood. One of <paramref name="y"/> and this at least.</param>
    [SkipLocalsInit]
    public static void Sort(NDArray x, int axis, NDArray? y, NDArray? indices)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(x, nameof(x), nameof(Sort), &t[0]);
        nc_tensor* elements = DescribeOptional(y, nameof(y), nameof(Sort), &t[1], pool);
        nc_tensor* places = DescribeOptional(indices, nameof(indices), nameof(Sort), &t[2], pool);
        Status.Check(Native.nc_sort(Context(pool), &t[0], axis, elements, places));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(indices);
    }
}
