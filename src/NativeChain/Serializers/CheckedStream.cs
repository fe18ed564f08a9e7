namespace NativeChain;

/// <summary>Reads what must have a known length and CRC-32, and says so at the end if it has not.</summary>
internal sealed class CheckedStream(Stream inner, long length, uint crc32) : Stream
{
    private Crc32 _crc;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int n = inner.Read(buffer);
        _crc.Append(buffer[..n]);
        _position += n;
        if (_position > length)
        {
            throw new InvalidDataException($"holds more than the {length} bytes that it claims");
        }
        return n;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Fails unless all has been read, and is what was written.</summary>
    public void Finish()
    {
        Span<byte> one = stackalloc byte[1];
        if (Read(one) > 0)
        {
            throw new InvalidDataException("holds more than its array");
        }
        if (_position != length)
        {
            throw new InvalidDataException($"ends after {_position} of {length} bytes");
        }
        if (_crc.Value != crc32)
        {
            throw new InvalidDataException("is damaged: its checksum is wrong");
        }
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
