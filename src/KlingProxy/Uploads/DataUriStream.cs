namespace KlingProxy.Uploads;

/// <summary>The bytes of a base64 data URI, decoded as they are asked for: there is no second copy of the whole.</summary>
internal sealed class DataUriStream : Stream
{
    private readonly byte[] group = new byte[3];
    private ReadOnlyMemory<char> base64;
    private ReadOnlyMemory<byte> left;

    public DataUriStream(string dataUri)
    {
        base64 = dataUri.AsMemory(dataUri.IndexOf(',', StringComparison.Ordinal) + 1);
        var padding = base64.Span.EndsWith("==") ? 2 : base64.Span.EndsWith("=") ? 1 : 0;
        DecodedLength = Math.Max(0, (base64.Length / 4L * 3) - padding);
    }

    /// <summary>In bytes.</summary>
    public long DecodedLength { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">It is not padded base64 without white space.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (left.IsEmpty && buffer.Length >= group.Length)
            return Decode(buffer);

        // A buffer that is smaller than one group of base64 gets the group in parts.
        if (left.IsEmpty)
            left = group.AsMemory(0, Decode(group));
        var count = Math.Min(left.Length, buffer.Length);
        left.Span[..count].CopyTo(buffer);
        left = left[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Decode(Span<byte> buffer)
    {
        var characters = Math.Min(base64.Length, buffer.Length / 3 * 4);
        if (!Convert.TryFromBase64Chars(base64.Span[..characters], buffer, out var bytes))
            throw new InvalidDataException("Not base64.");
        base64 = base64[characters..];
        return bytes;
    }
}
