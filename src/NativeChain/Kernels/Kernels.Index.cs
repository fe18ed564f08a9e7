using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

// The indexed view of x: index arrays (int32 or int64, broadcast to one shape I) select along axes[0] < axes[1] < ... ; it
// has shape I followed by the axes of x that are not indexed.
public static unsafe partial class Kernels
{
    /// <summary>y = the indexed view of x: shape of the indices, then the axes of x that are not indexed.</summary>
    /// <param name="x">Any dtype.</param>
    /// <param name="indices">int32 or int64, broadcast to one shape; negative ones count from the end.</param>
    /// <param name="axes">The axis of x that each indexes, ascending.</param>
    /// <param name="y">Of x's dtype.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index outside its axis; nothing is written.</exception>
    [SkipLocalsInit]
    public static void Gather(NDArray x, ReadOnlySpan<NDArray> indices, ReadOnlySpan<int> axes, NDArray y)
    {
        CheckIndices(indices, axes, nameof(Gather));
        nc_tensor* t = stackalloc nc_tensor[2 + indices.Length];
        MemoryPool? pool = Describe(x, nameof(x), nameof(Gather), &t[0]);
        Describe(y, nameof(y), nameof(Gather), &t[1], pool);
        Describe(indices, nameof(indices), nameof(Gather), &t[2], ref pool);
        fixed (int* a = axes)
        {
            Status.Check(Native.nc_gather(Context(pool!), &t[0], &t[2], a, indices.Length, &t[1]));
        }

        GC.KeepAlive(x);
        KeepAlive(indices);
        GC.KeepAlive(y);
    }

    /// <summary>The indexed view of y = x, broadcast to it: of several writes to one element the last in C order stays.</summary>
    /// <param name="x">Of y's dtype.</param>
    /// <param name="indices">int32 or int64, broadcast to one shape; negative ones count from the end.</param>
    /// <param name="axes">The axis of y that each indexes, ascending.</param>
    /// <param name="y">Any dtype.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index outside its axis; nothing is written.</exception>
    [SkipLocalsInit]
    public static void Scatter(NDArray x, ReadOnlySpan<NDArray> indices, ReadOnlySpan<int> axes, NDArray y)
    {
        CheckIndices(indices, axes, nameof(Scatter));
        nc_tensor* t = stackalloc nc_tensor[2 + indices.Length];
        MemoryPool? pool = Describe(x, nameof(x), nameof(Scatter), &t[0]);
        Describe(y, nameof(y), nameof(Scatter), &t[1], pool);
        Describe(indices, nameof(indices), nameof(Scatter), &t[2], ref pool);
        fixed (int* a = axes)
        {
            Status.Check(Native.nc_scatter(Context(pool!), &t[0], &t[2], a, indices.Length, &t[1]));
        }

        GC.KeepAlive(x);
        KeepAlive(indices);
        GC.KeepAlive(y);
    }

    /// <summary>The indexed view of y += x, broadcast to it: an element that is indexed twice takes both.</summary>
    /// <param name="x">Of y's dtype.</param>
    /// <param name="indices">int32 or int64, broadcast to one shape; negative ones count from the end.</param>
    /// <param name="axes">The axis of y that each indexes, ascending.</param>
    /// <param name="y">Any dtype.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index outside its axis; nothing is written.</exception>
    [SkipLocalsInit]
    public static void ScatterAdd(NDArray x, ReadOnlySpan<NDArray> indices, ReadOnlySpan<int> axes, NDArray y)
    {
        CheckIndices(indices, axes, nameof(ScatterAdd));
        nc_tensor* t = stackalloc nc_tensor[2 + indices.Length];
        MemoryPool? pool = Describe(x, nameof(x), nameof(ScatterAdd), &t[0]);
        Describe(y, nameof(y), nameof(ScatterAdd), &t[1], pool);
        Describe(indices, nameof(indices), nameof(ScatterAdd), &t[2], ref pool);
        fixed (int* a = axes)
        {
            Status.Check(Native.nc_scatter_add(Context(pool!), &t[0], &t[2], a, indices.Length, &t[1]));
        }

        GC.KeepAlive(x);
        KeepAlive(indices);
        GC.KeepAlive(y);
    }

    /// <summary>Coordinates of the elements of x that are not zero, in C order.</summary>
    /// <param name="x">Any dtype.</param>
    /// <param name="y">(ndim of x, count) int64, where count is how many there are.</param>
    [SkipLocalsInit]
    public static void NonZero(NDArray x, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, nameof(x), nameof(NonZero), &t[0]);
        Describe(y, nameof(y), nameof(NonZero), &t[1], pool);
        Status.Check(Native.nc_nonzero(Context(pool), &t[0], &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    private static void CheckIndices(ReadOnlySpan<NDArray> indices, ReadOnlySpan<int> axes, string function)
    {
        if (indices.Length != axes.Length || indices.Length > Shape.MaxNDim)
        {
            throw new ArgumentException($"{function}: {indices.Length} index arrays for {axes.Length} axes.", nameof(indices));
        }
    }
}
