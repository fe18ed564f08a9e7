namespace NativeChain;

public sealed partial class NDArray
{
    /// <summary>Random arrays from the default generator.</summary>
    public static class Random
    {
        private static RandomGenerator? s_default;

        /// <summary>The default generator: until <see cref="Seed"/> gives it another, it has the configuration's seed, or one from the system.</summary>
        public static RandomGenerator Default =>
            Volatile.Read(ref s_default) ?? Interlocked.CompareExchange(ref s_default, new RandomGenerator(), null) ?? s_default!;

        /// <summary>Begins the default generator anew.</summary>
        /// <param name="seed">Equal seeds give equal sequences.</param>
        public static void Seed(ulong seed) => Volatile.Write(ref s_default, new RandomGenerator(seed));

        /// <inheritdoc cref="RandomGenerator.Uniform"/>
        public static NDArray Uniform(
            double low = 0, double high = 1, Shape shape = default, DType? dtype = null, Device device = default) =>
            Default.Uniform(low, high, shape, dtype, device);

        /// <inheritdoc cref="RandomGenerator.Normal"/>
        public static NDArray Normal(
            double mean = 0, double stddev = 1, Shape shape = default, DType? dtype = null, Device device = default) =>
            Default.Normal(mean, stddev, shape, dtype, device);

        /// <inheritdoc cref="RandomGenerator.TruncatedNormal"/>
        public static NDArray TruncatedNormal(
            double mean = 0,
            double stddev = 1,
            Shape shape = default,
            double low = -2,
            double high = 2,
            DType? dtype = null,
            Device device = default) => Default.TruncatedNormal(mean, stddev, shape, low, high, dtype, device);

        /// <inheritdoc cref="RandomGenerator.Bernoulli"/>
        public static NDArray Bernoulli(double p = 0.5, Shape shape = default, DType? dtype = null, Device device = default) =>
            Default.Bernoulli(p, shape, dtype, device);

        /// <inheritdoc cref="RandomGenerator.Permutation(int, DType, Device)"/>
        public static NDArray Permutation(int n, DType dtype = DType.Int64, Device device = default) =>
            Default.Permutation(n, dtype, device);

        /// <inheritdoc cref="RandomGenerator.Permutation(NDArray, int)"/>
        public static NDArray Permutation(NDArray x, int axis = 0) => Default.Permutation(x, axis);

        /// <inheritdoc cref="RandomGenerator.Shuffle"/>
        public static void Shuffle(NDArray x) => Default.Shuffle(x);

        /// <inheritdoc cref="RandomGenerator.Integers"/>
        public static NDArray Integers(long low, long high, Shape shape = default, DType dtype = DType.Int64, Device device = default) =>
            Default.Integers(low, high, shape, dtype, device);

        /// <inheritdoc cref="RandomGenerator.Choice(int, Shape, bool, NDArray?, Device)"/>
        public static NDArray Choice(int n, Shape shape = default, bool replace = true, NDArray? p = null, Device device = default) =>
            Default.Choice(n, shape, replace, p, device);

        /// <inheritdoc cref="RandomGenerator.Choice(NDArray, Shape, bool, NDArray?)"/>
        public static NDArray Choice(NDArray x, Shape shape = default, bool replace = true, NDArray? p = null) =>
            Default.Choice(x, shape, replace, p);
    }
}
