using System.Buffers;
using System.Net.Http.Headers;

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

    /// <summary>In bytes.</summary>
    private const int Portion = 64 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var reply = upstream;
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            Head(httpContext.Response, reply);
            return;
        }

        var portion = ArrayPool<byte>.Shared.Rent(Portion);
        try
        {
            await using var bytes = await reply.Content.ReadAsStreamAsync(httpContext.RequestAborted);
            await Send(bytes, portion, httpContext, reply);
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
        finally
        {
            ArrayPool<byte>.Shared.Return(portion);
        }
    }

    private async Task Send(Stream bytes, byte[] portion, HttpContext httpContext, HttpResponseMessage reply)
    {
        var read = await Read(bytes, portion, httpContext.RequestAborted);
        Head(httpContext.Response, reply);
        while (read > 0)
        {
            await httpContext.Response.Body.WriteAsync(portion.AsMemory(0, read), httpContext.RequestAborted);
            read = await Read(bytes, portion, httpContext.RequestAborted);
        }
    }

    /// <exception cref="OperationCanceledException">The media host has fallen silent.</exception>
    private async Task<int> Read(Stream bytes, byte[] portion, CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource(MaxSilence, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancel);
        return await bytes.ReadAsync(portion.AsMemory(0, Portion), linked.Token);
    }

    private void Head(HttpResponse response, HttpResponseMessage reply)
    {
        response.StatusCode = (int)reply.StatusCode;
        response.ContentType = "video/mp4";
        response.ContentLength = reply.Content.Headers.ContentLength;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ContentRange = reply.Content.Headers.ContentRange?.ToString();
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("inline") { FileName = $"{jobId}.mp4" }.ToString();
        response.Headers.CacheControl = "private, max-age=3600";
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
