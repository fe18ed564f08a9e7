namespace NativeChain;

// NumPy's files: .npy holds one array, .npz several by name. A file is never seen half written, and nothing in one is trusted.
public sealed partial class NDArray
{
    /// <summary>Saves the array as a .npy file. The file is never seen half written.</summary>
    /// <param name="file">Path of the file, taken as it is: no extension is added.</param>
    public void Save(string file)
    {
        ThrowIfDisposed();
        AtomicFile.Write(file, Save);
    }

    /// <summary>Saves the array in the .npy format to a stream, from its position on.</summary>
    /// <param name="stream">A stream that can be written.</param>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Npy.Write(stream, this);
    }

    /// <summary>As <see cref="Save(string)"/>.</summary>
    /// <param name="file">Path of the file, taken as it is: no extension is added.</param>
    /// <param name="x">The array.</param>
    public static void Save(string file, NDArray x) => Guard.NotNull(x).Save(file);

    /// <summary>Saves arrays as a .npz file, under the names arr_0, arr_1 and so on. The file is never seen half written.</summary>
    /// <param name="file">Path of the file, taken as it is: no extension is added.</param>
    /// <param name="arrays">The arrays.</param>
    public static void SaveNpz(string file, params ReadOnlySpan<NDArray> arrays)
    {
        var named = new Dictionary<string, NDArray>();
        for (int i = 0; i < arrays.Length; i++)
        {
            named.Add($"arr_{i}", arrays[i]);
        }

        SaveNpz(file, named);
    }

    /// <summary>Saves arrays under their names as a .npz file. The file is never seen half written.</summary>
    /// <param name="file">Path of the file, taken as it is: no extension is added.</param>
    /// <param name="arrays">The arrays.</param>
    /// <param name="compression">Whether they are deflated, those that it makes smaller.</param>
    public static void SaveNpz(string file, IEnumerable<KeyValuePair<string, NDArray>> arrays, bool compression = false)
    {
        Guard.NotNull(arrays);
        KeyValuePair<string, NDArray>[] entries = [.. arrays];
        foreach ((string name, NDArray x) in entries)
        {
            Guard.NotNull(x, $"arrays[{name}]", "NDArray.SaveNpz").ThrowIfDisposed();
        }

        Serializers.SaveNpz(file, entries, compression);
    }

    /// <summary>Loads the array of a .npy file, or of a .npz file that holds one.</summary>
    /// <param name="file">Path of the file. What it is, its first bytes tell.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or no such file, or holds several arrays. The message names it.</exception>
    public static NDArray Load(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        using (FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            if (stream.ReadByte() != 'P')
            {
                stream.Position = 0;
                return LoadNpy(stream, file, alone: true);
            }
        }

        using NpzFile npz = NpzFile.Open(file);
        return npz.Keys.Count == 1
            ? npz[npz.Keys.First()]
            : throw new InvalidDataException($"{file}: holds {npz.Keys.Count} arrays ({string.Join(", ", npz.Keys.Take(10))}); LoadNpz loads them");
    }

    /// <summary>Loads an array in the .npy format from a stream, from its position on; the next may follow.</summary>
    /// <param name="stream">A stream that can be read and tells its length.</param>
    /// <exception cref="ArgumentException">The stream does not tell its length.</exception>
    /// <exception cref="InvalidDataException">What follows is damaged, or no array.</exception>
    public static NDArray Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanSeek
            ? LoadNpy(stream, "the stream", alone: false)
            : throw new ArgumentException("NDArray.Load: a stream that tells its length; others can be copied to a MemoryStream.", nameof(stream));
    }

    /// <summary>Loads all arrays of a .npz file by their names.</summary>
    /// <param name="file">Path of the file.</param>
    /// <exception cref="InvalidDataException">The file or an entry is damaged, or an entry is no array. The message names both.</exception>
    public static IReadOnlyDictionary<string, NDArray> LoadNpz(string file)
    {
        using NpzFile npz = NpzFile.Open(file);
        return npz.Keys.ToDictionary(key => key, key => npz[key], StringComparer.Ordinal);
    }

    private static NDArray LoadNpy(Stream stream, string name, bool alone)
    {
        object? value;
        try
        {
            value = Npy.Read(stream, stream.Length, alone);
        }
        catch (Exception e) when (Npy.IsDamage(e))
        {
            throw new InvalidDataException($"{name}: {e.Message}", e);
        }

        return value as NDArray ?? throw new InvalidDataException($"{name}: is no array");
    }

    private void ThrowIfDisposed() => _ = Storage;
}
