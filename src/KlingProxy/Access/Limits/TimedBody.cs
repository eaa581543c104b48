using System.Globalization;

using KlingProxy.Http.Bodies;

namespace KlingProxy.Access.Limits;

/// <summary>A request's body that has to be there within a time, however well it keeps its pace.</summary>
internal sealed class TimedBody(Stream body, TimeSpan max, TimeProvider time) : Stream
{
    private readonly Stream body = body;
    private readonly long began = time.GetTimestamp();

    /// <summary>One for all reads: a body of ten megabytes has thousands.</summary>
    private CancellationTokenSource? over, linked;
    private CancellationToken linkedTo;

    /// <summary>The time begins anew, and no other counts, where the body had one.</summary>
    public static TimedBody Over(Stream body, TimeSpan max, TimeProvider time) => new(body is TimedBody timed ? timed.body : body, max, time);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="LateBodyException">Its time is over: 408.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var left = max - time.GetElapsedTime(began);
        if (left <= TimeSpan.Zero)
            throw TooSlow(null);
        over ??= new CancellationTokenSource(left, time);
        try
        {
            return await body.ReadAsync(buffer, OrOver(cancellationToken));
        }
        catch (OperationCanceledException late) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TooSlow(late);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read a body asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            linked?.Dispose();
            over?.Dispose();
        }
        base.Dispose(disposing);
    }

    // Whoever reads a body says the same with each of its pieces.
    private CancellationToken OrOver(CancellationToken cancel)
    {
        if (linked is null || cancel != linkedTo)
        {
            linked?.Dispose();
            linked = CancellationTokenSource.CreateLinkedTokenSource(over!.Token, cancel);
            linkedTo = cancel;
        }
        return linked.Token;
    }

    private LateBodyException TooSlow(Exception? late)
    {
        var (number, unit) = max.TotalMinutes < 1 ? (max.TotalSeconds, "seconds") : (max.TotalMinutes, "minutes");
        return new(string.Create(CultureInfo.InvariantCulture, $"The body was not there after {number:0} {unit}."), late);
    }
}
