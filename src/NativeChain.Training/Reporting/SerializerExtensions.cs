namespace NativeChain.Training;

internal static class SerializerExtensions
{
    /// <summary>A number that Chainer counts up from the integer 0, and would not load from a fraction: whole ones are saved as integers.</summary>
    public static double SerializeCount(this Serializer serializer, string key, double value) =>
        serializer.IsWriter && value == Math.Floor(value) && Math.Abs(value) < long.MaxValue
            ? serializer.Serialize(key, (long)value)
            : serializer.Serialize(key, value);
}
