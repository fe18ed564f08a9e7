using System.Buffers.Binary;
using System.IO.Compression;

namespace NativeChain;

/// <summary>Reads files of the IDX format, gzipped or not: a magic number, extents, bytes. Nothing in them is trusted.</summary>
internal static class IdxFile
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Reads unsigned bytes of a number of axes.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="ndim">Number of axes that it must have.</param>
    /// <returns>Extents of the axes, and the bytes.</returns>
    /// <exception cref="InvalidDataException">It is no such file, or it is longer or shorter than it says.</exception>
    public static (int[] Extents, byte[] Bytes) Read(string file, int ndim)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> start = stackalloc byte[2];
        bool gzipped = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start[0] == 0x1F && start[1] == 0x8B;
        stream.Position = 0;
        try
        {
            if (!gzipped)
            {
                return Read(stream, ndim);
            }
            using GZipStream content = new(stream, CompressionMode.Decompress);
            return Read(content, ndim);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }

    private static (int[] Extents, byte[] Bytes) Read(Stream stream, int ndim)
    {
        byte[] header = new byte[4 + (4 * ndim)];
        int read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        uint magic = read < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(header);
        uint expectedMagic = 0x0800u + (uint)ndim;
        if (read < 4 || magic != expectedMagic)
        {
            throw new InvalidDataException(read < 4
                ? $"ends after {read} bytes, within its magic number"
                : $"is no IDX file of {ndim}-dimensional bytes: its magic number is 0x{magic:X8}, not 0x{expectedMagic:X8}");
        }
        if (read < header.Length)
        {
            throw new InvalidDataException($"ends after {read} of the {header.Length} bytes of its header");
        }
        int[] extents = new int[ndim];
        long size = 1;
        for (int i = 0; i < ndim; i++)
        {
            uint extent = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + (4 * i)));
            size = Math.Min(size, Array.MaxLength) * extent;
            if (extent > Array.MaxLength || size > Array.MaxLength)
            {
                throw new InvalidDataException($"claims an axis of {extent}: more than can be read");
            }
            extents[i] = (int)extent;
        }
        return (extents, ReadBytes(stream, (int)size));
    }

    /// <summary>Takes memory as bytes come, so that a file that claims more than it holds costs no more than it holds.</summary>
    private static byte[] ReadBytes(Stream stream, int size)
    {
        byte[] bytes = new byte[Math.Min(size, ChunkBytes)];
        int at = 0;
        while (at < size)
        {
            if (at == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(size, 2L * bytes.Length));
            }
            int n = stream.Read(bytes, at, bytes.Length - at);
            if (n == 0)
            {
                throw new InvalidDataException($"ends after {at} of the {size} bytes that it claims");
            }
            at += n;
        }
        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException($"holds more than the {size} bytes that it claims");
        }
        return bytes;
    }
}
