using System.Net;
using System.Security.Cryptography;
using System.Text;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Fal.Media;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

using RangeHeaderValue = System.Net.Http.Headers.RangeHeaderValue;

namespace KlingProxy.Jobs.Reading;

/// <summary>Streams the video of a completed job: only from the URL in our stored result, only from listed media hosts, without the key.</summary>
internal static partial class GetVideo
{
    public static async Task<IResult> Handle(
        JobId id, HttpRequest request, Caller caller, OwnJobs jobs, JobResponses responses, FalMedia media, VideoPlaces places, TimeProvider time,
        ILogger<Job> logger, CancellationToken cancel)
    {
        if (await jobs.Find(id, caller, cancel) is not { } known || await jobs.AsItStands(known, cancel) is not { } job)
            return JobProblems.NotFound.Because().Answer();
        if (job.Video is not { } video)
            return (job.HasEnded ? JobProblems.NoVideo.Because() : responses.StillRunning()).Answer();
        if (!media.MayRead(video.Url, out var url))
        {
            LogForeignHost(logger, id);
            return JobProblems.MediaExpired.Because("The video lies on a host that this service does not read from.").Answer();
        }

        var tag = TagOf(video);
        request.HttpContext.Response.Headers.ETag = tag.ToString();
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any)))
        {
            request.HttpContext.Response.Headers.CacheControl = VideoStream.Caching; // RFC 9110 §15.4.5: what the film itself would say
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        if (!HttpMethods.IsHead(request.Method) && places.Enter(request.HttpContext, job.PayerId) is { } full)
        {
            request.HttpContext.Response.Headers.ETag = default;
            return full.Answer();
        }
        var reply = await Open(media, request, url, tag, cancel);
        if (reply is { IsSuccessStatusCode: true })
            return new VideoStream(reply, id, time, logger);
        request.HttpContext.Response.Headers.ETag = default;

        using (reply)
            return Refusal(reply, request.HttpContext.Response.Headers);
    }

    private static ProblemHttpResult Refusal(HttpResponseMessage? reply, IHeaderDictionary headers)
    {
        switch (reply?.StatusCode)
        {
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                headers.ContentRange = reply.Content.Headers.ContentRange?.ToString();
                return JobProblems.RangeNotSatisfiable.Because().Answer();
            case HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden:
                return JobProblems.MediaExpired.Because().Answer();
            default:
                return JobProblems.UpstreamUnavailable.Because("The video could not be read from fal's media host. Try again.").Answer();
        }
    }

    // A finished film never changes; another film has another address.
    private static EntityTagHeaderValue TagOf(FalVideo video) =>
        new($"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(video.Url)).AsSpan(0, 16))}\"");

    private static async Task<HttpResponseMessage?> Open(FalMedia media, HttpRequest request, Uri url, EntityTagHeaderValue tag, CancellationToken cancel)
    {
        try
        {
            return await media.Open(HttpMethods.IsHead(request.Method) ? HttpMethod.Head : HttpMethod.Get, url,
                IsOfThisFilm(request, tag) ? Range(request) : null, cancel);
        }
        // the latter is a connect timeout
        catch (Exception error) when (!cancel.IsCancellationRequested && error is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    // RFC 9110 §13.1.5: whoever holds a part of another film gets the whole of this one.
    private static bool IsOfThisFilm(HttpRequest request, EntityTagHeaderValue tag) =>
        request.Headers.IfRange.Count == 0 || (request.GetTypedHeaders().IfRange?.EntityTag is { } held && held.Compare(tag, useStrongComparison: true));

    // One range is what players ask for; anything else may be ignored (RFC 9110 §14.2).
    private static RangeHeaderValue? Range(HttpRequest request) =>
        RangeHeaderValue.TryParse(request.Headers.Range, out var range) && range is { Unit: "bytes", Ranges.Count: 1 } ? range : null;

    [LoggerMessage(1070, LogLevel.Error, "The video of job {JobId} lies on a host that Fal__MediaHosts does not list")]
    private static partial void LogForeignHost(ILogger logger, string jobId);
}
