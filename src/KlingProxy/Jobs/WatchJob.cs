using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

using KlingProxy.Access;
using KlingProxy.Problems;

namespace KlingProxy.Jobs;

/// <summary>The events of a job: as a stream that ends with the job, or as JSON of what has happened so far.</summary>
internal sealed class WatchJob(IJobStore store, JobSignals signals, JobFollower follower, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Proxies close what is silent for longer than about a minute; browsers notice a dead stream by its absence.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static async Task<IResult> Handle(string id, string? after, HttpRequest request, Caller caller, WatchJob watch, IJobStore store, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is not { } job || !caller.MayRead(job.CallerId, job.PayerId))
            return JobsModule.NotFound.Because();
        if (!TryReadPlace(after ?? request.Headers["Last-Event-ID"].ToString(), out var from))
            return JsonBody.Malformed.Because("after and Last-Event-ID must be the sequence number of an event.");

        if (!IsStream(request))
        {
            var events = await store.Events(id, from, cancel);
            return TypedResults.Ok(new JobEventList([.. events.Select(happened => JobViews.Of(job, happened))], null));
        }
        request.HttpContext.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
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
        using var stopping = lifetime.ApplicationStopping.Register(watch.Wake);
        using var follow = follower.Watch(job);

        while (true)
        {
            var sent = after;
            foreach (var happened in await store.Events(job.Id, after, cancel))
            {
                if (happened.Status.IsFinal)
                    job = await store.Find(job.Id, cancel) ?? job;
                yield return new SseItem<JobEventView>(JobViews.Of(job, happened), "job") { EventId = happened.Sequence.ToString(CultureInfo.InvariantCulture) };
                after = happened.Sequence;
                if (happened.Status.IsFinal)
                    yield break;
            }
            if (await store.Find(job.Id, cancel) is not { } now || (now.HasEnded && now.Version <= after))
                yield break; // deleted, or everything was seen before
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                yield break; // the client comes back to whoever listens then, and resumes
            if (sent == after)
                yield return new SseItem<JobEventView>(JobViews.Of(now, new JobEvent(now.Version, now.Status, now.QueuePosition, time.GetUtcNow())), "heartbeat");
            await watch.Next(Heartbeat, cancel);
        }
    }

    private static bool TryReadPlace(string text, out long place)
    {
        place = 0;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out place);
    }
}
