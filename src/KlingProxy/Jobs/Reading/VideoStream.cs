using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

namespace KlingProxy.Jobs.Reading;

/// <summary>
/// Passes a media reply on: its status, its length and range, its bytes, and no other header of the CDN's. A host that falls silent before its first
/// byte is a refusal; afterwards the length is promised, and only a broken connection says that it was not kept. A slow player is no silence.
/// </summary>
internal sealed partial class VideoStream(HttpResponseMessage upstream, JobId jobId, TimeProvider time, ILogger logger) : IResult
{
    /// <summary>A CDN that sends nothing for so long sends nothing more.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(30);

    /// <summary>What a cache may do with a film: it never changes, and is nobody's but its caller's.</summary>
    public const string Caching = "private, max-age=3600";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var reply = upstream;
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            Head(httpContext.Response, reply);
            return;
        }

        try
        {
            await Send(httpContext, reply);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            if (!httpContext.RequestAborted.IsCancellationRequested)
                LogBrokenOff(logger, jobId, error.GetType().Name);
            if (httpContext.Response.HasStarted || httpContext.RequestAborted.IsCancellationRequested)
                httpContext.Abort();
            else
                await Refuse(httpContext);
        }
    }

    // The first piece waits for the head, which promises it; all others are read into the place from which they are sent, and copied nowhere.
    private async Task Send(HttpContext httpContext, HttpResponseMessage reply)
    {
        var (response, aborted) = (httpContext.Response, httpContext.RequestAborted);
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, aborted);
        await using var bytes = await reply.Content.ReadAsStreamAsync(linked.Token);
        PieceSize.SendLarge();

        int read;
        using (var first = new Piece())
        {
            read = await Read(first.Memory);
            Head(response, reply);
            await response.Body.WriteAsync(first.Memory[..read], aborted);
        }
        while (read > 0)
        {
            read = await Read(response.BodyWriter.GetMemory(Piece.Size / 2)); // or it would be what the last one left of its piece
            response.BodyWriter.Advance(read);
            await response.BodyWriter.FlushAsync(aborted);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // thousands of reads a film, and no garbage of ours
        async ValueTask<int> Read(Memory<byte> into)
        {
            silence.CancelAfter(MaxSilence);
            var read = await bytes.ReadAsync(into, linked.Token);
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
            return read;
        }
    }

    private void Head(HttpResponse response, HttpResponseMessage reply)
    {
        response.StatusCode = (int)reply.StatusCode;
        response.ContentType = "video/mp4";
        response.ContentLength = reply.Content.Headers.ContentLength;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ContentRange = reply.Content.Headers.ContentRange?.ToString();
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("inline") { FileName = $"{jobId}.mp4" }.ToString();
        response.Headers.CacheControl = Caching;
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox"; // whatever the CDN sends, no browser shall run it as ours
    }

    private static Task Refuse(HttpContext httpContext)
    {
        httpContext.Response.Headers.ETag = default;
        return JobProblems.UpstreamUnavailable.Because("fal's media host fell silent before it sent a byte of the video. Try again.").Answer()
            .ExecuteAsync(httpContext);
    }

    [LoggerMessage(1071, LogLevel.Warning, "fal's media host broke off the video of job {JobId}, or fell silent: {Failure}")]
    private static partial void LogBrokenOff(ILogger logger, string jobId, string failure);
}
