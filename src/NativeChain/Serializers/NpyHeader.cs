using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace NativeChain;

/// <summary>Header of a .npy entry: dtype, order and shape of the elements that follow.</summary>
/// <param name="Descr">NumPy's name of the dtype, such as `&lt;f4`.</param>
/// <param name="FortranOrder">Whether the first axis is the contiguous one.</param>
/// <param name="Extents">Extents of the axes.</param>
internal sealed record NpyHeader(string Descr, bool FortranOrder, long[] Extents)
{
    private const int MaxLength = 1 << 16;
    private const int Alignment = 64;

    private static readonly byte[] s_magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Number of elements; fails where it does not fit into 63 bits.</summary>
    public long Size
    {
        get
        {
            Int128 size = 1;
            foreach (long extent in Extents)
            {
                size *= extent;
                if (size > long.MaxValue)
                {
                    throw new InvalidDataException($"shape {Describe()} is too large");
                }
            }
            return (long)size;
        }
    }

    /// <summary>Whether the elements are text: `&lt;U` and the number of UTF-32 code units of each.</summary>
    public bool IsText => Descr.Length > 2 && Descr[1] == 'U' && Descr[0] is '<' or '|' or '=';

    /// <summary>Bytes of an element.</summary>
    public long ItemSize => IsText
        ? 4 * long.Parse(Descr.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture)
        : ToDType().ItemSize();

    /// <summary>NumPy's name of a dtype; bfloat16, which it lacks, is two opaque bytes.</summary>
    public static string ToDescr(DType dtype) => dtype switch
    {
        DType.Bool => "|b1",
        DType.UInt8 => "|u1",
        DType.Int32 => "<i4",
        DType.Int64 => "<i8",
        DType.Float16 => "<f2",
        DType.BFloat16 => "|V2",
        DType.Float32 => "<f4",
        _ => "<f8",
    };

    public static NpyHeader Read(Stream stream)
    {
        Span<byte> start = stackalloc byte[12];
        ReadExactly(stream, start[..8]);
        if (!start[..6].SequenceEqual(s_magic))
        {
            throw new InvalidDataException("is no .npy: it does not begin with \\x93NUMPY");
        }
        int major = start[6];
        if (major is not (1 or 2 or 3))
        {
            throw new InvalidDataException($"is a .npy of version {major}.{start[7]}, which is not known");
        }
        int lengthBytes = major == 1 ? 2 : 4;
        ReadExactly(stream, start[8..(8 + lengthBytes)]);
        uint length = major == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > MaxLength)
        {
            throw new InvalidDataException($"claims a header of {length} bytes");
        }
        byte[] text = new byte[length];
        ReadExactly(stream, text);
        return new NpyHeaderParser(Encoding.Latin1.GetString(text)).Parse();
    }

    /// <summary>Magic, version, length and text, padded so that the elements are aligned.</summary>
    public byte[] ToBytes()
    {
        string shape = Extents.Length == 1
            ? string.Create(CultureInfo.InvariantCulture, $"({Extents[0]},)")
            : "(" + string.Join(", ", Extents) + ")";
        string text = $"{{'descr': '{Descr}', 'fortran_order': {(FortranOrder ? "True" : "False")}, 'shape': {shape}, }}";
        int length = (10 + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        byte[] bytes = new byte[length];
        s_magic.CopyTo(bytes, 0);
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)(length - 10));
        bytes.AsSpan(10).Fill((byte)' ');
        Encoding.Latin1.GetBytes(text, bytes.AsSpan(10));
        bytes[^1] = (byte)'\n';
        return bytes;
    }

    public DType ToDType() => Descr switch
    {
        "|b1" or "<b1" or "?" or "|?" => DType.Bool,
        "|u1" or "<u1" => DType.UInt8,
        "<i4" => DType.Int32,
        "<i8" => DType.Int64,
        "<f2" => DType.Float16,
        "|V2" or "<V2" => DType.BFloat16,
        "<f4" => DType.Float32,
        "<f8" => DType.Float64,
        _ => throw new InvalidDataException($"has dtype '{Descr}', which is not supported"),
    };

    public Shape ToShape()
    {
        if (Extents.Length > Shape.MaxNDim)
        {
            throw new InvalidDataException($"has {Extents.Length} axes; at most {Shape.MaxNDim} are supported");
        }
        if (Array.Exists(Extents, extent => extent > int.MaxValue))
        {
            throw new InvalidDataException($"has shape {Describe()}; an axis of more than {int.MaxValue} is not supported");
        }
        return new Shape(Array.ConvertAll(Extents, extent => (int)extent));
    }

    public string Describe() => "(" + string.Join(", ", Extents) + ")";

    public static void ReadExactly(Stream stream, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InvalidDataException("ends before its header does");
        }
    }

    /// <summary>Reads the literal of a Python dict with the keys descr, fortran_order and shape, and nothing else.</summary>
    private sealed class NpyHeaderParser(string text)
    {
        private int _at;

        public NpyHeader Parse()
        {
            string? descr = null;
            bool? fortranOrder = null;
            long[]? shape = null;
            Expect('{');
            while (!TryTake('}'))
            {
                string key = TakeString();
                Expect(':');
                switch (key)
                {
                    case "descr" when descr is null:
                        descr = TakeString();
                        break;
                    case "fortran_order" when fortranOrder is null:
                        fortranOrder = TakeBool();
                        break;
                    case "shape" when shape is null:
                        shape = TakeTuple();
                        break;
                    default:
                        throw Malformed();
                }
                if (!TryTake(','))
                {
                    Expect('}');
                    break;
                }
            }
            SkipSpace();
            return _at == text.Length && descr is not null && fortranOrder is { } order && shape is not null
                ? new NpyHeader(descr, order, shape)
                : throw Malformed();
        }

        private long[] TakeTuple()
        {
            List<long> extents = [];
            Expect('(');
            while (!TryTake(')'))
            {
                SkipSpace();
                int start = _at;
                while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                {
                    _at++;
                }
                if (!long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out long extent))
                {
                    throw Malformed();
                }
                extents.Add(extent);
                if (!TryTake(','))
                {
                    Expect(')');
                    break;
                }
            }
            return [.. extents];
        }

        private bool TakeBool()
        {
            SkipSpace();
            foreach ((string literal, bool value) in new[] { ("True", true), ("False", false) })
            {
                if (text.AsSpan(_at).StartsWith(literal))
                {
                    _at += literal.Length;
                    return value;
                }
            }
            throw Malformed();
        }

        private string TakeString()
        {
            SkipSpace();
            if (_at >= text.Length || text[_at] is not ('\'' or '"'))
            {
                throw Malformed();
            }
            int end = text.IndexOf(text[_at], _at + 1);
            if (end < 0)
            {
                throw Malformed();
            }
            string taken = text[(_at + 1)..end];
            _at = end + 1;
            return taken;
        }

        private void Expect(char c)
        {
            if (!TryTake(c))
            {
                throw Malformed();
            }
        }

        private bool TryTake(char c)
        {
            SkipSpace();
            if (_at < text.Length && text[_at] == c)
            {
                _at++;
                return true;
            }
            return false;
        }

        private void SkipSpace()
        {
            while (_at < text.Length && text[_at] is ' ' or '\n' or '\t')
            {
                _at++;
            }
        }

        private InvalidDataException Malformed() => new(
            $"has a malformed .npy header: {(text.Length > 80 ? text[..80] + "..." : text).TrimEnd()}");
    }
}
