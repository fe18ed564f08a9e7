using System.Security.Cryptography;

namespace NativeChain;

/// <summary>Random arrays from Philox 4x32-10. What is drawn depends on the seed and on how much was drawn before, never on threads or devices; safe to share between threads.</summary>
public sealed class RandomGenerator
{
    private static readonly Elementwise s_scaleDown = Elementwise.Of((u, n) => Expr.Minimum(Expr.Floor(u * n), n - 1));

    private static readonly Elementwise s_exponential = Elementwise.Of((u, rate) => -Expr.Log1p(-u) / rate);

    private long _counter;

    /// <summary>A generator with the configuration's seed, or one from the system where that is null.</summary>
    public RandomGenerator()
        : this(Config.Seed ?? SystemSeed())
    {
    }

    /// <summary>A generator that begins at counter 0.</summary>
    /// <param name="seed">Any number; equal seeds give equal sequences.</param>
    public RandomGenerator(ulong seed) => Seed = seed;

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>How much was drawn: with the seed, the whole state. A multiple of 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or not a multiple of 4.</exception>
    public long Counter
    {
        get => Volatile.Read(ref _counter);
        set
        {
            if (value < 0 || value % 4 != 0)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "not a multiple of 4 from 0 up");
            }

            Volatile.Write(ref _counter, value);
        }
    }

    /// <summary>Uniform numbers in [low, high).</summary>
    /// <param name="low">The least.</param>
    /// <param name="high">The bound.</param>
    /// <param name="shape">Shape of the result; 0-d by default.</param>
    /// <param name="dtype">Floating point; the default dtype where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentException">A dtype that is not floating point, or bounds that are not finite and ascending.</exception>
    public NDArray Uniform(double low = 0, double high = 1, Shape shape = default, DType? dtype = null, Device device = default)
    {
        CheckBounds(low, high, "Uniform");
        NDArray y = NDArray.Empty(shape, Floating(dtype, "Uniform"), device);
        FillUniform(y, low, high);
        return y;
    }

    /// <summary>Normal numbers.</summary>
    /// <param name="mean">Their mean.</param>
    /// <param name="stddev">Their standard deviation.</param>
    /// <param name="shape">Shape of the result; 0-d by default.</param>
    /// <param name="dtype">Floating point; the default dtype where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentException">A dtype that is not floating point, or a negative deviation.</exception>
    public NDArray Normal(double mean = 0, double stddev = 1, Shape shape = default, DType? dtype = null, Device device = default)
    {
        CheckDeviation(stddev, "Normal");
        NDArray y = NDArray.Empty(shape, Floating(dtype, "Normal"), device);
        FillNormal(y, mean, stddev);
        return y;
    }

    /// <summary>Normal numbers conditioned on an interval about the mean.</summary>
    /// <param name="mean">Mean of the normal that is cut.</param>
    /// <param name="stddev">Its standard deviation.</param>
    /// <param name="shape">Shape of the result; 0-d by default.</param>
    /// <param name="low">The lower cut, in standard deviations from the mean.</param>
    /// <param name="high">The upper cut, in standard deviations from the mean.</param>
    /// <param name="dtype">Floating point; the default dtype where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentException">A dtype that is not floating point, a negative deviation, or cuts that do not ascend.</exception>
    public NDArray TruncatedNormal(
        double mean = 0,
        double stddev = 1,
        Shape shape = default,
        double low = -2,
        double high = 2,
        DType? dtype = null,
        Device device = default)
    {
        CheckDeviation(stddev, "TruncatedNormal");
        CheckCuts(low, high, "TruncatedNormal");
        NDArray y = NDArray.Empty(shape, Floating(dtype, "TruncatedNormal"), device);
        FillTruncatedNormal(y, mean, stddev, low, high);
        return y;
    }

    /// <summary>1 with probability p, else 0.</summary>
    /// <param name="p">The probability.</param>
    /// <param name="shape">Shape of the result; 0-d by default.</param>
    /// <param name="dtype">Any; bool where null.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is outside [0, 1].</exception>
    public NDArray Bernoulli(double p = 0.5, Shape shape = default, DType? dtype = null, Device device = default)
    {
        CheckProbability(p, "Bernoulli");
        NDArray y = NDArray.Empty(shape, dtype ?? DType.Bool, device);
        FillBernoulli(y, p);
        return y;
    }

    /// <summary>A uniform permutation of 0 to n - 1. Result: (n,).</summary>
    /// <param name="n">How many.</param>
    /// <param name="dtype">int32 or int64.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentException"><paramref name="n"/> is negative, or another dtype.</exception>
    public NDArray Permutation(int n, DType dtype = DType.Int64, Device device = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (dtype is not (DType.Int32 or DType.Int64))
        {
            throw new ArgumentException($"RandomGenerator.Permutation: int32 or int64, not {dtype.Name()}.", nameof(dtype));
        }

        NDArray y = NDArray.Allocate(n, dtype, device);
        Kernels.RandomPermutation(Seed, Advance(n, 2), y);
        return y;
    }

    /// <summary>The subarrays along an axis in random order: a copy.</summary>
    /// <param name="x">At least one axis.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public NDArray Permutation(NDArray x, int axis = 0)
    {
        Guard.NotNull(x);
        int along = Shape.NormalizeAxis(axis, x.NDim, "RandomGenerator.Permutation", nameof(axis));
        return x.Take(Permutation(x.Shape[along], device: x.Device), along);
    }

    /// <summary>Puts the subarrays along the first axis of an array in random order.</summary>
    /// <param name="x">At least one axis.</param>
    /// <exception cref="ArgumentOutOfRangeException">A 0-d array.</exception>
    public void Shuffle(NDArray x)
    {
        using NDArray shuffled = Permutation(x);
        Kernels.Copy(shuffled, x);
    }

    /// <summary>Uniform integers in [low, high).</summary>
    /// <param name="low">The least.</param>
    /// <param name="high">The bound.</param>
    /// <param name="shape">Shape of the result; 0-d by default.</param>
    /// <param name="dtype">An integer dtype.</param>
    /// <param name="device">The CPU by default.</param>
    /// <exception cref="ArgumentException">A dtype that is none of integers or does not hold the numbers, bounds that do not ascend or are more than 2^53 apart.</exception>
    public NDArray Integers(long low, long high, Shape shape = default, DType dtype = DType.Int64, Device device = default)
    {
        UInt128 count = (UInt128)((Int128)high - low);
        if (low >= high || count > 1ul << 53)
        {
            throw new ArgumentException($"RandomGenerator.Integers: from [{low}, {high}) nothing can be drawn; up to 2^53 integers can be.", nameof(high));
        }

        if (!dtype.IsInteger() || !dtype.Holds(low) || !dtype.Holds(high - 1))
        {
            throw new ArgumentException($"RandomGenerator.Integers: {dtype.Name()} does not hold [{low}, {high}).", nameof(dtype));
        }

        // A uniform number has 53 bits, so that its product with the count, rounded down, is below the count.
        using NDArray uniform = Uniform(shape: shape, dtype: DType.Float64, device: device);
        using NDArray scaled = s_scaleDown.Compute(uniform, (double)count);
        NDArray y = scaled.AsType(DType.Int64);
        return (low == 0 ? y : y + low).AsType(dtype, copy: false);
    }

    /// <summary>Elements drawn from 0 to n - 1.</summary>
    /// <param name="n">From how many is drawn.</param>
    /// <param name="shape">Shape of the result; 0-d by default.</param>
    /// <param name="replace">Whether what was drawn can be drawn again.</param>
    /// <param name="p">The probability of each, (n,), with the sum 1; equal ones by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>int64.</returns>
    /// <exception cref="ArgumentException">Nothing to draw from, more drawn than there are without replacement, or probabilities that are none.</exception>
    public NDArray Choice(int n, Shape shape = default, bool replace = true, NDArray? p = null, Device device = default)
    {
        const string Function = "RandomGenerator.Choice";
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        long size = shape.Size;
        NDArray? weights = p is null ? null : CheckedProbabilities(p, n).To(device);
        long available = replace && n > 0 ? size : weights is null ? n : NDArray.CountNonzero(weights).Item<long>();
        if (size > available)
        {
            throw new ArgumentException($"{Function}: {size} cannot be drawn from {available}.", nameof(shape));
        }

        if (weights is null)
        {
            return replace && n > 0
                ? Integers(0, n, shape, device: device)
                : Permutation(n, device: device)[..(int)size].Reshape(shape);
        }

        if (replace)
        {
            NDArray upTo = weights.CumSum();
            return (upTo / upTo[^1]).SearchSorted(Uniform(shape: shape, dtype: DType.Float64, device: device), right: true);
        }

        // Exponential times with these rates: those that come first (Efraimidis and Spirakis, 2006).
        NDArray times = s_exponential.Compute(Uniform(shape: n, dtype: DType.Float64, device: device), weights);
        return times.ArgSort()[..(int)size].Reshape(shape);
    }

    /// <summary>Subarrays drawn from those along the first axis of an array.</summary>
    /// <param name="x">At least one axis.</param>
    /// <param name="shape">How many are drawn, in what shape; one, without an axis for it, by default.</param>
    /// <param name="replace">Whether what was drawn can be drawn again.</param>
    /// <param name="p">The probability of each, with the sum 1; equal ones by default.</param>
    /// <exception cref="ArgumentException">A 0-d array, nothing to draw from, more drawn than there are without replacement, or probabilities that are none.</exception>
    public NDArray Choice(NDArray x, Shape shape = default, bool replace = true, NDArray? p = null)
    {
        Guard.NotNull(x);
        int n = x.Shape[Shape.NormalizeAxis(0, x.NDim, "RandomGenerator.Choice", nameof(x))];
        return x.Take(Choice(n, shape, replace, p, x.Device), 0);
    }

    /// <summary>Overwrites an array with uniform numbers in [low, high).</summary>
    /// <param name="y">Floating point.</param>
    /// <param name="low">The least.</param>
    /// <param name="high">The bound.</param>
    /// <exception cref="ArgumentException">A dtype that is not floating point, or bounds that are not finite and ascending.</exception>
    public void FillUniform(NDArray y, double low = 0, double high = 1)
    {
        CheckFloating(y, "FillUniform");
        CheckBounds(low, high, "FillUniform");
        Kernels.RandomUniform(Seed, Advance(y), low, high, y);
    }

    /// <summary>Overwrites an array with normal numbers.</summary>
    /// <param name="y">Floating point.</param>
    /// <param name="mean">Their mean.</param>
    /// <param name="stddev">Their standard deviation.</param>
    /// <exception cref="ArgumentException">A dtype that is not floating point, or a negative deviation.</exception>
    public void FillNormal(NDArray y, double mean = 0, double stddev = 1)
    {
        CheckFloating(y, "FillNormal");
        CheckDeviation(stddev, "FillNormal");
        Kernels.RandomNormal(Seed, Advance(y), mean, stddev, y);
    }

    /// <summary>Overwrites an array with normal numbers conditioned on an interval about the mean.</summary>
    /// <param name="y">Floating point.</param>
    /// <param name="mean">Mean of the normal that is cut.</param>
    /// <param name="stddev">Its standard deviation.</param>
    /// <param name="low">The lower cut, in standard deviations from the mean.</param>
    /// <param name="high">The upper cut, in standard deviations from the mean.</param>
    /// <exception cref="ArgumentException">A dtype that is not floating point, a negative deviation, or cuts that do not ascend.</exception>
    public void FillTruncatedNormal(NDArray y, double mean = 0, double stddev = 1, double low = -2, double high = 2)
    {
        CheckFloating(y, "FillTruncatedNormal");
        CheckDeviation(stddev, "FillTruncatedNormal");
        CheckCuts(low, high, "FillTruncatedNormal");
        Kernels.RandomTruncatedNormal(Seed, Advance(y), mean, stddev, low, high, y);
    }

    /// <summary>Overwrites an array with ones and zeros.</summary>
    /// <param name="y">Any dtype.</param>
    /// <param name="p">The probability of 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is outside [0, 1].</exception>
    public void FillBernoulli(NDArray y, double p = 0.5)
    {
        Guard.NotNull(y);
        CheckProbability(p, "FillBernoulli");
        Kernels.RandomBernoulli(Seed, Advance(y), p, y);
    }

    private static ulong SystemSeed()
    {
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(seed);
        return BitConverter.ToUInt64(seed);
    }

    private static DType Floating(DType? dtype, string function)
    {
        DType type = dtype ?? NDArray.DefaultDType;
        return type.IsFloating()
            ? type
            : throw new ArgumentException($"RandomGenerator.{function}: a floating point dtype, not {type}.", nameof(dtype));
    }

    private static void CheckFloating(NDArray y, string function)
    {
        Guard.NotNull(y);
        if (!y.DType.IsFloating())
        {
            throw new ArgumentException($"RandomGenerator.{function}: a floating point array, not {y.DType.Name()}.", nameof(y));
        }
    }

    private static void CheckBounds(double low, double high, string function)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || low > high)
        {
            throw new ArgumentException($"RandomGenerator.{function}: [{low}, {high}) is no interval.", nameof(low));
        }
    }

    private static void CheckCuts(double low, double high, string function)
    {
        if (!(low < high))
        {
            throw new ArgumentException($"RandomGenerator.{function}: [{low}, {high}] is no interval.", nameof(low));
        }
    }

    private static void CheckDeviation(double stddev, string function)
    {
        if (!(stddev >= 0 && double.IsFinite(stddev)))
        {
            throw new ArgumentOutOfRangeException(nameof(stddev), stddev, $"RandomGenerator.{function}: no standard deviation");
        }
    }

    private static NDArray CheckedProbabilities(NDArray p, int n)
    {
        const double Tolerance = 1.5e-8; // the root of float64's epsilon
        if (p.NDim != 1 || p.Shape[0] != n)
        {
            throw new ArgumentException($"RandomGenerator.Choice: probabilities of shape {p.Shape} for {n}.", nameof(p));
        }

        NDArray weights = p.AsType(DType.Float64, copy: false);
        double sum = weights.Sum().Item<double>();
        return n > 0 && !(weights.Min().Item<double>() < 0) && Math.Abs(sum - 1) <= Math.Max(Tolerance, p.DType == DType.Float64 ? 0 : 1e-3)
            ? weights
            : throw new ArgumentException($"RandomGenerator.Choice: probabilities are not negative and have the sum 1, not {sum}.", nameof(p));
    }

    private static void CheckProbability(double p, string function)
    {
        if (!(p >= 0 && p <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, $"RandomGenerator.{function}: no probability");
        }
    }

    private long Advance(NDArray y) => Advance(y.Size, y.DType == DType.Float64 ? 2 : 1);

    // The counter at which a draw begins, once it is reserved.
    private long Advance(long count, int words)
    {
        long step = checked((count + 3) / 4 * 4 * words);
        return Interlocked.Add(ref _counter, step) - step;
    }
}
