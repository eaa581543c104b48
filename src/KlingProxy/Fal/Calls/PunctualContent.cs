using System.Net;
using System.Net.Http.Headers;

namespace KlingProxy.Fal.Calls;

/// <summary>
/// The body of a submit that may not leave too late. It is asked for when there is a connection, which may have taken any time, and before a byte of the
/// request was
/// written to it: what is late then never left.
/// </summary>
internal sealed class PunctualContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> json;
    private readonly DateTimeOffset leaveBy;
    private readonly TimeProvider time;

    public PunctualContent(ReadOnlyMemory<byte> json, DateTimeOffset leaveBy, TimeProvider time)
    {
        (this.json, this.leaveBy, this.time) = (json, leaveBy, time);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <exception cref="LateRequestException">It is too late.</exception>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        if (time.GetUtcNow() >= leaveBy)
            throw new LateRequestException();
        await stream.WriteAsync(json);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = json.Length;
        return true;
    }
}

/// <summary>A request was not sent, since it would have been too late.</summary>
internal sealed class LateRequestException : Exception;
