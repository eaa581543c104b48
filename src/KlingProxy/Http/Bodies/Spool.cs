using Microsoft.Win32.SafeHandles;

namespace KlingProxy.Http.Bodies;

/// <summary>
/// Bytes that cannot be passed on as they come, kept on disk meanwhile: beside the database, since the <c>/tmp</c> of a container is memory. A file has
/// no name from the moment it is open, so it is gone with whoever holds it, also when the process is killed.
/// </summary>
/// <param name="folder">Created, for its owner only; one that is there stays as it is.</param>
/// <param name="max">In bytes, of all files together.</param>
internal sealed class Spool(string folder, long max = Spool.Max)
{
    public const long Max = 2L * 1024 * 1024 * 1024;

    private long taken;

    /// <summary>In bytes; what lies here now.</summary>
    public long Taken => Interlocked.Read(ref taken);

    /// <summary>At start, since the first image of a stranger is a bad moment to find out.</summary>
    /// <exception cref="InvalidOperationException">The folder cannot be used.</exception>
    public void Open()
    {
        try
        {
            using var probe = NewFile();
        }
        catch (SpoolTrouble trouble)
        {
            throw new InvalidOperationException(
                $"Storage__Spool: {Path.GetFullPath(folder)} cannot be written. Bodies that have to wait are kept there for a moment.", trouble);
        }
    }

    /// <exception cref="SpoolTrouble">The folder cannot be used.</exception>
    public SpooledFile NewFile()
    {
        try
        {
            MakeFolder(); // again and again: whoever tidies up may have removed it
            var file = Path.Combine(folder, Path.GetRandomFileName());
            var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
            File.Delete(file);
            return new SpooledFile(this, handle);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SpoolTrouble(error);
        }
    }

    // One that is there keeps its mode: it may be shared for a reason, as /tmp is. What we write has no name there, and nobody else can open it.
    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <exception cref="SpoolTrouble">There is no room for so much more.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref taken, bytes) <= max)
            return;
        GiveBack(bytes);
        throw new SpoolTrouble();
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref taken, -bytes);
}

/// <summary>Written once, from its beginning to its end; then read as often as somebody likes.</summary>
internal sealed class SpooledFile(Spool spool, SafeFileHandle handle) : IDisposable
{
    /// <summary>In bytes, so far.</summary>
    public long Length { get; private set; }

    /// <exception cref="SpoolTrouble">The disk, or what may be taken of it, is full.</exception>
    public async ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        spool.Take(bytes.Length);
        Length += bytes.Length;
        try
        {
            await RandomAccess.WriteAsync(handle, bytes, Length - bytes.Length, cancel);
        }
        catch (IOException error)
        {
            throw new SpoolTrouble(error);
        }
    }

    /// <summary>From its beginning. It may be read as long as the file is not disposed.</summary>
    public Stream Read() => new Reader(handle);

    public void Dispose()
    {
        if (handle.IsClosed)
            return;
        handle.Dispose();
        spool.GiveBack(Length);
    }

    private sealed class Reader(SafeFileHandle file) : Stream
    {
        private long position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(file, buffer, position);
            position += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await RandomAccess.ReadAsync(file, buffer, position, cancellationToken);
            position += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
