namespace NativeChain;

/// <summary>Files that are never seen half written.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes a file: to a temporary one beside it, flushed to the disk, which then takes its place. A crash at any moment leaves the old
    /// file or the new one.
    /// </summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string temporary = Path.Combine(
            Path.GetDirectoryName(full) ?? throw new ArgumentException($"{path} is a folder", nameof(path)),
            $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
