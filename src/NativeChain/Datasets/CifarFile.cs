using System.Formats.Tar;
using System.IO.Compression;

namespace NativeChain;

/// <summary>
/// Reads CIFAR's binary files, in a .tar.gz archive or out of it: records of one label or, with CIFAR-100, a coarse and a fine one, and
/// 3,072 pixels, the red ones first. Nothing in them is trusted.
/// </summary>
internal static class CifarFile
{
    public const int ImageBytes = 3 * 32 * 32;

    // The largest of the files has 154 MB.
    private const int MaxPartBytes = 1 << 28;
    private const int ChunkBytes = 1 << 20;

    public static readonly string[] Cifar10Parts =
    [
        "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin",
    ];

    public static readonly string[] Cifar100Parts = ["train.bin", "test.bin"];

    /// <summary>Images and labels to train and to test on; the last of the parts is what is tested on.</summary>
    /// <param name="paths">An archive, or all parts.</param>
    /// <param name="parts">Names of the parts.</param>
    /// <param name="classes">Number of classes for each label of a record; the last label is the one that is taken.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or is none of CIFAR's. The message names it.</exception>
    public static ((byte[] Images, byte[] Labels) Train, (byte[] Images, byte[] Labels) Test) Read(string[] paths, string[] parts, int[] classes)
    {
        (string Name, byte[] Bytes)[] content = paths.Length == 1 ? ReadArchive(paths[0], parts) : Array.ConvertAll(paths, ReadFile);
        return (Split(content[..^1], classes), Split(content[^1..], classes));
    }

    private static (string Name, byte[] Bytes) ReadFile(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return (path, ReadAll(stream, path));
    }

    private static (string Name, byte[] Bytes)[] ReadArchive(string path, string[] parts)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        byte[]?[] content = new byte[parts.Length][];
        try
        {
            using GZipStream unzipped = new(stream, CompressionMode.Decompress);
            using TarReader tar = new(unzipped);
            while (tar.GetNextEntry() is { } entry)
            {
                int part = Array.IndexOf(parts, Path.GetFileName(entry.Name));
                if (part < 0)
                {
                    continue;
                }
                if (content[part] is not null)
                {
                    throw new InvalidDataException($"holds {parts[part]} twice");
                }
                content[part] = ReadAll(entry.DataStream ?? throw new InvalidDataException($"{entry.Name} is no file"), entry.Name);
            }
            // To the end, where the checksum is.
            byte[] rest = new byte[ChunkBytes];
            while (unzipped.Read(rest) > 0)
            {
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException
            or NotSupportedException or OverflowException or InvalidOperationException
            || (e is IOException && e is not (FileNotFoundException or DirectoryNotFoundException)))
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
        int missing = Array.IndexOf(content, null);
        return missing < 0
            ? [.. parts.Select((part, i) => ($"{path}: {part}", content[i]!))]
            : throw new InvalidDataException($"{path}: holds no {parts[missing]}");
    }

    /// <summary>Takes memory as bytes come, so that a file that claims more than it holds costs no more than it holds.</summary>
    private static byte[] ReadAll(Stream stream, string name)
    {
        using MemoryStream bytes = new();
        byte[] chunk = new byte[ChunkBytes];
        for (int n; (n = stream.Read(chunk)) > 0;)
        {
            bytes.Write(chunk, 0, n);
            if (bytes.Length > MaxPartBytes)
            {
                throw new InvalidDataException($"{name}: holds more than {MaxPartBytes} bytes");
            }
        }
        return bytes.ToArray();
    }

    private static (byte[] Images, byte[] Labels) Split((string Name, byte[] Bytes)[] parts, int[] classes)
    {
        int record = classes.Length + ImageBytes;
        foreach ((string name, byte[] bytes) in parts)
        {
            if (bytes.Length % record != 0)
            {
                throw new InvalidDataException($"{name}: {bytes.Length} bytes are no whole number of records of {record}");
            }
        }
        int count = parts.Sum(part => part.Bytes.Length / record);
        byte[] images = new byte[(long)count * ImageBytes], labels = new byte[count];
        int at = 0;
        foreach ((string name, byte[] bytes) in parts)
        {
            for (int start = 0; start < bytes.Length; start += record, at++)
            {
                for (int k = 0; k < classes.Length; k++)
                {
                    if (bytes[start + k] >= classes[k])
                    {
                        throw new InvalidDataException(
                            $"{name}: a label of record {start / record} is {bytes[start + k]}, but there are {classes[k]} classes");
                    }
                }
                labels[at] = bytes[start + classes.Length - 1];
                bytes.AsSpan(start + classes.Length, ImageBytes).CopyTo(images.AsSpan(at * ImageBytes));
            }
        }
        return (images, labels);
    }
}
