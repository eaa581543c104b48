using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using KlingProxy.Ids;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Watching;

using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Reading;

/// <summary>The events of a job, as they come: ends with the job, or with this process, after which its reader comes back to whoever listens then.</summary>
internal sealed class WatchJob(IJobStore store, PatientReads reads, JobFeeds feeds, JobFollower follower, TimeProvider time, IOptions<JsonOptions> json)
    : IDisposable
{
    /// <summary>Proxies close what is silent for longer than about a minute; browsers notice a dead stream by its absence.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>Heartbeats of one job within so short a time are the same bytes.</summary>
    private static readonly TimeSpan MaxAgeOfBeat = TimeSpan.FromMilliseconds(250);

    private readonly SpreadTimer<LiveStream> beats = new(Heartbeat, time, stream => stream.KeepAlive());

    private readonly JsonTypeInfo<JobEventView> view = (JsonTypeInfo<JobEventView>)json.Value.SerializerOptions.GetTypeInfo(typeof(JobEventView));

    /// <param name="after">The sequence number of the last event that its reader has.</param>
    /// <param name="hungUp">Its reader has gone.</param>
    /// <returns>When all is said, or nobody listens.</returns>
    public Task Events(Job job, long after, PipeWriter to, CancellationToken hungUp) =>
        Serve(job.Id, new JobEventStream(this, after, to, hungUp), follower.Watch(job)); // apart: who is served for long holds no more than it needs

    public void Dispose() => beats.Dispose();

    private async Task Serve(JobId jobId, JobEventStream stream, IDisposable follow)
    {
        using (follow)
        using (beats.Add(stream))
        using (feeds.Join(jobId, stream))
            await stream.Served();
    }

    /// <summary>What is to be said of these events, up to an end: it may be corrected later, which is told to whoever comes again for it.</summary>
    private Told Tell(Job job, IReadOnlyList<JobEvent> events)
    {
        using var bytes = new MemoryStream();
        foreach (var happened in events.TakeWhile(happened => happened.Sequence <= job.Version)) // of a later one the job does not know yet
        {
            bytes.Write(Bytes("job", job, happened, string.Create(CultureInfo.InvariantCulture, $"\nid: {happened.Sequence}")));
            if (happened.Status.IsFinal)
                return new Told(bytes.ToArray(), happened.Sequence, IsEnd: true);
        }
        return new Told(bytes.ToArray(), job.Version, IsEnd: false);
    }

    /// <returns><c>null</c> while the store does not answer.</returns>
    /// <exception cref="OperationCanceledException">Its reader has gone: nobody waits for a database that does not answer.</exception>
    private async Task<IReadOnlyList<JobEvent>?> Missed(JobId jobId, long after, CancellationToken hungUp) =>
        (await reads.Try(jobId, () => store.Events(jobId, after, hungUp).WaitAsync(hungUp)!, hungUp)).Found;

    private DateTimeOffset Moment()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % MaxAgeOfBeat.Ticks));
    }

    private byte[] Beat(Job job, DateTimeOffset at) => Bytes("heartbeat", job, new JobEvent(job.Version, job.Status, job.QueuePosition, at));

    private byte[] Bytes(string name, Job job, JobEvent happened, string id = "") =>
        Encoding.UTF8.GetBytes($"event: {name}\ndata: {JsonSerializer.Serialize(JobViews.Of(job, happened), view)}{id}\n\n");

    /// <param name="UpTo">The sequence number of the last event in it.</param>
    /// <param name="IsEnd">The stream ends with it.</param>
    private sealed record Told(byte[] Bytes, long UpTo, bool IsEnd);

    /// <summary>The form of what is the same for all.</summary>
    private readonly record struct Alike : IForm
    {
        public string? Address => null;
    }

    /// <summary>Its reader.</summary>
    private sealed class JobEventStream(WatchJob watch, long seen, PipeWriter to, CancellationToken hungUp) : LiveStream(to, hungUp)
    {
        private long seen = seen;
        private bool hasSpoken;

        protected override async ValueTask<bool> SayNews(JobFeed from)
        {
            if (from.Latest is not { } news)
                return true;
            if (seen >= news.Job.Version)
            {
                if (!news.Job.HasEnded && !hasSpoken)
                    SayBeat(from); // its reader learns that it is heard
                return !news.Job.HasEnded;
            }
            if (seen == news.After)
                return Say(news.In(default(Alike), (_, its) => watch.Tell(its.Job, its.Events)));
            // What it lacks it reads for itself: it came late, or was slow.
            if (await watch.Missed(from.JobId, seen, HungUp) is { } missed)
                return Say(watch.Tell(news.Job, missed));
            from.Unread();
            return true;
        }

        protected override void SayBeat(JobFeed? from)
        {
            SayWhenToComeBack();
            Write(from?.Latest is { } news ? news.Lately(watch.Moment(), (at, its) => watch.Beat(its.Job, at)) : ": \n\n"u8);
        }

        protected override void SayEnd(JobFeed? from)
        {
            hasSpoken = false; // it is said with the last word, too: a restart breaks all streams at once
            SayBeat(from);
        }

        private bool Say(Told told)
        {
            SayWhenToComeBack();
            Write(told.Bytes);
            seen = told.UpTo;
            return !told.IsEnd;
        }

        /// <summary>With the first word, too: a process that dies says no last one.</summary>
        private void SayWhenToComeBack()
        {
            if (hasSpoken)
                return;
            hasSpoken = true;
            Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {EventStream.Retry.TotalMilliseconds}\n")));
        }
    }
}
