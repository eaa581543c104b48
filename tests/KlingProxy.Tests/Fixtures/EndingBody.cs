using System.Diagnostics;
using System.Net;

namespace KlingProxy.Tests.Fixtures;

/// <summary>A body that is read as it comes, and has to come to its end, heartbeats or not.</summary>
internal sealed class EndingBody : HttpContent
{
    private readonly HttpContent content;
    private readonly string call;
    private readonly Func<Task<string>>? situation;

    public EndingBody(HttpContent content, string call, Func<Task<string>>? situation)
    {
        (this.content, this.call, this.situation) = (content, call, situation);
        foreach (var (name, values) in content.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new Reading(await content.ReadAsStreamAsync(cancellationToken), call, situation);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var reading = await CreateContentReadStreamAsync(cancellationToken);
        await reading.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }

    private sealed class Reading(Stream inner, string call, Func<Task<string>>? situation) : Stream
    {
        private readonly Stopwatch since = Stopwatch.StartNew();
        private readonly CancellationTokenSource end = new(Patience.Max);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
            try
            {
                return await inner.ReadAsync(buffer, linked.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw await Patience.Out($"the body of {call} ended", situation, since.Elapsed);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A test awaits.");

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush()
        {
            // Nothing is written.
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                end.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
