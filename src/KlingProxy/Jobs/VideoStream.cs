using System.Net.Http.Headers;

namespace KlingProxy.Jobs;

/// <summary>Passes a media reply on: its status, its length and range, its bytes, and no other header of the CDN's.</summary>
internal sealed class VideoStream(HttpResponseMessage upstream, string fileName) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var reply = upstream;
        var response = httpContext.Response;
        response.StatusCode = (int)reply.StatusCode;
        response.ContentType = "video/mp4";
        response.ContentLength = reply.Content.Headers.ContentLength;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ContentRange = reply.Content.Headers.ContentRange?.ToString();
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("inline") { FileName = fileName }.ToString();
        response.Headers.CacheControl = "private, max-age=3600";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox"; // whatever the CDN sends, no browser shall run it as ours
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;

        try
        {
            await using var bytes = await reply.Content.ReadAsStreamAsync(httpContext.RequestAborted);
            await bytes.CopyToAsync(response.Body, httpContext.RequestAborted);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            httpContext.Abort(); // the length is promised: only a broken connection says that it was not kept
        }
    }
}
