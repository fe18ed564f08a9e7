using System.IO.Compression;

namespace NativeChain;

/// <summary>Saves and loads .npz files: Chainer's layout, both ways.</summary>
public static class Serializers
{
    /// <summary>Saves a link, an optimizer, a trainer. The file is never seen half written.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="obj">What to save.</param>
    /// <param name="compression">Whether arrays are deflated, those that it makes smaller.</param>
    public static void SaveNpz(string file, ISerializable obj, bool compression = true)
    {
        IDictionary<string, object?> values = Collect(obj);
        AtomicFile.Write(file, stream => Write(stream, values, compression));
    }

    /// <summary>Saves a link, an optimizer, a trainer to a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="obj">What to save.</param>
    /// <param name="compression">Whether arrays are deflated, those that it makes smaller.</param>
    public static void SaveNpz(Stream stream, ISerializable obj, bool compression = true)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Write(stream, Collect(obj), compression);
    }

    /// <summary>Saves arrays under their names, as NumPy's `savez` does. The file is never seen half written.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="arrays">The arrays.</param>
    /// <param name="compression">Whether arrays are deflated, those that it makes smaller.</param>
    public static void SaveNpz(string file, IEnumerable<KeyValuePair<string, NDArray>> arrays, bool compression = true)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        Dictionary<string, object?> values = arrays.ToDictionary(entry => entry.Key, entry => (object?)entry.Value, StringComparer.Ordinal);
        AtomicFile.Write(file, stream => Write(stream, values, compression));
    }

    /// <summary>
    /// Loads what <see cref="SaveNpz(string, ISerializable, bool)"/> or Chainer's `save_npz` saved. Nothing changes if an entry is
    /// missing, damaged or of another shape.
    /// </summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="obj">What to load; of the structure of what was saved.</param>
    /// <param name="path">Where in the file it is, such as `updater/model:main/`.</param>
    /// <param name="strict">Whether an entry that is missing is an error; else its value stays.</param>
    /// <exception cref="KeyNotFoundException">An entry is missing. The message names it and the file.</exception>
    /// <exception cref="InvalidDataException">The file or an entry is damaged, or does not fit. The message names both.</exception>
    public static void LoadNpz(string file, ISerializable obj, string path = "", bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentNullException.ThrowIfNull(path);
        using NpzFile npz = NpzFile.Open(file);
        obj.Serialize(new NpzDeserializer(npz, path, strict, checking: true));
        obj.Serialize(new NpzDeserializer(npz, path, strict));
    }

    private static IDictionary<string, object?> Collect(ISerializable obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        DictionarySerializer serializer = new();
        obj.Serialize(serializer);
        return serializer.Target;
    }

    private static void Write(Stream stream, IDictionary<string, object?> values, bool compression)
    {
        using ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string key, object? value) in values)
        {
            object? present = value is NDArray array ? Npy.ToHost(array) : value;
            bool deflated = compression && Npy.GainsByDeflate(present);
            ZipArchiveEntry entry = zip.CreateEntry(key + ".npy", deflated ? CompressionLevel.Fastest : CompressionLevel.NoCompression);
            using Stream content = entry.Open();
            Npy.Write(content, present);
        }
    }
}
