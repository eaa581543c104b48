using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs.Following;

namespace KlingProxy.Jobs.Reading;

/// <summary>The events of a job: as a stream that ends with the job, or as JSON of what has happened so far.</summary>
internal sealed class WatchJob(
    IJobStore store, PatientReads reads, JobSignals signals, JobFollower follower, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Proxies close what is silent for longer than about a minute; browsers notice a dead stream by its absence.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static async Task<IResult> Handle(string id, string? after, HttpRequest request, Caller caller, OwnJobs jobs, WatchJob watch, StreamPlaces streams, IJobStore store, CancellationToken cancel)
    {
        if (await jobs.Find(id, caller, cancel) is not { } job)
            return JobProblems.NotFound.Because();
        // A browser that reconnects says where it is, at an address that still says where it began.
        if (!TryReadPlace(request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : after ?? "", out var from))
            return UnreadableParameters.Refuse("after and Last-Event-ID must be the sequence number of an event.");

        if (!IsStream(request))
        {
            var events = await store.Events(id, from, cancel);
            return TypedResults.Ok(new JobEventList([.. events.Select(happened => JobViews.Of(job, happened))], null));
        }
        if (job.HasEnded && job.Version <= from)
            return TypedResults.NoContent(); // all was told: an EventSource that gets this comes no more
        if (streams.EnterByLink(request.HttpContext, job.CallerId, job.PayerId) is { } full)
            return full;
        EventStream.Describe(request.HttpContext.Response);
        return TypedResults.ServerSentEvents(watch.Events(job, from, cancel));
    }

    // JSON is for who asks for it and for no stream.
    public static bool IsStream(HttpRequest request) =>
        request.GetTypedHeaders().Accept is not { Count: > 0 } accept
        || !accept.Any(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        || accept.Any(type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));

    private async IAsyncEnumerable<SseItem<JobEventView>> Events(Job job, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var watch = signals.On(job.Id); // before the first read, or a change could slip between the two
        using var ending = lifetime.ApplicationStopping.Register(watch.Wake);
        using var follow = follower.Watch(job);

        var retry = EventStream.Retry; // said with the first word, too: a process that dies says no last one
        while (true)
        {
            var (sent, stopping) = (after, lifetime.ApplicationStopping.IsCancellationRequested);
            var (told, events) = await reads.Try(job.Id, () => store.Events(job.Id, after, cancel)!, cancel);
            foreach (var happened in events ?? [])
            {
                if (happened.Status.IsFinal)
                    job = (await reads.Try(job.Id, () => store.Find(job.Id, cancel), cancel)).Found ?? job;
                yield return Item(job, happened, "job", retry) with { EventId = happened.Sequence.ToString(CultureInfo.InvariantCulture) };
                (after, retry) = (happened.Sequence, null);
                if (happened.Status.IsFinal)
                    yield break;
            }
            var (seen, current) = await reads.Try(job.Id, () => store.Find(job.Id, cancel), cancel);
            if (seen && (current is null || (current.HasEnded && current.Version <= after)))
                yield break; // deleted, or everything was seen before
            job = current ?? job;
            if (sent == after || stopping)
            {
                var asItStands = new JobEvent(job.Version, job.Status, job.QueuePosition, time.GetUtcNow());
                yield return Item(job, asItStands, "heartbeat", stopping ? EventStream.Retry : retry);
            }
            if (stopping)
                yield break; // the client comes back to whoever listens then, and resumes
            retry = null;
            await watch.Next(told && seen ? Heartbeat : PatientReads.Pause, cancel);
        }
    }

    private static SseItem<JobEventView> Item(Job job, JobEvent happened, string name, TimeSpan? retry) =>
        new(JobViews.Of(job, happened), name) { ReconnectionInterval = retry };

    private static bool TryReadPlace(string text, out long place)
    {
        place = 0;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out place);
    }
}
