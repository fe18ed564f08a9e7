using System.IO.Compression;

namespace NativeChain;

/// <summary>A .npz file, open for reading: arrays and texts by name. Nothing in it is trusted.</summary>
public sealed class NpzFile : IDisposable
{
    // Deflate never does better.
    private const long MaxDeflateRatio = 1032;

    // Above this, an entry is decompressed once to see that it is as long as it claims before memory is taken for it.
    private const long TrustedLength = 1 << 26;

    private const string Extension = ".npy";

    private readonly ZipArchive _zip;
    private readonly long _length;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    private NpzFile(Stream stream, string name, bool leaveOpen)
    {
        Name = name;
        _length = stream.Length;
        try
        {
            _zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen);
            foreach (ZipArchiveEntry entry in _zip.Entries)
            {
                string key = entry.FullName.EndsWith(Extension, StringComparison.Ordinal) ? entry.FullName[..^Extension.Length] : entry.FullName;
                if (!_entries.TryAdd(key, entry))
                {
                    throw new InvalidDataException($"entry {key} is there twice");
                }
            }
        }
        catch (InvalidDataException e)
        {
            _zip?.Dispose();
            throw new InvalidDataException($"{name}: is no zip file, or a damaged one: {e.Message}", e);
        }
    }

    /// <summary>Names of the entries, in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => _entries.Keys;

    internal string Name { get; }

    /// <summary>The array of a name.</summary>
    /// <param name="key">Name of the entry, without `.npy`.</param>
    /// <exception cref="KeyNotFoundException">There is no such entry.</exception>
    /// <exception cref="InvalidDataException">The entry is damaged, or no array.</exception>
    public NDArray this[string key] => Get(key) as NDArray ?? throw Bad(key, "is no array");

    /// <summary>Opens a file.</summary>
    /// <param name="file">Path of the file.</param>
    /// <exception cref="InvalidDataException">It is no zip file, or a damaged one.</exception>
    public static NpzFile Open(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return new NpzFile(stream, file, leaveOpen: false);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is an entry of a name.</summary>
    /// <param name="key">Name of the entry, without `.npy`.</param>
    public bool Contains(string key) => _entries.ContainsKey(key);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _zip.Dispose();

    /// <summary>An array, a text, or null where None is stored. Each entry is read once.</summary>
    internal object? Get(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (_values.TryGetValue(key, out object? value))
        {
            return value;
        }
        if (!_entries.TryGetValue(key, out ZipArchiveEntry? entry))
        {
            throw new KeyNotFoundException($"{Name}: there is no entry {key}");
        }
        try
        {
            value = Read(entry);
        }
        catch (Exception e) when (Npy.IsDamage(e))
        {
            throw Bad(key, e.Message, e);
        }
        _values.Add(key, value);
        return value;
    }

    internal InvalidDataException Bad(string key, string what, Exception? inner = null) =>
        new($"{Name}: entry {key} {what}", inner);

    private object? Read(ZipArchiveEntry entry)
    {
        if (entry.CompressedLength > _length || entry.Length > (entry.CompressedLength + 1) * MaxDeflateRatio)
        {
            throw new InvalidDataException(
                $"claims {entry.Length} bytes in {entry.CompressedLength}, in a file of {_length}");
        }
        if (entry.Length > TrustedLength)
        {
            Verify(entry);
        }
        using CheckedStream stream = new(entry.Open(), entry.Length, entry.Crc32);
        object? value = Npy.Read(stream, entry.Length);
        stream.Finish();
        return value;
    }

    private static void Verify(ZipArchiveEntry entry)
    {
        using CheckedStream stream = new(entry.Open(), entry.Length, entry.Crc32);
        byte[] buffer = new byte[1 << 16];
        while (stream.Read(buffer) > 0)
        {
        }
        stream.Finish();
    }
}
