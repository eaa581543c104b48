using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

using KlingProxy.Jobs.Following;

namespace KlingProxy.Jobs.Reading;

/// <summary>The events of a job, as they come: ends with the job, or with this process, after which its reader comes back to whoever listens then.</summary>
internal sealed class WatchJob(
    IJobStore store, PatientReads reads, JobSignals signals, JobFollower follower, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Proxies close what is silent for longer than about a minute; browsers notice a dead stream by its absence.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <param name="after">The sequence number of the last event that its reader has.</param>
    public async IAsyncEnumerable<SseItem<JobEventView>> Events(Job job, long after, [EnumeratorCancellation] CancellationToken cancel)
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
}
