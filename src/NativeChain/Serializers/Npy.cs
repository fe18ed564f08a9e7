using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace NativeChain;

/// <summary>One .npy entry: an array, a text or None. Elements are little-endian, as on every machine this runs on.</summary>
internal static unsafe class Npy
{
    private const int ChunkBytes = 1 << 20;

    // What NumPy pickles for an object array of shape () that holds None. Nothing else is unpickled, and neither is this.
    private static readonly byte[] s_none = System.Convert.FromHexString(
        "8003636E756D70792E636F72652E6D756C746961727261790A5F7265636F6E7374727563740A7100636E756D70790A6E6461727261790A71014B008571024301"
        + "627103877104527105284B0129636E756D70790A64747970650A710658020000004F3871078988877108527109284B0358010000007C710A4E4E4E4AFFFFFFFF"
        + "4AFFFFFFFF4B3F74710B62895D710C4E6174710D622E");

    /// <summary>What reading damaged data fails with.</summary>
    public static bool IsDamage(Exception e) =>
        e is InvalidDataException or EndOfStreamException or IOException or OverflowException or FormatException or NotSupportedException;

    /// <summary>Reads an entry from a stream of a known length; no memory is taken for what is not there.</summary>
    /// <param name="stream">At the entry's first byte.</param>
    /// <param name="length">Length of the whole stream.</param>
    /// <param name="alone">Whether nothing may follow the entry.</param>
    public static object? Read(Stream stream, long length, bool alone = true)
    {
        NpyHeader header = NpyHeader.Read(stream);
        long left = length - stream.Position;
        if (header.Descr is "|O" or "O")
        {
            return ReadNone(stream, left);
        }
        Int128 expected = (Int128)header.Size * header.ItemSize;
        if (alone ? expected != left : expected > left)
        {
            throw new InvalidDataException(
                $"has shape {header.Describe()} of '{header.Descr}', {expected} bytes, but {left} bytes follow");
        }
        return header.IsText ? ReadText(stream, header, (long)expected) : ReadArray(stream, header);
    }

    public static void Write(Stream stream, object? value)
    {
        switch (value)
        {
            case null:
                stream.Write(new NpyHeader("|O", false, []).ToBytes());
                stream.Write(s_none);
                break;
            case string text:
                WriteText(stream, text);
                break;
            case NDArray array:
                WriteArray(stream, array);
                break;
            default:
                throw new ArgumentException($"a {value.GetType().Name} cannot be saved", nameof(value));
        }
    }

    /// <summary>The array in C order on the CPU: itself, where it lies so.</summary>
    public static NDArray ToHost(NDArray array)
    {
        if (array.Device.IsCpu && array.IsContiguous)
        {
            return array;
        }
        NDArray host = NDArray.Empty(array.Shape, array.DType, Device.Cpu);
        Kernels.Copy(array, host);
        return host;
    }

    /// <summary>
    /// Whether deflate makes a value smaller by a tenth or more, as four samples of it tell where it is large. Weights are noise, which
    /// takes longer to deflate than to write and is no smaller for it.
    /// </summary>
    /// <param name="value">What <see cref="Write"/> takes; an array in C order on the CPU.</param>
    public static bool GainsByDeflate(object? value)
    {
        const int Samples = 4, SampleBytes = 1 << 14;
        if (value is not NDArray { NBytes: > Samples * SampleBytes } array)
        {
            return true;
        }
        byte* elements = Elements(array);
        using MemoryStream deflated = new(Samples * SampleBytes * 2);
        using (DeflateStream stream = new(deflated, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int i = 0; i < Samples; i++)
            {
                stream.Write(new ReadOnlySpan<byte>(elements + ((array.NBytes - SampleBytes) / (Samples - 1) * i), SampleBytes));
            }
        }
        GC.KeepAlive(array);
        return deflated.Length < Samples * SampleBytes * 9 / 10;
    }

    private static object? ReadNone(Stream stream, long length)
    {
        byte[] bytes = new byte[s_none.Length];
        if (length != bytes.Length || stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) != bytes.Length
            || !bytes.AsSpan().SequenceEqual(s_none))
        {
            throw new InvalidDataException("holds a pickled object; only None is read");
        }
        return null;
    }

    private static string ReadText(Stream stream, NpyHeader header, long length)
    {
        if (header.Extents.Length != 0)
        {
            throw new InvalidDataException("is an array of texts; only a single one is read");
        }
        if (length > Array.MaxLength)
        {
            throw new InvalidDataException($"is a text of {length} bytes, which is too long");
        }
        byte[] bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) != bytes.Length)
        {
            throw new InvalidDataException("ends before its text does");
        }
        return Encoding.UTF32.GetString(bytes).TrimEnd('\0');
    }

    private static void WriteText(Stream stream, string text)
    {
        byte[] bytes = text.Length == 0 ? new byte[4] : Encoding.UTF32.GetBytes(text);
        stream.Write(new NpyHeader(string.Create(CultureInfo.InvariantCulture, $"<U{bytes.Length / 4}"), false, []).ToBytes());
        stream.Write(bytes);
    }

    private static NDArray ReadArray(Stream stream, NpyHeader header)
    {
        Shape shape = header.ToShape();
        DType dtype = header.ToDType();
        bool reversed = header.FortranOrder && shape.NDim > 1;
        int[] extents = shape.ToArray();
        if (reversed)
        {
            Array.Reverse(extents);
        }
        NDArray array = NDArray.Empty(new Shape(extents), dtype, Device.Cpu);
        byte* elements = (byte*)array.Storage.Pointer;
        long nbytes = array.NBytes;
        for (long at = 0; at < nbytes; at += ChunkBytes)
        {
            Span<byte> chunk = new(elements + at, (int)Math.Min(ChunkBytes, nbytes - at));
            if (stream.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) != chunk.Length)
            {
                throw new InvalidDataException("ends before its array does");
            }
            if (dtype == DType.Bool && chunk.IndexOfAnyExceptInRange((byte)0, (byte)1) >= 0)
            {
                throw new InvalidDataException("is of bool, but holds bytes that are neither 0 nor 1");
            }
        }
        GC.KeepAlive(array);
        return reversed ? array.T.Copy() : array;
    }

    private static void WriteArray(Stream stream, NDArray array)
    {
        stream.Write(new NpyHeader(NpyHeader.ToDescr(array.DType), false, Array.ConvertAll(array.Shape.ToArray(), extent => (long)extent)).ToBytes());
        NDArray host = ToHost(array);
        byte* elements = Elements(host);
        for (long at = 0; at < host.NBytes; at += ChunkBytes)
        {
            stream.Write(new ReadOnlySpan<byte>(elements + at, (int)Math.Min(ChunkBytes, host.NBytes - at)));
        }
        GC.KeepAlive(host);
    }

    private static byte* Elements(NDArray host) => (byte*)host.Storage.Pointer + (host.Offset * host.DType.ItemSize());
}
