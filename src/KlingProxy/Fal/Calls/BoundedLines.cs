namespace KlingProxy.Fal.Calls;

/// <summary>Lines of a stream that may not end: neither one of them nor all together take more memory, or more patience, than is allowed.</summary>
internal sealed class BoundedLines(Stream stream)
{
    /// <summary>In bytes. A status is some hundred, its new logs a few kilobytes.</summary>
    public const int MaxLine = 256 * 1024;

    /// <summary>In bytes. A day of heartbeats, and every log line that is kept a hundred times.</summary>
    public const long MaxWhole = 16 * 1024 * 1024;

    private byte[] buffer = new byte[2048];
    private int start, end;
    private long whole;

    /// <returns>The next line, until the one after it is asked for; <c>null</c> at the end, or beyond what is allowed.</returns>
    public async Task<ReadOnlyMemory<byte>?> Next(CancellationToken cancel)
    {
        for (var looked = 0; ;)
        {
            if (buffer.AsSpan(start + looked, end - start - looked).IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var at)
            {
                var line = buffer.AsMemory(start, looked + at);
                start += looked + at + 1; // of CR LF the second ends an empty line, which says nothing
                return line;
            }
            looked = end - start;
            if (looked > MaxLine || whole > MaxWhole)
                return null;
            MakeRoom();
            var read = await stream.ReadAsync(buffer.AsMemory(end), cancel);
            if (read == 0)
                return null; // what has no end was cut off
            (end, whole) = (end + read, whole + read);
        }
    }

    private void MakeRoom()
    {
        var target = end - start > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        (buffer, start, end) = (target, 0, end - start);
    }
}
