using System.Globalization;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Jobs.Reading;

/// <summary><c>GET /v1/jobs/{id}/events</c>: as a stream that ends with the job, or as JSON of what has happened so far.</summary>
internal static class GetEvents
{
    public static async Task<IResult> Handle(
        JobId id, string? after, HttpRequest request, Caller caller, OwnJobs jobs, WatchJob watch, StreamPlaces streams, IJobStore store,
        CancellationToken cancel)
    {
        if (await jobs.Find(id, caller, cancel) is not { } job)
            return JobProblems.NotFound.Because().Answer();
        // A browser that reconnects says where it is, at an address that still says where it began.
        if (!TryReadPlace(request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : after ?? "", out var from))
            return UnreadableParameters.Refuse("after and Last-Event-ID must be the sequence number of an event.").Answer();

        if (!IsStream(request))
        {
            var events = await store.Events(id, from, cancel);
            return TypedResults.Ok(ListOf(await store.FindNow(id, cancel) ?? job, events)); // no older than its events: the last one tells how it ended
        }
        if (job.HasEnded && job.Version <= from)
            return TypedResults.NoContent(); // all was told: an EventSource that gets this comes no more
        if (streams.EnterByLink(request.HttpContext, job.CallerId) is { } full)
            return full.Answer();
        var response = request.HttpContext.Response;
        EventStream.Describe(response);
        request.HttpContext.GoOnWith(() => watch.Events(job, from, response.BodyWriter, cancel));
        return TypedResults.Empty;
    }

    private static JobEventList ListOf(Job job, IReadOnlyList<JobEvent> events) => new([.. events.Select(happened => JobViews.Of(job, happened))], null);

    // JSON is for who asks for it and for no stream.
    public static bool IsStream(HttpRequest request) =>
        request.GetTypedHeaders().Accept is not { Count: > 0 } accept
        || !accept.Any(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        || accept.Any(type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));

    private static bool TryReadPlace(string text, out long place)
    {
        place = 0;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out place);
    }
}
