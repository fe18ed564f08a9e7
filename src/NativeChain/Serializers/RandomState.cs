namespace NativeChain;

/// <summary>Saves and loads the state of generators of random numbers.</summary>
public static class RandomState
{
    /// <summary>Saves or loads a generator: `seed` and `counter`. A file without them, such as Chainer's, leaves it as it is.</summary>
    /// <param name="serializer">The serializer.</param>
    /// <param name="rng">The generator.</param>
    /// <returns>The generator, or one with the stored seed.</returns>
    public static RandomGenerator Serialize(Serializer serializer, RandomGenerator rng)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(rng);
        if (!serializer.Contains("seed") || !serializer.Contains("counter"))
        {
            return rng;
        }
        ulong seed = unchecked((ulong)serializer.Serialize("seed", unchecked((long)rng.Seed)));
        long counter = serializer.Serialize("counter", rng.Counter);
        if (counter < 0 || counter % 4 != 0)
        {
            throw new InvalidDataException($"random/counter is {counter}, which no generator comes to");
        }
        if (seed != rng.Seed)
        {
            return new RandomGenerator(seed) { Counter = counter };
        }
        rng.Counter = counter;
        return rng;
    }

    /// <summary>Saves or loads the default generator, <see cref="NDArray.Random"/>.</summary>
    /// <param name="serializer">The serializer.</param>
    public static void SerializeDefault(Serializer serializer)
    {
        RandomGenerator rng = NDArray.Random.Default;
        RandomGenerator stored = Serialize(serializer, rng);
        if (!ReferenceEquals(stored, rng))
        {
            NDArray.Random.Seed(stored.Seed);
            NDArray.Random.Default.Counter = stored.Counter;
        }
    }
}
