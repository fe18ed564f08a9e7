using System.Buffers.Binary;

namespace NativeChain;

/// <summary>The CRC-32 of zip and gzip, eight bytes a step.</summary>
internal struct Crc32
{
    private static readonly uint[][] s_tables = BuildTables();

    /// <summary>The checksum of what was appended so far.</summary>
    public uint Value { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~Value;
        while (bytes.Length >= 8)
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            crc = s_tables[7][crc & 0xFF] ^ s_tables[6][(crc >> 8) & 0xFF] ^ s_tables[5][(crc >> 16) & 0xFF] ^ s_tables[4][crc >> 24]
                ^ s_tables[3][bytes[4]] ^ s_tables[2][bytes[5]] ^ s_tables[1][bytes[6]] ^ s_tables[0][bytes[7]];
            bytes = bytes[8..];
        }
        foreach (byte b in bytes)
        {
            crc = (crc >> 8) ^ s_tables[0][(crc ^ b) & 0xFF];
        }
        Value = ~crc;
    }

    private static uint[][] BuildTables()
    {
        uint[][] tables = new uint[8][];
        for (int t = 0; t < 8; t++)
        {
            tables[t] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint c = t == 0 ? i : tables[t - 1][i];
                for (int bit = 0; bit < 8; bit++)
                {
                    c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
                }
                tables[t][i] = c;
            }
        }
        return tables;
    }
}
