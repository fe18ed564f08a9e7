using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

// Philox 4x32-10: element i depends on the seed and on counter + i alone. The counter advances by the number of elements,
// rounded up to 4; float64 results and permutations take twice that.
public static unsafe partial class Kernels
{
    /// <summary>Random 32-bit words.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="counter">How many elements the key has given, a multiple of 4; a number or a 0-d int64 array.</param>
    /// <param name="y">int32, which takes their bits.</param>
    [SkipLocalsInit]
    public static void RandomWords(ulong seed, Scalar counter, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        nc_random_key key;
        MemoryPool pool = Describe(seed, counter, y, nameof(RandomWords), &key, t);
        Status.Check(Native.nc_random_words(Context(pool), key, &t[0]));
        GC.KeepAlive(counter.Array);
        GC.KeepAlive(y);
    }

    /// <summary>Uniform numbers in [low, high).</summary>
    /// <param name="seed">The key.</param>
    /// <param name="counter">How many elements the key has given, a multiple of 4; a number or a 0-d int64 array.</param>
    /// <param name="low">The least.</param>
    /// <param name="high">The bound.</param>
    /// <param name="y">Floating point.</param>
    [SkipLocalsInit]
    public static void RandomUniform(ulong seed, Scalar counter, double low, double high, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        nc_random_key key;
        MemoryPool pool = Describe(seed, counter, y, nameof(RandomUniform), &key, t);
        Status.Check(Native.nc_random_uniform(Context(pool), key, low, high, &t[0]));
        GC.KeepAlive(counter.Array);
        GC.KeepAlive(y);
    }

    /// <summary>Normal numbers, by Box and Muller's transform.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="counter">How many elements the key has given, a multiple of 4; a number or a 0-d int64 array.</param>
    /// <param name="mean">Their mean.</param>
    /// <param name="stddev">Their standard deviation.</param>
    /// <param name="y">Floating point.</param>
    [SkipLocalsInit]
    public static void RandomNormal(ulong seed, Scalar counter, double mean, double stddev, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        nc_random_key key;
        MemoryPool pool = Describe(seed, counter, y, nameof(RandomNormal), &key, t);
        Status.Check(Native.nc_random_normal(Context(pool), key, mean, stddev, &t[0]));
        GC.KeepAlive(counter.Array);
        GC.KeepAlive(y);
    }

    /// <summary>Normal numbers conditioned on [low, high], which count standard deviations from the mean.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="counter">How many elements the key has given, a multiple of 4; a number or a 0-d int64 array.</param>
    /// <param name="mean">Mean of the normal that is cut.</param>
    /// <param name="stddev">Its standard deviation.</param>
    /// <param name="low">The lower cut, in standard deviations.</param>
    /// <param name="high">The upper cut, in standard deviations.</param>
    /// <param name="y">Floating point.</param>
    [SkipLocalsInit]
    public static void RandomTruncatedNormal(
        ulong seed, Scalar counter, double mean, double stddev, double low, double high, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        nc_random_key key;
        MemoryPool pool = Describe(seed, counter, y, nameof(RandomTruncatedNormal), &key, t);
        Status.Check(Native.nc_random_truncated_normal(Context(pool), key, mean, stddev, low, high, &t[0]));
        GC.KeepAlive(counter.Array);
        GC.KeepAlive(y);
    }

    /// <summary>1 with probability p, else 0.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="counter">How many elements the key has given, a multiple of 4; a number or a 0-d int64 array.</param>
    /// <param name="p">The probability, 0 to 1.</param>
    /// <param name="y">Any dtype.</param>
    [SkipLocalsInit]
    public static void RandomBernoulli(ulong seed, Scalar counter, double p, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        nc_random_key key;
        MemoryPool pool = Describe(seed, counter, y, nameof(RandomBernoulli), &key, t);
        Status.Check(Native.nc_random_bernoulli(Context(pool), key, p, &t[0]));
        GC.KeepAlive(counter.Array);
        GC.KeepAlive(y);
    }

    /// <summary>A uniform permutation of 0 to n - 1.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="counter">How many elements the key has given, a multiple of 4; a number or a 0-d int64 array.</param>
    /// <param name="y">(n) int32 or int64.</param>
    [SkipLocalsInit]
    public static void RandomPermutation(ulong seed, Scalar counter, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        nc_random_key key;
        MemoryPool pool = Describe(seed, counter, y, nameof(RandomPermutation), &key, t);
        Status.Check(Native.nc_random_permutation(Context(pool), key, &t[0]));
        GC.KeepAlive(counter.Array);
        GC.KeepAlive(y);
    }

    // t[0] describes y, t[1] the counter where it is an array.
    private static MemoryPool Describe(
        ulong seed, in Scalar counter, NDArray y, string function, nc_random_key* key, nc_tensor* t)
    {
        MemoryPool pool = Describe(y, nameof(y), function, &t[0]);
        key->seed = seed;
        Describe(in counter, nameof(counter), function, &key->counter, &t[1], pool);
        return pool;
    }
}
