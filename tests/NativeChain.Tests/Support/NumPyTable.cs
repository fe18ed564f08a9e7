using System.Text.Json;

namespace NativeChain.Tests;

/// <summary>What NumPy made of the cases of Arrays/Data/generate.py and generate_linalg.py.</summary>
internal static class NumPyTable
{
    private static readonly Lazy<JsonDocument> Document = new(() => Read("numpy.json"));
    private static readonly Lazy<JsonDocument> Linalg = new(() => Read("linalg.json"));

    internal static IEnumerable<JsonElement> Cases(string name) =>
        (name == "linalg" ? Linalg : Document).Value.RootElement.GetProperty(name).EnumerateArray();

    internal static NDArray Array(JsonElement bytes, DType dtype, Shape shape)
    {
        byte[] raw = Convert.FromHexString(bytes.GetString()!);
        return dtype switch
        {
            DType.Bool => Of<bool>(raw, shape),
            DType.UInt8 => Of<byte>(raw, shape),
            DType.Int32 => Of<int>(raw, shape),
            DType.Int64 => Of<long>(raw, shape),
            DType.Float16 => Of<Half>(raw, shape),
            DType.Float32 => Of<float>(raw, shape),
            _ => Of<double>(raw, shape),
        };
    }

    /// <summary>An array with its dtype and shape.</summary>
    internal static NDArray Array(JsonElement encoded) => Array(
        encoded.GetProperty("bytes"), DTypes.Parse(encoded.GetProperty("dtype").GetString()!), Shape(encoded.GetProperty("shape")));

    internal static long[] Longs(JsonElement values) => [.. values.EnumerateArray().Select(v => v.GetInt64())];

    internal static Shape Shape(JsonElement extents) => extents.EnumerateArray().Select(e => e.GetInt32()).ToArray();

    private static JsonDocument Read(string resource) =>
        JsonDocument.Parse(typeof(NumPyTable).Assembly.GetManifestResourceStream(resource)!);

    private static NDArray Of<T>(byte[] raw, Shape shape)
        where T : unmanaged => NDArray.FromSpan(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>((ReadOnlySpan<byte>)raw), shape);
}
